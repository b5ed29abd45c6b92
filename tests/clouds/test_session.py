"""Calls by name, against a region and against nothing."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from cotta.clouds.errors import CloudError
from cotta.clouds.session import Caller, Session
from cotta.clouds.which import Access, Cloud, Keys, Role
from tests.support.regions import RunningRegion, put_image, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.model import Image


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


def access(region: RunningRegion) -> Access:
    account = region.account
    return Access(
        cloud=Cloud.LOCAL,
        region="us-east-1",
        endpoint=region.endpoint,
        keys=Keys(account.access_key, account.secret_key),
        attempts=2,
    )


def image(region: RunningRegion, number: int) -> Image:
    return put_image(region.store, number=number, name=f"page-{number}", owner_id=region.account.id)


def test_an_answer_is_a_dictionary(region: RunningRegion) -> None:
    session = Session(access(region))

    answer = session.call("ec2", "DescribeVpcs", VpcIds=None)

    assert list(answer) == ["Vpcs"]
    assert answer["Vpcs"][0]["IsDefault"] is True


def test_pages_go_on_to_the_end(region: RunningRegion) -> None:
    names = {str(image(region, number).id) for number in range(1, 8)}
    session = Session(access(region))

    found = session.pages(
        "ec2", "DescribeImages", "Images", Owners=["self"], PaginationConfig={"PageSize": 5}
    )

    assert names <= {each["ImageId"] for each in found}


def test_what_has_no_pages_is_yielded_all_the_same(region: RunningRegion) -> None:
    found = list(Session(access(region)).pages("ec2", "DescribeRegions", "Regions"))

    assert "us-east-1" in {each["RegionName"] for each in found}


def test_the_caller_is_asked_once(region: RunningRegion) -> None:
    session = Session(access(region))

    caller = session.caller()

    assert caller.account == region.account.id
    assert session.caller() is caller
    assert isinstance(caller, Caller)


def test_a_refusal_has_the_services_own_code(region: RunningRegion) -> None:
    with pytest.raises(CloudError) as refused:
        Session(access(region)).call("ec2", "DescribeImages", ImageIds=["ami-0123456789abcdef0"])

    assert refused.value.code == "InvalidAMIID.NotFound"
    assert refused.value.is_missing
    assert refused.value.action == "ec2:DescribeImages"


def test_bad_keys_are_told_apart(region: RunningRegion) -> None:
    wrong = Access(
        cloud=Cloud.LOCAL, region="us-east-1", endpoint=region.endpoint, keys=Keys("AKIA", "x")
    )

    with pytest.raises(CloudError) as refused:
        Session(wrong).call("ec2", "DescribeVpcs")

    assert refused.value.is_unauthenticated
    assert "-cloud=local" in refused.value.advice


def test_no_answer_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = Access(
        cloud=Cloud.LOCAL,
        region="us-east-1",
        endpoint=f"http://127.0.0.1:{port}",
        keys=Keys("AKIA", "x"),
        attempts=1,
    )

    with pytest.raises(CloudError) as refused:
        Session(nobody).call("ec2", "DescribeVpcs")

    assert refused.value.is_unanswered


def test_a_page_in_the_place_of_an_answer_is_told_apart() -> None:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(502)
            self.end_headers()
            self.wfile.write(b"<!doctype html>\n<html lang=en><h1>Bad Gateway</h1>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        proxied = Access(
            cloud=Cloud.LOCAL,
            region="us-east-1",
            endpoint=f"http://127.0.0.1:{server.server_port}",
            keys=Keys("AKIA", "x"),
            attempts=1,
        )

        with pytest.raises(CloudError) as refused:
            Session(proxied).call("ec2", "DescribeVpcs")
        server.shutdown()

    # Whoever sent it, the call may have been carried out.
    assert refused.value.is_unanswered
    assert "what came is no answer" in str(refused.value)


def test_a_parameter_that_no_operation_has_is_a_mistake_of_ours(region: RunningRegion) -> None:
    with pytest.raises(CloudError, match="Unknown parameter"):
        Session(access(region)).call("ec2", "DescribeVpcs", Vpc=["vpc-1"])


def test_the_local_cloud_hears_nothing_of_the_environment(
    region: RunningRegion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    session = Session(access(region))

    assert session.caller().account == region.account.id
    assert session.region == "us-east-1"
    assert session.endpoint("ec2") == region.endpoint


def test_the_standard_chain_hears_the_environment(
    region: RunningRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", region.account.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", region.account.secret_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL", region.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    session = Session(Access(cloud=Cloud.AWS))

    assert session.caller().account == region.account.id
    assert session.region == "eu-central-1"
    assert session.partition() == "aws"


def test_no_region_is_a_mistake_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    with pytest.raises(CloudError, match="no region is named"):
        Session(Access(cloud=Cloud.AWS)).call("ec2", "DescribeVpcs")


def test_a_profile_that_is_not_there_is_a_mistake_too() -> None:
    with pytest.raises(CloudError, match="nobodys"):
        Session(Access(cloud=Cloud.AWS, profile="nobodys")).call("ec2", "DescribeVpcs")


def test_a_role_is_assumed(region: RunningRegion) -> None:
    region.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=_TRUST)
    arn = f"arn:aws:iam::{region.account.id}:role/deployer"
    plain = access(region)
    session = Session(
        Access(
            cloud=plain.cloud,
            region=plain.region,
            endpoint=plain.endpoint,
            keys=plain.keys,
            roles=(Role(arn=arn, session_name="tests"),),
        )
    )

    assert session.caller().arn.endswith(":assumed-role/deployer/tests")


_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"AWS": "*"}}]}'
)


def test_regions_are_known_without_asking(region: RunningRegion) -> None:
    regions = {each.name: each for each in Session(access(region)).regions()}

    assert regions["eu-west-1"].description == "Europe (Ireland)"
    assert regions["eu-west-1"].endpoint("ec2") == "ec2.eu-west-1.amazonaws.com"
    assert regions["cn-north-1"].partition == "aws-cn"
