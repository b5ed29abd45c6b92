"""Instances through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.regions import put_image, refused

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion


def test_instances_are_run_described_and_terminated(region: RunningRegion) -> None:
    image = put_image(region.store)
    ec2 = region.client("ec2", "eu-west-1")

    run = ec2.run_instances(
        ImageId=image.id,
        InstanceType="t3.micro",
        MinCount=2,
        MaxCount=2,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )
    ids = sorted(one["InstanceId"] for one in run["Instances"])
    (reservation,) = ec2.describe_instances(
        Filters=[
            {"Name": "tag:Name", "Values": ["web"]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
    )["Reservations"]
    gone = ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"]

    assert reservation["ReservationId"] == run["ReservationId"]
    assert [one["InstanceId"] for one in reservation["Instances"]] == ids
    first = reservation["Instances"][0]
    assert first["State"] == {"Code": 0, "Name": "pending"}
    assert first["Placement"]["AvailabilityZone"] == "eu-west-1a"
    assert first["Placement"]["AvailabilityZoneId"] == "euw1-az1"
    assert first["SecurityGroups"][0]["GroupName"] == "default"
    assert first["PrivateDnsName"].endswith(".eu-west-1.compute.internal")
    assert first["NetworkInterfaces"][0]["PrivateIpAddress"] == first["PrivateIpAddress"]
    assert [one["CurrentState"]["Name"] for one in gone] == ["shutting-down", "shutting-down"]
    assert [one["PreviousState"]["Name"] for one in gone] == ["pending", "pending"]


def test_a_protected_instance_keeps_all_of_the_request_alive(region: RunningRegion) -> None:
    image = put_image(region.store)
    ec2 = region.client("ec2")
    run = {"ImageId": image.id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    (plain,) = ec2.run_instances(**run)["Instances"]
    (protected,) = ec2.run_instances(**run, DisableApiTermination=True)["Instances"]

    with refused("OperationNotPermitted", "disableApiTermination"):
        ec2.terminate_instances(InstanceIds=[plain["InstanceId"], protected["InstanceId"]])

    states = [
        instance["State"]["Name"]
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
    ]
    assert states == ["pending", "pending"]


@pytest.mark.parametrize(
    ("instance_id", "code"),
    [("i-0", "InvalidInstanceID.NotFound"), ("web", "InvalidInstanceID.Malformed")],
)
def test_instances_that_are_not_there(region: RunningRegion, instance_id: str, code: str) -> None:
    with refused(code, instance_id):
        region.client("ec2").describe_instances(InstanceIds=[instance_id])
    with refused(code, instance_id):
        region.client("ec2").terminate_instances(InstanceIds=[instance_id])


def test_a_client_token_starts_instances_once(region: RunningRegion) -> None:
    image = put_image(region.store)
    ec2 = region.client("ec2")
    run = {"ImageId": image.id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}

    answers = [ec2.run_instances(**run, ClientToken="once") for _ in range(2)]

    assert answers[0]["Instances"][0]["InstanceId"] == answers[1]["Instances"][0]["InstanceId"]
    assert len(ec2.describe_instances()["Reservations"]) == 1
    with refused("IdempotentParameterMismatch"):
        ec2.run_instances(**{**run, "MaxCount": 2}, ClientToken="once")
    with refused("DryRunOperation"):
        ec2.run_instances(**run, DryRun=True)
    assert len(ec2.describe_instances()["Reservations"]) == 1
