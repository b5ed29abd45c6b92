"""New instances as rows: what belongs to each, what is chosen, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.launching import (
    BY_REQUEST,
    LaunchRequest,
    launch,
    let_go,
    merge_template,
    read_launch,
    terminate,
)
from cotta.region.model import (
    ImageState,
    InstanceState,
    LaunchTemplate,
    LaunchTemplateId,
    LaunchTemplateVersion,
    SubnetId,
)
from cotta.region.store.kinds import (
    INSTANCES,
    LAUNCH_TEMPLATE_VERSIONS,
    LAUNCH_TEMPLATES,
    NETWORK_INTERFACES,
    SUBNETS,
    VOLUMES,
)
from cotta.region.wire.errors import ApiError
from cotta.system.ids import RandomIds
from tests.support.regions import fresh_store, put_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.model import Account, Instance
    from cotta.region.store.store import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class World:
    """A fresh region's rows, with one image."""

    def __init__(self, store: Store, account: Account) -> None:
        self.store = store
        self.account = account
        self.image = put_image(store)

    def launch(self, **wanted: Any) -> list[Instance]:
        request = LaunchRequest(
            **{"image_id": self.image.id, "instance_type": "t3.micro", **wanted}
        )
        with self.store.write() as rows:
            return launch(rows, request, now=NOON, ids=RandomIds(), account=self.account)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, account = fresh_store(tmp_path)
    yield World(store, account)
    store.close()


def a_template(world: World, *versions: dict[str, Any], default: int = 1) -> LaunchTemplateId:
    template_id = LaunchTemplateId("lt-1")
    template = LaunchTemplate(
        id=template_id,
        name="web",
        created_at=NOON,
        created_by="me",
        default_version=default,
        latest_version=len(versions),
    )
    with world.store.write() as rows:
        rows.add(LAUNCH_TEMPLATES, template)
        for number, contents in enumerate(versions, 1):
            version = LaunchTemplateVersion(
                template_id=template_id,
                version=number,
                created_at=NOON,
                created_by="me",
                contents=contents,
            )
            rows.add(LAUNCH_TEMPLATE_VERSIONS, version)
    return template_id


def test_an_instance_has_an_address_an_interface_and_a_root_volume(world: World) -> None:
    tags = {"instance": {"Name": "web"}, "volume": {"of": "web"}, "network-interface": {"n": "1"}}

    (instance,) = world.launch(tags=tags)

    with world.store.read() as rows:
        (interface,) = rows.all(NETWORK_INTERFACES)
        (volume,) = rows.all(VOLUMES)
        subnet = rows.find(SUBNETS, instance.subnet_id)
        assert rows.all(INSTANCES) == [instance]
    assert subnet is not None
    assert (subnet.cidr, subnet.zone, instance.zone) == ("172.31.0.0/20", "a", "a")
    assert instance.state is InstanceState.PENDING
    assert instance.private_ip == instance.public_ip == interface.private_ip == "172.31.0.4"
    assert instance.mac == interface.mac == "02:00:ac:1f:00:04"
    assert interface.instance_id == instance.id
    assert len(instance.security_groups) == 1
    assert interface.security_groups == instance.security_groups
    assert [device.volume_id for device in instance.block_devices] == [volume.id]
    assert volume.size_gib == 8
    assert volume.attachment is not None
    assert volume.attachment.instance_id == instance.id
    assert (instance.tags, volume.tags, interface.tags) == (
        {"Name": "web"},
        {"of": "web"},
        {"n": "1"},
    )


def test_every_address_is_given_out_once_and_five_never(world: World) -> None:
    with world.store.write() as rows:
        (first, *_) = rows.all(SUBNETS)
        small = replace(first, id=SubnetId("subnet-small"), cidr="172.31.240.0/28")
        rows.add(SUBNETS, small)

    instances = world.launch(subnet_id=small.id, least=1, most=30)

    assert [one.private_ip for one in instances] == [f"172.31.240.{n}" for n in range(4, 15)]
    assert len({one.mac for one in instances}) == 11
    assert [one.launch_index for one in instances] == list(range(11))
    assert len({one.reservation_id for one in instances}) == 1
    with pytest.raises(ApiError, match="InsufficientFreeAddressesInSubnet"):
        world.launch(subnet_id=small.id)


def test_an_address_can_be_asked_for(world: World) -> None:
    (instance,) = world.launch(private_ip="172.31.0.99")

    assert instance.private_ip == "172.31.0.99"
    with pytest.raises(ApiError, match=r"InvalidIPAddress\.InUse"):
        world.launch(private_ip="172.31.0.99")


@pytest.mark.parametrize(
    ("wanted", "code", "words"),
    [
        ({"image_id": "web"}, "InvalidAMIID.Malformed", "ami-"),
        ({"image_id": "ami-0"}, "InvalidAMIID.NotFound", "'[ami-0]'"),
        ({"image_id": "resolve:ssm:/a"}, "InvalidParameterValue", "/a"),
        ({"instance_type": "p4d.24xlarge"}, "Unsupported", "DescribeInstanceTypes"),
        ({"least": 2, "most": 1}, "InvalidParameterValue", "(2)"),
        ({"subnet_id": "subnet-0"}, "InvalidSubnetID.NotFound", "subnet-0"),
        ({"key_name": "mine"}, "InvalidKeyPair.NotFound", "mine"),
        ({"security_groups": ("web",)}, "InvalidGroupId.Malformed", "web"),
        ({"security_groups": ("sg-0",)}, "InvalidGroup.NotFound", "sg-0"),
        ({"group_names": ("web",)}, "InvalidGroup.NotFound", "web"),
        ({"instance_profile": "app"}, "InvalidParameterValue", "Profile name"),
        ({"private_ip": "10.0.0.1"}, "InvalidParameterValue", "range"),
        ({"private_ip": "172.31.0.3"}, "InvalidParameterValue", "reserved"),
        ({"private_ip": "here"}, "InvalidParameterValue", "here"),
        ({"private_ip": "172.31.0.9", "most": 2}, "InvalidParameterCombination", "several"),
        ({"credit_specification": "some"}, "InvalidParameterValue", "some"),
    ],
)
def test_what_makes_no_instance_is_refused(
    world: World, wanted: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(ApiError) as caught:
        world.launch(**wanted)

    assert caught.value.code == code
    assert words in caught.value.message


def test_an_image_that_is_not_available_starts_nothing(world: World) -> None:
    pending = put_image(world.store, number=2, state=ImageState.PENDING)

    with pytest.raises(ApiError, match=r"InvalidAMIID\.Unavailable.*pending"):
        world.launch(image_id=pending.id)


def test_this_machines_room_is_what_limits(world: World) -> None:
    world.account = replace(world.account, most_instances=4, most_memory_mib=4096)

    assert len(world.launch(least=1, most=3)) == 3
    assert len(world.launch(least=1, most=3)) == 1
    with pytest.raises(ApiError, match="InsufficientInstanceCapacity"):
        world.launch()
    with pytest.raises(ApiError, match="InstanceLimitExceeded"):
        world.launch(least=5, most=5)


def test_a_template_is_merged_under_what_is_given(world: World) -> None:
    template = a_template(
        world,
        {"InstanceType": "t3.nano"},
        {
            "InstanceType": "t3.small",
            "ImageId": world.image.id,
            "MetadataOptions": {"HttpTokens": "required"},
            "TagSpecifications": [
                {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "template"}]},
                {"ResourceType": "volume", "Tags": [{"Key": "b", "Value": "template"}]},
            ],
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20}}],
        },
    )
    specification = {"LaunchTemplateName": "web", "Version": "$Latest"}
    given = {
        "LaunchTemplate": specification,
        "MinCount": 2,
        "MetadataOptions": {"HttpPutResponseHopLimit": 3},
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "request"}]}
        ],
    }
    with world.store.write() as rows:
        wanted = read_launch(rows, given)
        instances = launch(rows, wanted, now=NOON, ids=RandomIds(), account=world.account)
        volumes = rows.all(VOLUMES)

    assert len(instances) == 2
    assert instances[0].instance_type == "t3.small"
    assert instances[0].metadata.http_tokens == "required"
    assert instances[0].metadata.hop_limit == 3
    assert instances[0].tags == {
        "a": "request",
        "aws:ec2launchtemplate:id": template,
        "aws:ec2launchtemplate:version": "2",
    }
    assert [volume.size_gib for volume in volumes] == [20, 20]
    assert volumes[0].tags == {"b": "template"}


@pytest.mark.parametrize(
    ("specification", "code"),
    [
        ({}, "MissingParameter"),
        ({"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web"}, "InvalidRequest"),
        ({"LaunchTemplateId": "web"}, "InvalidLaunchTemplateId.Malformed"),
        ({"LaunchTemplateId": "lt-2"}, "InvalidLaunchTemplateId.NotFound"),
        ({"LaunchTemplateName": "x"}, "InvalidLaunchTemplateName.NotFoundException"),
        ({"LaunchTemplateId": "lt-1", "Version": "9"}, "InvalidLaunchTemplateId.VersionNotFound"),
        ({"LaunchTemplateId": "lt-1", "Version": "x"}, "InvalidLaunchTemplateId.VersionMalformed"),
    ],
)
def test_templates_that_are_not_there_are_refused(
    world: World, specification: dict[str, str], code: str
) -> None:
    a_template(world, {})

    with world.store.read() as rows, pytest.raises(ApiError) as caught:
        merge_template(rows, specification)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("version", "expected"),
    [(None, "two"), ("$Default", "two"), ("$Latest", "three"), ("1", "one")],
)
def test_versions_go_by_name_and_by_number(
    world: World, version: str | None, expected: str
) -> None:
    contents = [{"KeyName": name} for name in ("one", "two", "three")]
    template = a_template(world, *contents, default=2)
    specification: dict[str, str] = {"LaunchTemplateId": template}
    if version is not None:
        specification["Version"] = version

    with world.store.read() as rows:
        merged, source = merge_template(rows, specification)

    assert merged == {"KeyName": expected}
    assert source.version == ["one", "two", "three"].index(expected) + 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, "spot"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0}, {"DeviceIndex": 1}]}, "one network interface"),
        ({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]}, "together"),
        ({"NetworkInterfaces": [{}], "SubnetId": "subnet-1"}, "same request"),
        ({"EnclaveOptions": {"Enabled": True}}, "enclaves"),
        ({"UserData": "%"}, "BASE64"),
        ({"UserData": "QUFB" * 6000}, "16384"),
        ({"Placement": {"AvailabilityZone": "us-east-1q"}}, "us-east-1q"),
        ({"BlockDeviceMappings": [{"Ebs": {}}]}, "name"),
        ({"BlockDeviceMappings": [{"DeviceName": "a"}, {"DeviceName": "a"}]}, "once"),
    ],
)
def test_what_the_region_can_not_do_is_refused(
    world: World, given: dict[str, Any], words: str
) -> None:
    with world.store.read() as rows, pytest.raises(ApiError, match=words):
        read_launch(rows, {"ImageId": world.image.id, **given})


def test_terminating_leaves_the_address_taken_and_takes_the_volumes(world: World) -> None:
    (instance,) = world.launch()

    with world.store.write() as rows:
        ((before, after),) = terminate(rows, [instance.id, instance.id], NOON)
        let_go(rows, after, now=NOON)
        again = terminate(rows, [instance.id], NOON)
        (interface,) = rows.all(NETWORK_INTERFACES)
        volumes = rows.all(VOLUMES)

    assert (before.state, after.state) == (InstanceState.PENDING, InstanceState.SHUTTING_DOWN)
    assert after.state_reason == BY_REQUEST
    assert after.transition_reason == "User initiated (2026-11-25 12:00:00 GMT)"
    assert again == [(after, after)]
    assert interface.released_at == NOON
    assert volumes == []
    assert world.launch()[0].private_ip != instance.private_ip
