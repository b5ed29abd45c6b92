"""How instances are shown, and what they are found by."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.tags import encode_tags
from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.lifecycle import CODES
from cotta.region.model import InstanceState
from cotta.region.store.kinds import INSTANCE_PROFILES, NETWORK_INTERFACES, SECURITY_GROUPS
from cotta.region.zones import zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Call
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance, NetworkInterface
    from cotta.region.store.store import Reading


class Around:
    """What the answers about instances mention besides: read once for all of an answer."""

    def __init__(self, call: Call, rows: Reading) -> None:
        self.call = call
        self._rows = rows

    @cached_property
    def group_names(self) -> dict[str, str]:
        """The names of the security groups, by id."""
        return {group.id: group.name for group in self._rows.all(SECURITY_GROUPS)}

    def interface(self, instance: Instance) -> NetworkInterface | None:
        """Return an instance's network interface."""
        return self._rows.find(NETWORK_INTERFACES, instance.network_interface_id)

    def profile(self, instance: Instance) -> dict[str, str] | None:
        """Return an instance's profile as answers show it."""
        if instance.instance_profile is None:
            return None
        found = self._rows.find(INSTANCE_PROFILES, instance.instance_profile)
        return {"Arn": found.arn, "Id": found.id} if found is not None else None

    def groups(self, ids: tuple[str, ...]) -> list[dict[str, str]]:
        """Return security groups as answers show them."""
        return [
            {"GroupId": group_id, "GroupName": self.group_names.get(group_id, "")}
            for group_id in ids
        ]


def private_dns_name(address: str, region: str) -> str:
    """Return the name that AWS gives an address inside a network."""
    return f"ip-{address.replace('.', '-')}.{internal_domain(region)}"


def internal_domain(region: str) -> str:
    """Return the domain of the names inside a network."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def encode_state(state: InstanceState) -> dict[str, Any]:
    """Return a state as answers show it."""
    return {"Code": CODES[state], "Name": state.value}


def encode_instance(instance: Instance, around: Around) -> dict[str, Any]:
    """Return an instance as answers show it."""
    region = around.call.region
    instance_type = INSTANCE_TYPES[instance.instance_type]
    answer = {
        "InstanceId": instance.id,
        "ImageId": instance.image_id,
        "State": encode_state(instance.state),
        "PrivateDnsName": "",
        "PublicDnsName": "",
        "StateTransitionReason": instance.transition_reason,
        "KeyName": instance.key_name,
        "AmiLaunchIndex": instance.launch_index,
        "ProductCodes": [],
        "InstanceType": instance.instance_type,
        "LaunchTime": instance.launched_at,
        "Placement": {
            "AvailabilityZone": zone_name(region, instance.zone),
            "AvailabilityZoneId": zone_id(region, instance.zone),
            "GroupName": "",
            "Tenancy": "default",
        },
        "Monitoring": {"State": instance.monitoring},
        "Architecture": instance.architecture,
        "BlockDeviceMappings": [],
        "ClientToken": instance.client_token,
        "EbsOptimized": instance.ebs_optimized,
        "EnaSupport": instance.ena_support,
        "Hypervisor": "xen",
        "IamInstanceProfile": around.profile(instance),
        "NetworkInterfaces": [],
        "RootDeviceName": instance.root_device_name,
        "RootDeviceType": "ebs",
        "SecurityGroups": [],
        "Tags": encode_tags(instance.tags),
        "VirtualizationType": "hvm",
        "CpuOptions": {
            "CoreCount": instance_type.vcpus // instance_type.threads_per_core,
            "ThreadsPerCore": instance_type.threads_per_core,
        },
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
        "HibernationOptions": {"Configured": False},
        "MetadataOptions": encode_metadata(instance),
        "EnclaveOptions": {"Enabled": False},
        "BootMode": None,
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "UsageOperationUpdateTime": instance.launched_at,
        "MaintenanceOptions": {"AutoRecovery": "default"},
        "CurrentInstanceBootMode": "legacy-bios",
    }
    if instance.state_reason is not None:
        answer["StateReason"] = {
            "Code": instance.state_reason.code,
            "Message": instance.state_reason.message,
        }
    if instance.state is not InstanceState.TERMINATED:
        answer |= _encode_place(instance, around)
    return answer


def _encode_place(instance: Instance, around: Around) -> dict[str, Any]:
    """Return what only an instance that has not been terminated shows."""
    interface = around.interface(instance)
    return {
        "PrivateDnsName": private_dns_name(instance.private_ip, around.call.region),
        "PrivateIpAddress": instance.private_ip,
        # No name service has the names that AWS would give; an address resolves everywhere.
        "PublicDnsName": instance.public_ip or "",
        "PublicIpAddress": instance.public_ip,
        "SubnetId": instance.subnet_id,
        "VpcId": instance.vpc_id,
        "SourceDestCheck": instance.source_dest_check,
        "SecurityGroups": around.groups(instance.security_groups),
        "BlockDeviceMappings": [
            {
                "DeviceName": device.device_name,
                "Ebs": {
                    "AttachTime": device.attached_at,
                    "DeleteOnTermination": device.delete_on_termination,
                    "Status": "attached",
                    "VolumeId": device.volume_id,
                },
            }
            for device in instance.block_devices
        ],
        "NetworkInterfaces": (
            [_encode_interface(interface, around)] if interface is not None else []
        ),
        "PrivateDnsNameOptions": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
    }


def encode_metadata(instance: Instance) -> dict[str, Any]:
    """Return how an instance may ask the metadata service, as answers show it."""
    options = instance.metadata
    return {
        "State": "applied",
        "HttpTokens": options.http_tokens,
        "HttpPutResponseHopLimit": options.hop_limit,
        "HttpEndpoint": options.http_endpoint,
        "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags,
    }


def _encode_interface(interface: NetworkInterface, around: Around) -> dict[str, Any]:
    association = (
        {
            "IpOwnerId": "amazon",
            "PublicDnsName": interface.public_ip,
            "PublicIp": interface.public_ip,
        }
        if interface.public_ip
        else None
    )
    name = private_dns_name(interface.private_ip, around.call.region)
    return {
        "Association": association,
        "Attachment": {
            "AttachTime": interface.attached_at,
            "AttachmentId": interface.attachment_id,
            "DeleteOnTermination": interface.delete_on_termination,
            "DeviceIndex": 0,
            "Status": "attached",
            "NetworkCardIndex": 0,
        },
        "Description": interface.description,
        "Groups": around.groups(interface.security_groups),
        "Ipv6Addresses": [],
        "MacAddress": interface.mac,
        "NetworkInterfaceId": interface.id,
        "OwnerId": around.call.account.id,
        "PrivateDnsName": name,
        "PrivateIpAddress": interface.private_ip,
        "PrivateIpAddresses": [
            {
                "Association": association,
                "Primary": True,
                "PrivateDnsName": name,
                "PrivateIpAddress": interface.private_ip,
            }
        ],
        "SourceDestCheck": interface.source_dest_check,
        "Status": "in-use",
        "SubnetId": interface.subnet_id,
        "VpcId": interface.vpc_id,
        "InterfaceType": interface.interface_type,
    }


def instance_fields(around: Around) -> Fields[Instance]:
    """Return what instances are found by."""
    region, owner = around.call.region, around.call.account.id
    return {
        **_PLAIN_FIELDS,
        "availability-zone": lambda it: zone_name(region, it.zone),
        "availability-zone-id": lambda it: zone_id(region, it.zone),
        "iam-instance-profile.arn": lambda it: (around.profile(it) or {}).get("Arn"),
        "iam-instance-profile.id": lambda it: (around.profile(it) or {}).get("Id"),
        "instance.group-name": lambda it: [
            around.group_names.get(one) for one in it.security_groups
        ],
        "group-name": lambda it: [around.group_names.get(one) for one in it.security_groups],
        "network-interface.owner-id": lambda _: owner,
        "network-interface.availability-zone": lambda it: zone_name(region, it.zone),
        "owner-id": lambda _: owner,
        "private-dns-name": lambda it: private_dns_name(it.private_ip, region),
        "network-interface.private-dns-name": lambda it: private_dns_name(it.private_ip, region),
    }


_PLAIN_FIELDS: Final[Fields[Instance]] = {
    "architecture": lambda it: it.architecture,
    "block-device-mapping.attach-time": lambda it: [one.attached_at for one in it.block_devices],
    "block-device-mapping.delete-on-termination": lambda it: [
        one.delete_on_termination for one in it.block_devices
    ],
    "block-device-mapping.device-name": lambda it: [one.device_name for one in it.block_devices],
    "block-device-mapping.status": lambda it: ["attached" for _ in it.block_devices],
    "block-device-mapping.volume-id": lambda it: [one.volume_id for one in it.block_devices],
    "client-token": lambda it: it.client_token,
    "current-instance-boot-mode": lambda _: "legacy-bios",
    "dns-name": lambda it: it.public_ip,
    "ebs-optimized": lambda it: it.ebs_optimized,
    "ena-support": lambda it: it.ena_support,
    "group-id": lambda it: it.security_groups,
    "hypervisor": lambda _: "xen",
    "image-id": lambda it: it.image_id,
    "instance-id": lambda it: it.id,
    "instance-lifecycle": lambda _: None,
    "instance-state-code": lambda it: CODES[it.state],
    "instance-state-name": lambda it: it.state.value,
    "instance-type": lambda it: it.instance_type,
    "instance.group-id": lambda it: it.security_groups,
    "ip-address": lambda it: it.public_ip,
    "key-name": lambda it: it.key_name,
    "launch-index": lambda it: it.launch_index,
    "launch-time": lambda it: it.launched_at,
    "metadata-options.http-endpoint": lambda it: it.metadata.http_endpoint,
    "metadata-options.http-tokens": lambda it: it.metadata.http_tokens,
    "metadata-options.http-put-response-hop-limit": lambda it: it.metadata.hop_limit,
    "metadata-options.instance-metadata-tags": lambda it: it.metadata.instance_metadata_tags,
    "monitoring-state": lambda it: it.monitoring,
    "network-interface.addresses.private-ip-address": lambda it: it.private_ip,
    "network-interface.addresses.association.public-ip": lambda it: it.public_ip,
    "network-interface.association.public-ip": lambda it: it.public_ip,
    "network-interface.group-id": lambda it: it.security_groups,
    "network-interface.mac-address": lambda it: it.mac,
    "network-interface.network-interface-id": lambda it: it.network_interface_id,
    "network-interface.subnet-id": lambda it: it.subnet_id,
    "network-interface.vpc-id": lambda it: it.vpc_id,
    "platform": lambda _: None,
    "platform-details": lambda _: "Linux/UNIX",
    "private-ip-address": lambda it: it.private_ip,
    "product-code": lambda _: None,
    "reason": lambda it: it.transition_reason,
    "requester-id": lambda _: None,
    "reservation-id": lambda it: it.reservation_id,
    "root-device-name": lambda it: it.root_device_name,
    "root-device-type": lambda _: "ebs",
    "source-dest-check": lambda it: it.source_dest_check,
    "state-reason-code": lambda it: it.state_reason.code if it.state_reason else None,
    "state-reason-message": lambda it: it.state_reason.message if it.state_reason else None,
    "subnet-id": lambda it: it.subnet_id,
    "tenancy": lambda _: "default",
    "virtualization-type": lambda _: "hvm",
    "vpc-id": lambda it: it.vpc_id,
}
