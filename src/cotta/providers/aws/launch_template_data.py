"""What a version of a launch template says: fields that are sent as LaunchTemplateData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.checks import at_least, between, is_arn, is_time, one_of
from cotta.providers.aws.declare import (
    block,
    block_set,
    blocks,
    either,
    optional,
    required,
)
from cotta.providers.aws.instance_requirements import instance_requirements
from cotta.providers.aws.tagged_types import is_tagged_type
from cotta.values.types import BOOL, NUMBER, STRING, MapType, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Argument, Field

_STRINGS: Final = SetType(STRING)
_STATES: Final = one_of("enabled", "disabled")


def _flag(**more: Any) -> Argument:
    """Return an attribute that is a bool but is kept as a string, so that it can be unset."""
    return optional(
        STRING, one_of("true", "false", "1", "0", ""), flag=True, same=_same_flag, **more
    )


def _same_flag(one: str, other: str) -> bool:
    return (one in ("true", "1")) == (other in ("true", "1"))


_EBS: Final[Mapping[str, Field]] = {
    "delete_on_termination": _flag(),
    "encrypted": _flag(),
    "iops": either(NUMBER),
    "kms_key_id": optional(STRING, is_arn),
    "snapshot_id": optional(STRING),
    "throughput": either(NUMBER, between(125, 2000)),
    "volume_initialization_rate": either(NUMBER, between(100, 300)),
    "volume_size": either(NUMBER),
    "volume_type": either(STRING, one_of("standard", "io1", "io2", "gp2", "sc1", "st1", "gp3")),
}

_INTERFACE: Final[Mapping[str, Field]] = {
    "associate_carrier_ip_address": _flag(),
    "associate_public_ip_address": _flag(),
    "delete_on_termination": _flag(),
    "description": optional(STRING),
    "device_index": optional(NUMBER, keeps_zero=True),
    "interface_type": optional(STRING, one_of("efa", "efa-only", "interface")),
    "ipv4_address_count": optional(NUMBER, wire="SecondaryPrivateIpAddressCount"),
    "ipv4_addresses": optional(_STRINGS, wire="PrivateIpAddresses[].PrivateIpAddress"),
    "ipv4_prefix_count": optional(NUMBER),
    "ipv4_prefixes": optional(_STRINGS, wire="Ipv4Prefixes[].Ipv4Prefix"),
    "ipv6_address_count": optional(NUMBER),
    "ipv6_addresses": optional(_STRINGS, wire="Ipv6Addresses[].Ipv6Address"),
    "ipv6_prefix_count": optional(NUMBER),
    "ipv6_prefixes": optional(_STRINGS, wire="Ipv6Prefixes[].Ipv6Prefix"),
    "network_card_index": optional(NUMBER),
    "network_interface_id": optional(STRING),
    "primary_ipv6": _flag(),
    "private_ip_address": optional(STRING),
    "security_groups": optional(_STRINGS, wire="Groups"),
    "subnet_id": optional(STRING),
    "connection_tracking_specification": block(
        {
            "tcp_established_timeout": optional(NUMBER, between(60, 432000)),
            "udp_stream_timeout": optional(NUMBER, between(60, 180)),
            "udp_timeout": optional(NUMBER, between(30, 60)),
        }
    ),
    "ena_srd_specification": block(
        {
            "ena_srd_enabled": optional(BOOL),
            "ena_srd_udp_specification": block({"ena_srd_udp_enabled": optional(BOOL)}),
        }
    ),
}

DATA: Final[Mapping[str, Field]] = {
    "disable_api_stop": optional(BOOL),
    "disable_api_termination": optional(BOOL),
    "ebs_optimized": _flag(),
    "image_id": optional(STRING),
    "instance_initiated_shutdown_behavior": optional(STRING, one_of("stop", "terminate")),
    "instance_type": optional(STRING, conflicts_with=("instance_requirements",)),
    "kernel_id": optional(STRING),
    "key_name": optional(STRING),
    "ram_disk_id": optional(STRING),
    "security_group_names": optional(
        _STRINGS, conflicts_with=("vpc_security_group_ids",), wire="SecurityGroups"
    ),
    "user_data": optional(STRING),
    "vpc_security_group_ids": optional(_STRINGS, wire="SecurityGroupIds"),
    "block_device_mappings": blocks(
        {
            "device_name": optional(STRING),
            "no_device": optional(STRING),
            "virtual_name": optional(STRING),
            "ebs": block(_EBS),
        }
    ),
    "capacity_reservation_specification": block(
        {
            "capacity_reservation_preference": optional(
                STRING, one_of("open", "none", "capacity-reservations-only")
            ),
            "capacity_reservation_target": block(
                {
                    "capacity_reservation_id": optional(
                        STRING, conflicts_with=("capacity_reservation_resource_group_arn",)
                    ),
                    "capacity_reservation_resource_group_arn": optional(STRING, is_arn),
                }
            ),
        }
    ),
    "cpu_options": block(
        {
            "amd_sev_snp": optional(STRING, _STATES),
            "core_count": optional(NUMBER),
            "threads_per_core": optional(NUMBER),
        }
    ),
    "credit_specification": block(
        {"cpu_credits": optional(STRING, one_of("standard", "unlimited"))}
    ),
    "elastic_gpu_specifications": blocks({"type": required(STRING)}),
    "elastic_inference_accelerator": block(
        {"type": required(STRING)}, wire="ElasticInferenceAccelerators[]"
    ),
    "enclave_options": block({"enabled": optional(BOOL)}),
    "hibernation_options": block({"configured": required(BOOL)}),
    "iam_instance_profile": block(
        {
            "arn": optional(STRING, is_arn, conflicts_with=("name",)),
            "name": optional(STRING),
        }
    ),
    "instance_market_options": block(
        {
            "market_type": optional(STRING, one_of("spot", "capacity-block")),
            "spot_options": block(
                {
                    "block_duration_minutes": optional(NUMBER),
                    "instance_interruption_behavior": optional(
                        STRING, one_of("hibernate", "stop", "terminate")
                    ),
                    "max_price": optional(STRING),
                    "spot_instance_type": optional(STRING, one_of("one-time", "persistent")),
                    "valid_until": either(STRING, is_time),
                }
            ),
        }
    ),
    "instance_requirements": block(instance_requirements(is_needed=True)),
    "license_specification": block_set(
        {"license_configuration_arn": required(STRING, is_arn)}, wire="LicenseSpecifications"
    ),
    "maintenance_options": block(
        {"auto_recovery": optional(STRING, one_of("default", "disabled"))}
    ),
    "metadata_options": block(
        {
            "http_endpoint": either(STRING, _STATES),
            "http_protocol_ipv6": either(STRING, _STATES),
            "http_put_response_hop_limit": either(NUMBER, between(1, 64)),
            "http_tokens": either(STRING, one_of("optional", "required")),
            "instance_metadata_tags": either(STRING, _STATES),
        },
        computed=True,
    ),
    "monitoring": block({"enabled": optional(BOOL)}),
    "network_interfaces": blocks(_INTERFACE),
    "placement": block(
        {
            "affinity": optional(STRING),
            "availability_zone": optional(STRING),
            "group_name": optional(STRING),
            "host_id": optional(STRING, conflicts_with=("host_resource_group_arn",)),
            "host_resource_group_arn": optional(STRING),
            "partition_number": optional(NUMBER, at_least(0)),
            "spread_domain": optional(STRING),
            "tenancy": optional(STRING, one_of("default", "dedicated", "host")),
        }
    ),
    "private_dns_name_options": block(
        {
            "enable_resource_name_dns_a_record": optional(BOOL),
            "enable_resource_name_dns_aaaa_record": optional(
                BOOL, wire="EnableResourceNameDnsAAAARecord"
            ),
            "hostname_type": optional(STRING, one_of("ip-name", "resource-name")),
        }
    ),
    "tag_specifications": blocks(
        {"resource_type": optional(STRING, is_tagged_type), "tags": optional(MapType(STRING))}
    ),
}
