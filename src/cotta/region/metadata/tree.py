"""What the metadata service has to say about an instance, gathered from the rows.

A tree of names with texts at its ends: what an instance does not have is not in it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

from cotta.region.firstboot import FirstBoot
from cotta.region.store.kinds import (
    GROUP_INSTANCES,
    IMAGES,
    INSTANCE_PROFILES,
    KEY_PAIRS,
    NETWORK_INTERFACES,
    ROLES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from cotta.region.zones import zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.model import Account, Instance, NetworkInterface, Role, SecurityGroupId
    from cotta.region.store.store import Reading


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text at the end of a path."""

    text: str


# The name "" holds a title, which is shown in the list above.
Tree: TypeAlias = dict[str, Union["Tree", Leaf]]


def domain_of(region: str) -> str:
    """Return the domain of machines' private names."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def private_name(address: str, region: str) -> str:
    """Return the private name of an address: `ip-172-31-0-10.ec2.internal`."""
    return f"ip-{address.replace('.', '-')}.{domain_of(region)}"


def about(rows: Reading, instance: Instance, account: Account, *, region: str) -> Tree:
    """Return the metadata of an instance, in the order in which it is listed.

    The documents with a role's credentials are not in it: they are made when asked for.
    """
    name = private_name(instance.private_ip, region)
    groups = _group_names(rows, instance.security_groups)
    return {
        "ami-id": Leaf(instance.image_id),
        "ami-launch-index": Leaf(str(instance.launch_index)),
        "ami-manifest-path": Leaf("(unknown)"),
        **_autoscaling(rows, instance),
        "block-device-mapping": {
            "ami": Leaf(instance.root_device_name),
            "root": Leaf(instance.root_device_name),
        },
        "events": {"maintenance": {"history": Leaf("[]"), "scheduled": Leaf("[]")}},
        "hostname": Leaf(name),
        **_iam(rows, instance),
        "instance-action": Leaf("none"),
        "instance-id": Leaf(instance.id),
        "instance-life-cycle": Leaf("on-demand"),
        "instance-type": Leaf(instance.instance_type),
        "local-hostname": Leaf(name),
        "local-ipv4": Leaf(instance.private_ip),
        "mac": Leaf(instance.mac),
        "network": {
            "interfaces": {
                "macs": {
                    interface.mac: _interface(rows, interface, account, region)
                    for interface in rows.all(NETWORK_INTERFACES, instance_id=instance.id)
                }
            }
        },
        "placement": {
            "availability-zone": Leaf(zone_name(region, instance.zone)),
            "availability-zone-id": Leaf(zone_id(region, instance.zone)),
            "region": Leaf(region),
        },
        "profile": Leaf("default-hvm"),
        **_public(instance),
        **_public_keys(rows, instance),
        "reservation-id": Leaf(instance.reservation_id),
        "security-groups": Leaf("\n".join(groups)),
        "services": {"domain": Leaf("amazonaws.com"), "partition": Leaf("aws")},
        "system": Leaf("nitro"),
        **_tags(instance),
    }


def identity_document(instance: Instance, account: Account, region: str) -> str:
    """Return the instance identity document, as AWS writes it."""
    document = {
        "accountId": account.id,
        "architecture": instance.architecture,
        "availabilityZone": zone_name(region, instance.zone),
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "pendingTime": instance.launched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "privateIp": instance.private_ip,
        "ramdiskId": None,
        "region": region,
        "version": "2017-09-30",
    }
    return json.dumps(document, indent=2, separators=(",", " : "))


def user_data_of(instance: Instance) -> bytes | None:
    """Return an instance's user data, as it was before the API had it encoded."""
    return base64.b64decode(instance.user_data) if instance.user_data is not None else None


def first_boot_of(rows: Reading, instance: Instance, region: str) -> FirstBoot:
    """Return what first boot needs to know of an instance."""
    image = rows.find(IMAGES, instance.image_id)
    key = rows.find(KEY_PAIRS, instance.key_name) if instance.key_name is not None else None
    return FirstBoot(
        instance_id=instance.id,
        host_name=f"ip-{instance.private_ip.replace('.', '-')}",
        domain=domain_of(region),
        default_user=image.default_user if image is not None else "admin",
        public_keys=(key.public_key.strip(),) if key is not None else (),
        user_data=user_data_of(instance) or b"",
    )


def role_of(rows: Reading, instance: Instance) -> Role | None:
    """Return an instance's role."""
    if instance.instance_profile is None:
        return None
    profile = rows.find(INSTANCE_PROFILES, instance.instance_profile)
    if profile is None or not profile.roles:
        return None
    return rows.find(ROLES, profile.roles[0])


def _autoscaling(rows: Reading, instance: Instance) -> Tree:
    member = rows.find(GROUP_INSTANCES, instance.id)
    if member is None:
        return {}
    return {"autoscaling": {"target-lifecycle-state": Leaf(member.state.value)}}


def _iam(rows: Reading, instance: Instance) -> Tree:
    role = role_of(rows, instance)
    profile = rows.find(INSTANCE_PROFILES, instance.instance_profile or "")
    if role is None or profile is None:
        return {}
    info = {
        "Code": "Success",
        "LastUpdated": instance.launched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "InstanceProfileArn": profile.arn,
        "InstanceProfileId": profile.id,
    }
    return {
        "iam": {
            "info": Leaf(json.dumps(info, indent=2, separators=(",", " : "))),
            "security-credentials": {role.name: Leaf("")},
        }
    }


def _interface(rows: Reading, interface: NetworkInterface, account: Account, region: str) -> Tree:
    subnet = rows.find(SUBNETS, interface.subnet_id)
    vpc = rows.find(VPCS, interface.vpc_id)
    groups = interface.security_groups
    tree: Tree = {
        "device-number": Leaf("0"),
        "interface-id": Leaf(interface.id),
        "local-hostname": Leaf(private_name(interface.private_ip, region)),
        "local-ipv4s": Leaf(interface.private_ip),
        "mac": Leaf(interface.mac),
        "owner-id": Leaf(account.id),
        "security-group-ids": Leaf("\n".join(groups)),
        "security-groups": Leaf("\n".join(_group_names(rows, groups))),
        "subnet-id": Leaf(interface.subnet_id),
        "vpc-id": Leaf(interface.vpc_id),
    }
    if interface.public_ip is not None:
        tree["ipv4-associations"] = {interface.public_ip: Leaf(interface.private_ip)}
        tree["public-hostname"] = tree["public-ipv4s"] = Leaf(interface.public_ip)
    if subnet is not None:
        tree["subnet-ipv4-cidr-block"] = Leaf(subnet.cidr)
    if vpc is not None:
        tree["vpc-ipv4-cidr-block"] = tree["vpc-ipv4-cidr-blocks"] = Leaf(vpc.cidr)
    return dict(sorted(tree.items()))


def _public(instance: Instance) -> Tree:
    if instance.public_ip is None:
        return {}
    # An address is a name that resolves everywhere.
    address = Leaf(instance.public_ip)
    return {"public-hostname": address, "public-ipv4": address}


def _public_keys(rows: Reading, instance: Instance) -> Tree:
    key = rows.find(KEY_PAIRS, instance.key_name) if instance.key_name is not None else None
    if key is None:
        return {}
    openssh = Leaf(key.public_key.strip())
    return {"public-keys": {"0": {"": Leaf(key.name), "openssh-key": openssh}}}


def _tags(instance: Instance) -> Tree:
    if instance.metadata.instance_metadata_tags != "enabled":
        return {}
    return {"tags": {"instance": {key: Leaf(value) for key, value in instance.tags.items()}}}


def _group_names(rows: Reading, groups: tuple[SecurityGroupId, ...]) -> list[str]:
    found = (rows.find(SECURITY_GROUPS, group) for group in groups)
    return [group.name for group in found if group is not None]
