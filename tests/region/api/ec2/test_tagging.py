"""Tags through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.regions import refused

if TYPE_CHECKING:
    from cotta.region.model import Image
    from tests.region.api.ec2.conftest import Fleet


def tags_of(ec2: Any, resource_id: str) -> dict[str, str]:
    filters = [{"Name": "resource-id", "Values": [resource_id]}]
    return {tag["Key"]: tag["Value"] for tag in ec2.describe_tags(Filters=filters)["Tags"]}


def test_things_of_every_kind_take_tags(ec2: Any, fleet: Fleet, image: Image) -> None:
    instance = fleet.run()
    key = ec2.create_key_pair(KeyName="mine", KeyType="ed25519")
    template = ec2.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.micro"}
    )["LaunchTemplate"]
    address = ec2.allocate_address()
    things = {
        instance["InstanceId"]: "instance",
        instance["NetworkInterfaces"][0]["NetworkInterfaceId"]: "network-interface",
        instance["SubnetId"]: "subnet",
        instance["VpcId"]: "vpc",
        instance["SecurityGroups"][0]["GroupId"]: "security-group",
        image.id: "image",
        image.devices[0].snapshot_id: "snapshot",
        key["KeyPairId"]: "key-pair",
        template["LaunchTemplateId"]: "launch-template",
        address["AllocationId"]: "elastic-ip",
        ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]: "route-table",
        ec2.describe_internet_gateways()["InternetGateways"][0][
            "InternetGatewayId"
        ]: "internet-gateway",
        ec2.describe_security_group_rules()["SecurityGroupRules"][0][
            "SecurityGroupRuleId"
        ]: "security-group-rule",
        ec2.describe_volumes()["Volumes"][0]["VolumeId"]: "volume",
    }

    ec2.create_tags(Resources=list(things), Tags=[{"Key": "team", "Value": "web"}])

    found = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["team"]}])["Tags"]
    assert {tag["ResourceId"]: tag["ResourceType"] for tag in found} == things
    assert {tag["Value"] for tag in found} == {"web"}


def test_tags_are_replaced_and_taken_off(ec2: Any, image: Image) -> None:
    ec2.create_tags(
        Resources=[image.id],
        Tags=[{"Key": key, "Value": key.upper()} for key in ("a", "b", "c", "d")],
    )
    ec2.create_tags(Resources=[image.id], Tags=[{"Key": "a", "Value": "new"}])

    ec2.delete_tags(
        Resources=[image.id],
        Tags=[{"Key": "b"}, {"Key": "c", "Value": "other"}, {"Key": "d", "Value": "D"}],
    )

    assert tags_of(ec2, image.id) == {"a": "new", "c": "C"}
    ec2.delete_tags(Resources=[image.id])
    assert tags_of(ec2, image.id) == {}


def test_tags_go_on_all_things_or_on_none(ec2: Any, image: Image) -> None:
    tags = [{"Key": "a", "Value": "b"}]

    with refused("InvalidInstanceID.NotFound"):
        ec2.create_tags(Resources=[image.id, "i-0"], Tags=tags)
    with refused("InvalidID", "thing-1"):
        ec2.create_tags(Resources=["thing-1"], Tags=tags)
    with refused("InvalidKeyPair.NotFound"):
        ec2.create_tags(Resources=["key-1"], Tags=tags)
    with refused("InvalidParameterValue", "aws:"):
        ec2.create_tags(Resources=[image.id], Tags=[{"Key": "aws:x", "Value": "y"}])
    with refused("TagLimitExceeded"):
        many = [{"Key": str(number), "Value": ""} for number in range(51)]
        ec2.create_tags(Resources=[image.id], Tags=many)

    assert tags_of(ec2, image.id) == {}


def test_tags_come_in_pages(ec2: Any, image: Image) -> None:
    tags = [{"Key": f"{number:02}", "Value": ""} for number in range(12)]
    ec2.create_tags(Resources=[image.id], Tags=tags)

    pages = list(ec2.get_paginator("describe_tags").paginate(PaginationConfig={"PageSize": 5}))

    assert [len(page["Tags"]) for page in pages] == [5, 5, 2]
    assert [tag["Key"] for page in pages for tag in page["Tags"]] == [tag["Key"] for tag in tags]
    with refused("InvalidParameterValue", "token"):
        ec2.describe_tags(NextToken="mine")
