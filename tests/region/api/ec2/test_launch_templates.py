"""Launch templates and their versions through boto3."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import Parameter
from cotta.region.store.kinds import PARAMETERS
from tests.support.regions import refused

if TYPE_CHECKING:
    from cotta.region.model import Image
    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import RunningRegion

CONTENTS = {
    "ImageId": "ami-1",
    "InstanceType": "t3.micro",
    "UserData": "IyEvYmluL3NoCg==",
    "MetadataOptions": {"HttpTokens": "required"},
    "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20}}],
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
    "InstanceMarketOptions": {
        "MarketType": "spot",
        "SpotOptions": {"ValidUntil": datetime(2027, 1, 1, tzinfo=UTC)},
    },
}


def a_template(ec2: Any, *versions: dict[str, Any], name: str = "web") -> str:
    template = ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData=versions[0] if versions else CONTENTS
    )["LaunchTemplate"]
    for contents in versions[1:]:
        ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=contents)
    return str(template["LaunchTemplateId"])


def numbers(answer: Any) -> list[int]:
    return [version["VersionNumber"] for version in answer["LaunchTemplateVersions"]]


def test_a_template_says_what_it_was_told(ec2: Any) -> None:
    made = ec2.create_launch_template(
        LaunchTemplateName="web",
        VersionDescription="the first",
        LaunchTemplateData=CONTENTS,
        TagSpecifications=[
            {"ResourceType": "launch-template", "Tags": [{"Key": "team", "Value": "web"}]}
        ],
    )["LaunchTemplate"]

    (found,) = ec2.describe_launch_templates(LaunchTemplateNames=["web"])["LaunchTemplates"]
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=made["LaunchTemplateId"])[
        "LaunchTemplateVersions"
    ]
    assert found == made
    assert (found["DefaultVersionNumber"], found["LatestVersionNumber"]) == (1, 1)
    assert found["Tags"] == [{"Key": "team", "Value": "web"}]
    assert found["CreatedBy"].endswith(":root")
    assert version["LaunchTemplateData"] == CONTENTS
    assert version["VersionDescription"] == "the first"
    assert version["DefaultVersion"] is True


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("web", "InvalidLaunchTemplateName.AlreadyExistsException"),
        ("we", "InvalidLaunchTemplateName.MalformedException"),
        ("web server", "InvalidLaunchTemplateName.MalformedException"),
    ],
)
def test_names_that_can_not_be(ec2: Any, name: str, code: str) -> None:
    a_template(ec2)

    with refused(code):
        a_template(ec2, name=name)


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ({"UserData": "%%%"}, "InvalidUserData.Malformed"),
        ({"BlockDeviceMappings": [{"Ebs": {"VolumeSize": 1}}]}, "InvalidBlockDeviceMapping"),
        ({}, "MissingParameter"),
    ],
)
def test_contents_that_make_no_sense(ec2: Any, contents: dict[str, Any], code: str) -> None:
    with refused(code):
        a_template(ec2, contents)

    assert ec2.describe_launch_templates()["LaunchTemplates"] == []


def test_versions_count_up_and_can_build_on_one_another(ec2: Any) -> None:
    template = a_template(ec2, {"InstanceType": "t3.nano", "KeyName": "me"})

    second = ec2.create_launch_template_version(
        LaunchTemplateId=template,
        SourceVersion="1",
        LaunchTemplateData={"InstanceType": "t3.micro"},
    )["LaunchTemplateVersion"]
    third = ec2.create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "t3.small"}
    )["LaunchTemplateVersion"]

    assert second["VersionNumber"] == 2
    assert second["LaunchTemplateData"] == {"InstanceType": "t3.micro", "KeyName": "me"}
    assert second["DefaultVersion"] is False
    assert third["LaunchTemplateData"] == {"InstanceType": "t3.small"}
    (found,) = ec2.describe_launch_templates()["LaunchTemplates"]
    assert (found["DefaultVersionNumber"], found["LatestVersionNumber"]) == (1, 3)
    with refused("InvalidLaunchTemplateId.VersionNotFound", "7"):
        ec2.create_launch_template_version(
            LaunchTemplateId=template, SourceVersion="7", LaunchTemplateData={"KeyName": "me"}
        )


def test_versions_are_described_the_latest_first(ec2: Any) -> None:
    template = a_template(ec2, *({"InstanceType": "t3.nano", "KeyName": str(n)} for n in range(12)))
    other = a_template(ec2, name="other")
    describe = ec2.describe_launch_template_versions

    assert numbers(describe(LaunchTemplateId=template)) == list(range(12, 0, -1))
    between = describe(LaunchTemplateId=template, MinVersion="3", MaxVersion="5")
    assert numbers(between) == [5, 4, 3]
    named = describe(LaunchTemplateId=template, Versions=["$Default", "2", "$Latest", "1"])
    assert numbers(named) == [12, 2, 1]
    latest = describe(Versions=["$Latest"])["LaunchTemplateVersions"]
    assert {one["LaunchTemplateId"]: one["VersionNumber"] for one in latest} == {
        template: 12,
        other: 1,
    }
    filters = [{"Name": "is-default-version", "Values": ["true"]}]
    assert numbers(describe(LaunchTemplateId=template, Filters=filters)) == [1]
    by_type = [{"Name": "instance-type", "Values": ["t3.n*"]}]
    assert len(numbers(describe(LaunchTemplateId=template, Filters=by_type))) == 12
    first = describe(LaunchTemplateId=template, MaxResults=5)
    second = describe(LaunchTemplateId=template, MaxResults=5, NextToken=first["NextToken"])
    assert numbers(first) + numbers(second) == list(range(12, 2, -1))


def test_versions_that_are_not_there(ec2: Any) -> None:
    template = a_template(ec2)
    describe = ec2.describe_launch_template_versions

    with refused("InvalidLaunchTemplateId.VersionNotFound", "2"):
        describe(LaunchTemplateId=template, Versions=["2"])
    with refused("InvalidLaunchTemplateId.VersionMalformed", "second"):
        describe(LaunchTemplateId=template, Versions=["second"])
    with refused("InvalidParameterValue", "MinVersion"):
        describe(LaunchTemplateId=template, MinVersion="first")
    with refused("MissingParameter"):
        describe()
    with refused("InvalidLaunchTemplateId.NotFound", "lt-0"):
        ec2.describe_launch_templates(LaunchTemplateIds=["lt-0"])
    with refused("InvalidLaunchTemplateName.NotFoundException", "data"):
        ec2.describe_launch_templates(LaunchTemplateNames=["data"])


def test_the_default_version_is_chosen(ec2: Any) -> None:
    template = a_template(ec2, {"KeyName": "a"}, {"KeyName": "b"})

    changed = ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")

    assert changed["LaunchTemplate"]["DefaultVersionNumber"] == 2
    with refused("InvalidLaunchTemplateId.VersionNotFound"):
        ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="3")


def test_versions_are_deleted_each_that_can_be(ec2: Any) -> None:
    template = a_template(ec2, {"KeyName": "a"}, {"KeyName": "b"}, {"KeyName": "c"})

    answer = ec2.delete_launch_template_versions(
        LaunchTemplateId=template, Versions=["1", "3", "9"]
    )

    deleted = answer["SuccessfullyDeletedLaunchTemplateVersions"]
    left = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert [one["VersionNumber"] for one in deleted] == [3]
    assert {one["VersionNumber"]: one["ResponseError"]["Code"] for one in left} == {
        1: "unexpectedError",
        9: "launchTemplateVersionDoesNotExist",
    }
    (found,) = ec2.describe_launch_templates()["LaunchTemplates"]
    assert found["LatestVersionNumber"] == 2
    made = ec2.create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"KeyName": "d"}
    )
    assert made["LaunchTemplateVersion"]["VersionNumber"] == 4


def test_a_deleted_template_is_gone_with_its_versions(ec2: Any, fleet: Fleet) -> None:
    template = a_template(ec2, {"ImageId": fleet.image.id, "InstanceType": "t3.micro"})
    instance = fleet.run(LaunchTemplate={"LaunchTemplateId": template})

    ec2.delete_launch_template(LaunchTemplateName="web")

    assert ec2.describe_launch_templates()["LaunchTemplates"] == []
    with refused("InvalidLaunchTemplateId.NotFound"):
        ec2.describe_launch_template_versions(LaunchTemplateId=template)
    with refused("InvalidLaunchTemplateId.NotFound"):
        ec2.delete_launch_template(LaunchTemplateId=template)
    tags = {tag["Key"]: tag["Value"] for tag in fleet.find(instance["InstanceId"])["Tags"]}
    assert tags == {
        "aws:ec2launchtemplate:id": template,
        "aws:ec2launchtemplate:version": "1",
    }


def test_aliases_of_images_are_resolved(region: RunningRegion, ec2: Any, image: Image) -> None:
    parameter = Parameter(
        name="/images/web",
        value=image.id,
        kind="String",
        version=1,
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    with region.store.write() as rows:
        rows.put(PARAMETERS, parameter)
    template = a_template(ec2, {"ImageId": "resolve:ssm:/images/web", "InstanceType": "t3.micro"})

    def image_of(**given: Any) -> str:
        answer = ec2.describe_launch_template_versions(LaunchTemplateId=template, **given)
        return str(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"])

    assert image_of() == "resolve:ssm:/images/web"
    assert image_of(ResolveAlias=True) == image.id
    run = ec2.run_instances(LaunchTemplate={"LaunchTemplateId": template}, MinCount=1, MaxCount=1)
    assert run["Instances"][0]["ImageId"] == image.id


def test_a_template_can_be_taken_from_an_instance(ec2: Any, fleet: Fleet) -> None:
    given: dict[str, Any] = {
        "InstanceType": "t3.small",
        "UserData": "echo",
        "MetadataOptions": {"HttpTokens": "required"},
        "DisableApiTermination": True,
    }
    instance = fleet.run(**given)

    contents = ec2.get_launch_template_data(InstanceId=instance["InstanceId"])["LaunchTemplateData"]

    assert contents["InstanceType"] == "t3.small"
    assert contents["DisableApiTermination"] is True
    assert contents["MetadataOptions"]["HttpTokens"] == "required"
    assert contents["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] == 8
    a_template(ec2, contents, name="taken")
    again = fleet.run(
        ImageId=contents["ImageId"],
        InstanceType=contents["InstanceType"],
        LaunchTemplate={"LaunchTemplateName": "taken"},
    )
    assert again["SubnetId"] == instance["SubnetId"]
    assert again["SecurityGroups"] == instance["SecurityGroups"]
