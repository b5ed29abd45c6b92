"""Requests as no client library makes them: refused with a code, and none breaks a handler."""

from __future__ import annotations

import contextlib
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from cotta.region.api.dispatch import Api
from cotta.region.api.services import SERVICES
from cotta.region.wire.http import Request
from cotta.region.wire.signatures import Scope, sign
from cotta.system.clock import FixedClock
from cotta.system.ids import RandomIds
from tests.support.regions import fresh_store, put_image, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cotta.region.wire.http import Response
    from tests.support.regions import RunningRegion

    Send = Callable[..., Response]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
STAMP = "20261125T120000Z"


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """Give what signs a request to a region with one image, and returns the answer."""
    store, account = fresh_store(tmp_path)
    put_image(store, owner_id=account.id)
    api = Api(store, SERVICES, clock=FixedClock(NOON), ids=RandomIds())

    def send(service: str, body: bytes, signature: str | None = None, **headers: str) -> Response:
        scope = Scope(
            access_key=account.access_key,
            date=STAMP[:8],
            region="us-east-1",
            service=service,
            signed_headers=("host", "x-amz-date"),
            signature="",
        )
        given = {"host": "x", "x-amz-date": STAMP}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(method="POST", target="/", headers=given, body=body, peer="127.0.0.1")
        signature = signature or sign(request, scope, account.secret_key, STAMP)
        given["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={account.access_key}/{scope.credential}, "
            f"SignedHeaders=host;x-amz-date, Signature={signature}"
        )
        return api.handle(request)

    return send


def form(action: str, version: str = "2016-11-15", **parameters: str) -> bytes:
    pairs = {"Action": action, "Version": version, **parameters}
    return "&".join(f"{name}={quote(value)}" for name, value in pairs.items()).encode()


@pytest.mark.parametrize(
    "time", ["1e18", "-1e300", "nan", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_times_that_no_calendar_has(send: Send, time: str) -> None:
    answer = send("ec2", form("EnableImageDeprecation", ImageId=f"ami-{1:017x}", DeprecateAt=time))

    assert answer.status == 400
    assert b"<Code>InvalidParameterValue</Code>" in answer.body


@pytest.mark.parametrize("most", ["0", "-1", "-9223372036854775808"])
def test_pages_of_nothing(send: Send, most: str) -> None:
    answer = send("ec2", form("DescribeImages", MaxResults=most))

    assert answer.status == 400
    assert f"Value ( {most} ) for parameter MaxResults is invalid".encode() in answer.body


@pytest.mark.parametrize(
    "body", [rb'{"Names": ["\ud800"]}', b'{"Names": ' + b"[" * 5000, b"\xff{}"]
)
def test_documents_that_are_none(send: Send, body: bytes) -> None:
    answer = send("ssm", body, x_amz_target="AmazonSSM.GetParameters")

    assert answer.status == 400
    assert b"SerializationException" in answer.body


# Digits of another script; more of them than Python reads.
NO_NUMBERS = ["\N{ARABIC-INDIC DIGIT SIX}", "5" * 5000, "\N{SUPERSCRIPT TWO}"]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_numbers_that_no_firewall_or_balancer_could_read(
    region: RunningRegion, number: str
) -> None:
    ec2, elbv2 = region.client("ec2"), region.client("elbv2")
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    target_group = {"Name": "web", "Port": 80, "Protocol": "HTTP", "VpcId": group["VpcId"]}

    with refused("InvalidParameterValue"):
        permission = {"IpProtocol": number, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[permission])
    with refused("ValidationError"):
        elbv2.create_target_group(**target_group, HealthCheckPort=number)
    with refused("ValidationError"):
        elbv2.create_target_group(**target_group, Matcher={"HttpCode": f"20{number}"})


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_numbers_that_nothing_has(region: RunningRegion, number: str) -> None:
    ec2, elbv2 = region.client("ec2"), region.client("elbv2")
    contents = {"InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=contents)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elbv2.create_target_group(Name="web", Port=80, Protocol="HTTP", VpcId=vpc)

    with refused("InvalidLaunchTemplateId.VersionMalformed"):
        ec2.run_instances(
            LaunchTemplate={"LaunchTemplateName": "web", "Version": number}, MinCount=1, MaxCount=1
        )
    with refused("InvalidParameterValue"):
        ec2.describe_launch_template_versions(LaunchTemplateName="web", MinVersion=number)
    with refused("ValidationError"):
        elbv2.modify_target_group_attributes(
            TargetGroupArn=group["TargetGroups"][0]["TargetGroupArn"],
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": number}],
        )


@pytest.mark.parametrize("name", ["a,b", "a)", 'a"', "a b", "a\n", "a\t", "AWSALB-1", "€"])
def test_cookies_that_no_balancer_could_read(region: RunningRegion, name: str) -> None:
    elbv2 = region.client("elbv2")
    vpc = region.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elbv2.create_target_group(Name="web", Port=80, Protocol="HTTP", VpcId=vpc)

    with refused("ValidationError", "It may be the name of a cookie"):
        elbv2.modify_target_group_attributes(
            TargetGroupArn=group["TargetGroups"][0]["TargetGroupArn"],
            Attributes=[{"Key": "stickiness.app_cookie.cookie_name", "Value": name}],
        )


def test_characters_that_no_answer_can_have(send: Send) -> None:
    answer = send("ec2", form("CreateTags", **{"Tag.1.Key": "a\0b"}))

    assert answer.status == 400
    assert b"a character with the code 0" in answer.body


def test_more_parameters_than_anything_has(send: Send) -> None:
    answer = send("ec2", form("DescribeImages") + b"&a=b" * 20_001)

    assert answer.status == 400
    assert b"more than 20000 parameters" in answer.body


def test_policies_without_a_bottom(send: Send) -> None:
    document = form("CreatePolicy", "2010-05-08", PolicyName="x", PolicyDocument="[" * 2000)

    answer = send("iam", document)

    assert b"<Code>MalformedPolicyDocument</Code>" in answer.body


def test_signatures_of_other_letters(send: Send) -> None:
    answer = send("ec2", form("DescribeImages"), "\xe4" * 64)

    assert answer.status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in answer.body


def test_bodies_in_pieces_are_refused_and_never_taken_for_a_request(
    region: RunningRegion,
) -> None:
    address = region.endpoint.removeprefix("http://").split(":")
    pieces = b"11\r\nGET / HTTP/1.1\r\n\r\n0\r\n\r\n"
    with socket.create_connection((address[0], int(address[1])), timeout=10) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces
        )
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(4096):
                said += more

    assert said.startswith(b"HTTP/1.1 411 ")
    assert said.count(b"HTTP/1.1") == 1
