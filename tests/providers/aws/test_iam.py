"""Roles, their policies and instance profiles, against a region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.aws_faults import apply_through
from tests.support.fault_proxy import (
    Denied,
    DropAfter,
    DropBefore,
    Fault,
    ServerErrorAfter,
    Throttle,
    fault_proxy,
)
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRUST = """jsonencode({
  Version   = "2012-10-17"
  Statement = [{
    Effect    = "Allow"
    Action    = "sts:AssumeRole"
    Principal = { Service = "ec2.amazonaws.com" }
  }]
})"""

ALL = f"""
resource "aws_iam_role" "a" {{
  name_prefix        = "web-"
  assume_role_policy = {TRUST}
  tags               = {{ a = "b" }}
}}
resource "aws_iam_role_policy" "a" {{
  role   = aws_iam_role.a.id
  name   = "p"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }}]
  }})
}}
resource "aws_iam_instance_profile" "a" {{
  name = "web"
  role = aws_iam_role.a.name
}}
"""


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with running_region(tmp_path) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path / "work", access_to_region(region), monkeypatch)


def things(region: RunningRegion) -> dict[str, list[str]]:
    """Return the profiles and their roles, and the policies of the roles."""
    iam = region.client("iam")
    profiles = iam.list_instance_profiles()["InstanceProfiles"]
    roles = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["Path"] == "/"]
    return {
        "profiles": [f"{one['InstanceProfileName']}: {len(one['Roles'])}" for one in profiles],
        "policies": [
            name for one in roles for name in iam.list_role_policies(RoleName=one)["PolicyNames"]
        ],
        "roles": ["web-" if one.startswith("web-") else one for one in roles],
    }


WHOLE = {"profiles": ["web: 1"], "policies": ["p"], "roles": ["web-"]}
NOTHING: dict[str, list[str]] = {"profiles": [], "policies": [], "roles": []}


def test_a_role_with_policy_and_profile_is_made_and_taken_away(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(ALL)
    here.apply()
    here.assert_no_changes()
    assert things(region) == WHOLE

    here.run("destroy", "-auto-approve")

    assert things(region) == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DropAfter, DropBefore, ServerErrorAfter, Throttle])
@pytest.mark.parametrize(
    "operation",
    ["CreateRole", "PutRolePolicy", "CreateInstanceProfile", "AddRoleToInstanceProfile", "GetRole"],
)
def test_a_call_that_is_repeated_makes_nothing_twice(
    kind: type[Fault], operation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, _ = apply_through(kind(operation), ALL, things, tmp_path, monkeypatch)

    assert outcome.met == 1
    assert outcome.statuses == (0, 0, 0)
    assert (outcome.things, outcome.left) == (WHOLE, NOTHING)


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    ["CreateRole", "PutRolePolicy", "CreateInstanceProfile", "AddRoleToInstanceProfile"],
)
def test_a_call_whose_answers_are_all_lost_is_looked_after(
    operation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, _ = apply_through(DropAfter(operation, times=2), ALL, things, tmp_path, monkeypatch)

    assert outcome.met == 2
    assert outcome.statuses[1:] == (0, 0)
    assert (outcome.things, outcome.left) == (WHOLE, NOTHING)


def test_a_role_that_is_refused_half_way_is_in_the_state(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fault_proxy(region.endpoint, Denied("PutRolePolicy", times=9)) as proxy:
        access = replace(access_to_region(region), endpoint=proxy.endpoint)
        here = cotta_folder(tmp_path / "work", access, monkeypatch)
        here.write(
            f"""
            resource "aws_iam_role" "a" {{
              name               = "a"
              assume_role_policy = {TRUST}
              inline_policy {{
                name   = "p"
                policy = jsonencode({{ Version = "2012-10-17", Statement = [] }})
              }}
            }}
            """
        )

        ended = here.attempt("apply", "-auto-approve")

        assert ended.status == 1
        assert "iam:PutRolePolicy was refused. AccessDenied" in told(ended)
        assert "The caller needs the permission iam:PutRolePolicy." in told(ended)
        assert here.attributes("aws_iam_role.a")["id"] == "a"


def test_a_taken_name_stays_somebody_elses(here: CottaFolder, region: RunningRegion) -> None:
    region.client("iam").create_instance_profile(InstanceProfileName="web")
    here.write('resource "aws_iam_instance_profile" "a" {\n name = "web"\n}\n')

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "EntityAlreadyExists" in told(ended)
    assert region.client("iam").list_instance_profiles()["InstanceProfiles"] != []


def test_objects_are_imported_by_their_ids(here: CottaFolder) -> None:
    here.write(ALL)
    here.apply()
    role = here.attributes("aws_iam_role.a")["id"]
    (here.folder / "terraform.tfstate").unlink()

    here.run("import", "aws_iam_role.a", role)
    here.run("import", "aws_iam_role_policy.a", f"{role}:p")
    here.run("import", "aws_iam_instance_profile.a", "web")

    here.assert_no_changes()
    ended = here.attempt("import", "aws_iam_role_policy.b", "nothing")
    assert ended.status == 1


def test_what_is_gone_is_made_again(here: CottaFolder, region: RunningRegion) -> None:
    here.write(ALL)
    here.apply()
    iam = region.client("iam")
    role = here.attributes("aws_iam_role.a")["id"]
    iam.delete_role_policy(RoleName=role, PolicyName="p")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName=role)

    printed = here.apply()

    assert "1 added, 1 changed, 0 destroyed" in printed
    assert things(region) == WHOLE


def test_all_mistakes_are_told_before_anything_is_made(here: CottaFolder) -> None:
    here.write(
        """
        resource "aws_iam_role" "a" {
          name                 = "a b"
          name_prefix          = "c"
          assume_role_policy   = "{"
          max_session_duration = 10
          permissions_boundary = "mine"
        }
        resource "aws_iam_role_policy" "a" {
          role   = "arn:aws:iam::111122223333:role/a"
          policy = "[]"
        }
        resource "aws_iam_role_policy_attachment" "a" {
          role       = "a"
          policy_arn = "AdministratorAccess"
        }
        """
    )

    ended = here.attempt("validate")

    assert ended.status == 1
    said = told(ended)
    for words in (
        '"name" can have letters, digits and +=,.@-_ alone, and this is "a b"',
        'be set together with "name_prefix"',
        '"assume_role_policy" needs a policy as JSON',
        '"max_session_duration" needs a number between 3600 and 43200',
        '"permissions_boundary" needs an ARN',
        '"role" needs the name of a role, and this is an ARN',
        '"policy" needs a policy, which is a JSON object',
        '"policy_arn" needs an ARN',
    ):
        assert words in said
