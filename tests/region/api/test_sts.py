"""Who calls, and credentials for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.store.kinds import SESSIONS
from tests.region.api.iam.test_iam import TRUST
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion


def client_with(region: RunningRegion, service: str, credentials: dict[str, str]) -> Any:
    return region.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def a_role(region: RunningRegion) -> dict[str, Any]:
    made = region.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
    role: dict[str, Any] = made["Role"]
    return role


def test_assumed_role_is_who_calls(region: RunningRegion) -> None:
    role = a_role(region)

    taken = region.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")

    arn = f"arn:aws:sts::{region.account.id}:assumed-role/web/me"
    assert taken["AssumedRoleUser"] == {"AssumedRoleId": f"{role['RoleId']}:me", "Arn": arn}
    assert taken["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert len(taken["Credentials"]["AccessKeyId"]) == 20
    identity = client_with(region, "sts", taken["Credentials"]).get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (arn, region.account.id)
    with refused("ValidationError", "userName"):
        client_with(region, "iam", taken["Credentials"]).get_user()
    with refused("AccessDenied"):
        client_with(region, "sts", taken["Credentials"]).get_session_token()


def test_session_token_is_the_same_caller(region: RunningRegion) -> None:
    sts = region.client("sts")

    credentials = sts.get_session_token()["Credentials"]

    other = client_with(region, "sts", credentials)
    assert other.get_caller_identity()["Arn"] == sts.get_caller_identity()["Arn"]
    key = credentials["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == region.account.id


def test_credentials_end_and_are_forgotten(region: RunningRegion) -> None:
    sts = region.client("sts")
    credentials = sts.get_session_token(DurationSeconds=900)["Credentials"]
    with region.store.write() as rows:
        (session,) = rows.all(SESSIONS)
        ended = replace(session, expires_at=session.expires_at - timedelta(hours=5))
        rows.put(SESSIONS, ended)

    with refused("ExpiredToken"):
        client_with(region, "sts", credentials).get_caller_identity()

    sts.get_session_token()
    with region.store.read() as rows:
        assert ended.access_key not in [one.access_key for one in rows.all(SESSIONS)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"RoleArn": "arn:aws:iam::111122223333:role/web"}, "AccessDenied"),
        ({"RoleArn": "arn:aws:iam::111122223333:user/web"}, "ValidationError"),
        ({"RoleSessionName": "two words"}, "ValidationError"),
        ({"DurationSeconds": 43200}, "ValidationError"),
    ],
)
def test_roles_are_not_given_for_anything(
    region: RunningRegion, changes: dict[str, Any], code: str
) -> None:
    role = a_role(region)
    given = {"RoleArn": role["Arn"], "RoleSessionName": "me", **changes}

    with refused(code):
        region.client("sts").assume_role(**given)


def test_what_is_none_of_this_regions(region: RunningRegion) -> None:
    sts = region.client("sts")

    with refused("InvalidAuthorizationMessageException"):
        sts.decode_authorization_message(EncodedMessage="x")
    with refused("ValidationError"):
        sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
