"""How requests get to their operations, and how they don't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from cotta.region.model import Parameter
from cotta.region.store.kinds import PARAMETERS
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion


def test_one_operation_of_each_protocol_answers(region: RunningRegion) -> None:
    with region.store.write() as rows:
        rows.put(
            PARAMETERS,
            Parameter(
                name="/a/b",
                value="c",
                kind="String",
                version=1,
                modified_at=datetime(2026, 1, 1, tzinfo=UTC),
            ),
        )

    vpcs = region.client("ec2").describe_vpcs()["Vpcs"]
    identity = region.client("sts").get_caller_identity()
    parameter = region.client("ssm", "eu-west-3").get_parameter(Name="/a/b")["Parameter"]

    assert [(vpc["CidrBlock"], vpc["IsDefault"]) for vpc in vpcs] == [("172.31.0.0/16", True)]
    assert identity["Arn"] == f"arn:aws:iam::{region.account.id}:root"
    assert parameter == {
        "Name": "/a/b",
        "Value": "c",
        "Type": "String",
        "Version": 1,
        "LastModifiedDate": datetime(2026, 1, 1, tzinfo=UTC),
        "ARN": f"arn:aws:ssm:eu-west-3:{region.account.id}:parameter/a/b",
        "DataType": "text",
    }


def test_wrong_credentials_are_refused(region: RunningRegion) -> None:
    with refused("AuthFailure", "cotta region env"):
        region.client("ec2", aws_access_key_id="AKIANOBODY").describe_vpcs()
    with refused("SignatureDoesNotMatch"):
        region.client("ec2", aws_secret_access_key="guessed").describe_vpcs()
    with refused("SignatureDoesNotMatch"):
        region.client("ssm", aws_secret_access_key="guessed").get_parameter(Name="x")


def test_a_request_without_a_signature_is_refused(region: RunningRegion) -> None:
    request = AWSRequest("POST", region.endpoint, data=b"Action=DescribeVpcs").prepare()

    response = URLLib3Session().send(request)

    assert response.status_code == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in response.content


def test_what_the_region_does_not_provide_is_refused_by_name(region: RunningRegion) -> None:
    with refused("UnsupportedOperation", "ec2:CreateCapacityReservation"):
        region.client("ec2").create_capacity_reservation(
            InstanceType="t3.micro",
            InstancePlatform="Linux/UNIX",
            InstanceCount=1,
            AvailabilityZone="us-east-1a",
        )
    with refused("UnknownOperationException", "ssm:SendCommand"):
        region.client("ssm").send_command(DocumentName="x")
    with refused("UnsupportedOperation", "no service 'dynamodb'"):
        region.client("dynamodb").list_tables()


def test_filters_are_checked_by_name_and_take_globs(region: RunningRegion) -> None:
    ec2 = region.client("ec2")

    def found(name: str, *values: str) -> int:
        filters = [{"Name": name, "Values": list(values)}]
        return len(ec2.describe_vpcs(Filters=filters)["Vpcs"])

    assert found("cidr", "172.31.*") == 1
    assert found("cidr", "10.*", "172.3?.0.0/16") == 1
    assert found("cidr", "172.31.\\*") == 0
    assert found("is-default", "true") == 1
    assert found("tag:Name", "*") == 0
    with refused("InvalidParameterValue", "'colour'", "is-default"):
        found("colour", "red")


def test_ids_that_nothing_has_are_named(region: RunningRegion) -> None:
    with refused("InvalidVpcID.NotFound", "vpc-1, vpc-2"):
        region.client("ec2").describe_vpcs(VpcIds=["vpc-1", "vpc-2"])


def test_a_dry_run_says_that_it_would_have_succeeded(region: RunningRegion) -> None:
    with refused("DryRunOperation"):
        region.client("ec2").describe_vpcs(DryRun=True)
    with refused("InvalidVpcID.NotFound"):
        region.client("ec2").describe_vpcs(DryRun=True, VpcIds=["vpc-1"])


@pytest.mark.parametrize("hours", [1, -1])
def test_an_old_signature_is_refused(region: RunningRegion, hours: int) -> None:
    from botocore.auth import SigV4Auth
    from botocore.credentials import Credentials

    credentials = Credentials(region.account.access_key, region.account.secret_key)
    request = AWSRequest("POST", region.endpoint, data=b"Action=DescribeVpcs")
    then = datetime.now(UTC) + timedelta(hours=hours)
    auth = SigV4Auth(credentials, "ec2", "us-east-1")
    request.context["timestamp"] = then.strftime("%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    signature = auth.signature(
        auth.string_to_sign(request, auth.canonical_request(request)), request
    )
    auth._inject_signature_to_request(request, signature)

    response = URLLib3Session().send(request.prepare())

    assert b"<Code>RequestExpired</Code>" in response.content
