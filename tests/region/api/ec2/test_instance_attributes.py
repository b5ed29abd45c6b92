"""What can be changed of an instance, through boto3."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import InstanceProfile, InstanceState
from cotta.region.store.kinds import INSTANCE_PROFILES
from tests.support.regions import refused, running_region

if TYPE_CHECKING:
    from pathlib import Path

    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import RunningRegion

STOPPED, RUNNING = InstanceState.STOPPED, InstanceState.RUNNING


@pytest.mark.parametrize(
    ("attribute", "member", "value"),
    [
        ("disableApiTermination", "DisableApiTermination", {"Value": False}),
        ("disableApiStop", "DisableApiStop", {"Value": False}),
        ("ebsOptimized", "EbsOptimized", {"Value": False}),
        ("enaSupport", "EnaSupport", {"Value": True}),
        ("enclaveOptions", "EnclaveOptions", {"Enabled": False}),
        (
            "instanceInitiatedShutdownBehavior",
            "InstanceInitiatedShutdownBehavior",
            {"Value": "stop"},
        ),
        ("instanceType", "InstanceType", {"Value": "t3.micro"}),
        ("rootDeviceName", "RootDeviceName", {"Value": "/dev/sda1"}),
        ("sourceDestCheck", "SourceDestCheck", {"Value": True}),
        ("sriovNetSupport", "SriovNetSupport", {"Value": "simple"}),
        ("productCodes", "ProductCodes", []),
        ("kernel", "KernelId", {}),
        ("ramdisk", "RamdiskId", {}),
    ],
)
def test_attributes_are_described(
    ec2: Any, fleet: Fleet, attribute: str, member: str, value: Any
) -> None:
    instance_id = fleet.run()["InstanceId"]

    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=attribute)

    assert answer["InstanceId"] == instance_id
    assert answer[member] == value


@pytest.mark.parametrize(
    ("state", "change", "attribute", "shown"),
    [
        (RUNNING, {"DisableApiTermination": {"Value": True}}, "disableApiTermination", True),
        (RUNNING, {"DisableApiStop": {"Value": True}}, "disableApiStop", True),
        (
            RUNNING,
            {"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}},
            "instanceInitiatedShutdownBehavior",
            "terminate",
        ),
        (RUNNING, {"SourceDestCheck": {"Value": False}}, "sourceDestCheck", False),
        (STOPPED, {"InstanceType": {"Value": "m5.large"}}, "instanceType", "m5.large"),
        (STOPPED, {"Attribute": "instanceType", "Value": "c5.large"}, "instanceType", "c5.large"),
        (STOPPED, {"UserData": {"Value": b"echo hi"}}, "userData", "ZWNobyBoaQ=="),
        (STOPPED, {"EnaSupport": {"Value": False}}, "enaSupport", False),
        (STOPPED, {"EbsOptimized": {"Value": True}}, "ebsOptimized", True),
        (
            RUNNING,
            {"Attribute": "disableApiTermination", "Value": "true"},
            "disableApiTermination",
            True,
        ),
    ],
)
def test_attributes_are_changed(
    ec2: Any, fleet: Fleet, state: InstanceState, change: Any, attribute: str, shown: Any
) -> None:
    instance_id = fleet.run(state)["InstanceId"]

    ec2.modify_instance_attribute(InstanceId=instance_id, **change)

    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=attribute)
    assert answer[attribute[0].upper() + attribute[1:]] == {"Value": shown}


@pytest.mark.parametrize(
    ("state", "change", "code", "words"),
    [
        (RUNNING, {"InstanceType": {"Value": "m5.large"}}, "IncorrectInstanceState", "stopped"),
        (RUNNING, {"UserData": {"Value": b"x"}}, "IncorrectInstanceState", "stopped"),
        (STOPPED, {"InstanceType": {"Value": "z9.huge"}}, "Unsupported", "z9.huge"),
        (
            RUNNING,
            {"InstanceInitiatedShutdownBehavior": {"Value": "explode"}},
            "InvalidParameterValue",
            "explode",
        ),
        (RUNNING, {"Groups": ["sg-0"]}, "InvalidGroup.NotFound", "sg-0"),
        (
            RUNNING,
            {"BlockDeviceMappings": [{"DeviceName": "/dev/sdz", "Ebs": {}}]},
            "InvalidInstanceAttributeValue",
            "/dev/sdz",
        ),
        (RUNNING, {}, "InvalidParameterCombination", "No attributes"),
        (RUNNING, {"Attribute": "kernel", "Value": "x"}, "InvalidParameterValue", "userData"),
    ],
)
def test_changes_that_can_not_be(
    ec2: Any, fleet: Fleet, state: InstanceState, change: Any, code: str, words: str
) -> None:
    instance_id = fleet.run(state)["InstanceId"]
    before = fleet.find(instance_id)

    with refused(code, words):
        ec2.modify_instance_attribute(InstanceId=instance_id, **change)

    assert fleet.find(instance_id) == before


def test_groups_change_on_the_interface_too(ec2: Any, fleet: Fleet) -> None:
    instance = fleet.run()
    group = ec2.create_security_group(GroupName="web", Description="x")["GroupId"]

    ec2.modify_instance_attribute(InstanceId=instance["InstanceId"], Groups=[group])

    shown = fleet.find(instance["InstanceId"])
    assert [one["GroupId"] for one in shown["SecurityGroups"]] == [group]
    assert [one["GroupId"] for one in shown["NetworkInterfaces"][0]["Groups"]] == [group]
    attribute = ec2.describe_instance_attribute(
        InstanceId=instance["InstanceId"], Attribute="groupSet"
    )
    assert [one["GroupName"] for one in attribute["Groups"]] == ["web"]


def test_a_volume_can_be_made_to_outlive_its_instance(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]
    mapping = {"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}

    ec2.modify_instance_attribute(InstanceId=instance_id, BlockDeviceMappings=[mapping])

    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="blockDeviceMapping")
    assert answer["BlockDeviceMappings"][0]["Ebs"]["DeleteOnTermination"] is False
    (volume,) = ec2.describe_volumes()["Volumes"]
    assert volume["Attachments"][0]["DeleteOnTermination"] is False


def test_the_check_of_addresses_is_reset(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]
    ec2.modify_instance_attribute(InstanceId=instance_id, SourceDestCheck={"Value": False})

    ec2.reset_instance_attribute(InstanceId=instance_id, Attribute="sourceDestCheck")

    assert fleet.find(instance_id)["SourceDestCheck"] is True
    assert fleet.find(instance_id)["NetworkInterfaces"][0]["SourceDestCheck"] is True
    with refused("InvalidParameterValue", "kernel"):
        ec2.reset_instance_attribute(InstanceId=instance_id, Attribute="kernel")


def test_metadata_options_change_one_by_one(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]

    answer = ec2.modify_instance_metadata_options(
        InstanceId=instance_id, HttpTokens="required", HttpPutResponseHopLimit=3
    )

    assert answer["InstanceMetadataOptions"] == {
        "State": "applied",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 3,
        "HttpEndpoint": "enabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "disabled",
    }
    assert fleet.find(instance_id)["MetadataOptions"] == answer["InstanceMetadataOptions"]
    with refused("InvalidParameterValue", "65"):
        ec2.modify_instance_metadata_options(InstanceId=instance_id, HttpPutResponseHopLimit=65)


def test_credits_are_for_burstable_types(ec2: Any, fleet: Fleet) -> None:
    burstable = fleet.run()["InstanceId"]
    other = fleet.run(InstanceType="m5.large")["InstanceId"]
    wanted = [
        {"InstanceId": instance_id, "CpuCredits": "standard"}
        for instance_id in (burstable, other, "i-0")
    ]

    before = ec2.describe_instance_credit_specifications()["InstanceCreditSpecifications"]
    answer = ec2.modify_instance_credit_specification(InstanceCreditSpecifications=wanted)
    after = ec2.describe_instance_credit_specifications(InstanceIds=[burstable, other])

    assert before == [{"InstanceId": burstable, "CpuCredits": "unlimited"}]
    done = answer["SuccessfulInstanceCreditSpecifications"]
    left = answer["UnsuccessfulInstanceCreditSpecifications"]
    assert done == [{"InstanceId": burstable}]
    assert {one["InstanceId"]: one["Error"]["Code"] for one in left} == {
        other: "InstanceCreditSpecification.NotSupported",
        "i-0": "InvalidInstanceID.NotFound",
    }
    assert after["InstanceCreditSpecifications"] == [
        {"InstanceId": burstable, "CpuCredits": "standard"}
    ]
    with refused("InvalidParameterValue", "endless"):
        ec2.modify_instance_credit_specification(
            InstanceCreditSpecifications=[{"InstanceId": burstable, "CpuCredits": "endless"}]
        )


# --- profiles -----------------------------------------------------------------------------------


def put_profile(region: RunningRegion, name: str) -> str:
    arn = f"arn:aws:iam::{region.account.id}:instance-profile/{name}"
    profile = InstanceProfile(
        name=name, id=f"AIPA{name.upper()}", arn=arn, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    with region.store.write() as rows:
        rows.put(INSTANCE_PROFILES, profile)
    return arn


def test_a_profile_is_associated_replaced_and_taken_away(
    region: RunningRegion, ec2: Any, fleet: Fleet
) -> None:
    web, data = put_profile(region, "web"), put_profile(region, "data")
    instance_id = fleet.run()["InstanceId"]

    made = ec2.associate_iam_instance_profile(
        InstanceId=instance_id, IamInstanceProfile={"Name": "web"}
    )["IamInstanceProfileAssociation"]
    assert fleet.find(instance_id)["IamInstanceProfile"] == {"Arn": web, "Id": "AIPAWEB"}
    with refused("IncorrectState", instance_id):
        ec2.associate_iam_instance_profile(InstanceId=instance_id, IamInstanceProfile={"Arn": data})
    ec2.replace_iam_instance_profile_association(
        AssociationId=made["AssociationId"], IamInstanceProfile={"Arn": data}
    )
    (found,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [instance_id]}]
    )["IamInstanceProfileAssociations"]
    assert found["IamInstanceProfile"]["Arn"] == data
    assert found["State"] == "associated"
    ec2.disassociate_iam_instance_profile(AssociationId=found["AssociationId"])

    answer = ec2.describe_iam_instance_profile_associations()
    assert answer["IamInstanceProfileAssociations"] == []
    assert "IamInstanceProfile" not in fleet.find(instance_id)
    with refused("InvalidAssociationID.NotFound"):
        ec2.disassociate_iam_instance_profile(AssociationId=found["AssociationId"])


def test_profiles_that_are_not_there(region: RunningRegion, ec2: Any, fleet: Fleet) -> None:
    put_profile(region, "web")
    instance_id = fleet.run()["InstanceId"]

    for given in ({"Name": "app"}, {"Arn": "arn:aws:iam::1:instance-profile/web"}):
        with refused("InvalidParameterValue", "Profile"):
            ec2.associate_iam_instance_profile(InstanceId=instance_id, IamInstanceProfile=given)
    with refused("MissingParameter"):
        ec2.associate_iam_instance_profile(InstanceId=instance_id, IamInstanceProfile={})
    with refused("InvalidParameterValue", "(app)"):
        fleet.run(IamInstanceProfile={"Name": "app"})


# --- consoles -------------------------------------------------------------------------------------


def test_what_a_machine_says_is_read_from_it(tmp_path: Path) -> None:
    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import put_image

    said = b"[    0.000000] Linux\xff\n"
    with running_region(tmp_path, console=lambda instance: said + instance.encode()) as region:
        fleet = Fleet(region, put_image(region.store))
        instance_id = fleet.run()["InstanceId"]
        ec2 = region.client("ec2")

        answer = ec2.get_console_output(InstanceId=instance_id)

        assert answer["Output"] == f"[    0.000000] Linux\ufffd\n{instance_id}"
        with refused("InvalidInstanceID.NotFound"):
            ec2.get_console_output(InstanceId="i-0")
        with refused("DryRunOperation"):
            ec2.get_console_output(InstanceId=instance_id, DryRun=True)


def test_there_are_no_passwords(ec2: Any, fleet: Fleet) -> None:
    with refused("UnsupportedOperation", "SSH"):
        ec2.get_password_data(InstanceId=fleet.run()["InstanceId"])
