"""The arguments of `aws_instance`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import (
    between,
    each,
    is_address,
    is_arn,
    is_base64,
    is_time,
    length,
    one_of,
)
from cotta.providers.aws.declare import (
    block,
    block_set,
    computed,
    either,
    optional,
    required,
    timeouts,
)
from cotta.providers.aws.tags import TAGS
from cotta.values.types import BOOL, NUMBER, STRING, ListType, MapType, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Field

_STATES: Final = one_of("enabled", "disabled")
_STRINGS: Final = SetType(STRING)
_HASH: Final = re.compile(r"[0-9a-f]{40}")


def user_data_hash(text: str) -> str:
    """Return the form in which user data is stored: its SHA-1, of what base64 stands for."""
    if _HASH.fullmatch(text):
        return text
    return hashlib.sha1(user_data_content(text), usedforsecurity=False).hexdigest()


def user_data_content(text: str) -> bytes:
    """Return what a machine gets of user data, which may be written in base64 or not."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


_VOLUME: Final[Mapping[str, Field]] = {
    "iops": either(NUMBER),
    "tags": optional(MapType(STRING)),
    "tags_all": either(MapType(STRING)),
    "throughput": either(NUMBER),
    "volume_id": computed(STRING),
}
_TYPES: Final = one_of("standard", "io1", "io2", "gp2", "sc1", "st1", "gp3")

ROOT: Final = block(
    {
        **_VOLUME,
        "delete_on_termination": optional(BOOL, default=True),
        "device_name": computed(STRING),
        "encrypted": either(BOOL, replaces=True),
        "kms_key_id": either(STRING, replaces=True),
        "volume_size": either(NUMBER),
        "volume_type": either(STRING, _TYPES),
    },
    computed=True,
)
DISK: Final = block_set(
    {
        **_VOLUME,
        "delete_on_termination": optional(BOOL, default=True),
        "device_name": required(STRING),
        "encrypted": either(BOOL),
        "kms_key_id": either(STRING),
        "snapshot_id": either(STRING),
        "volume_size": either(NUMBER),
        "volume_type": either(STRING, _TYPES),
    },
    computed=True,
    replaces=True,
)
EPHEMERAL: Final = block_set(
    {
        "device_name": required(STRING),
        "no_device": optional(BOOL),
        "virtual_name": optional(STRING),
    },
    computed=True,
    replaces=True,
)
INTERFACE: Final = block_set(
    {
        "delete_on_termination": optional(BOOL, default=False),
        "device_index": required(NUMBER, keeps_zero=True),
        "network_card_index": optional(NUMBER, default=0),
        "network_interface_id": required(STRING),
    },
    computed=True,
    replaces=True,
    conflicts_with=(
        "associate_public_ip_address",
        "subnet_id",
        "private_ip",
        "vpc_security_group_ids",
        "security_groups",
    ),
)
METADATA: Final = block(
    {
        "http_endpoint": optional(STRING, _STATES, default="enabled"),
        "http_protocol_ipv6": optional(STRING, _STATES, default="disabled"),
        "http_put_response_hop_limit": either(NUMBER, between(1, 64)),
        "http_tokens": either(STRING, one_of("optional", "required")),
        "instance_metadata_tags": either(STRING, _STATES),
    },
    computed=True,
)
MARKET: Final = block(
    {
        "market_type": either(STRING, one_of("spot", "capacity-block"), replaces=True),
        "spot_options": block(
            {
                "instance_interruption_behavior": either(
                    STRING, one_of("hibernate", "stop", "terminate"), replaces=True
                ),
                "max_price": either(STRING, replaces=True),
                "spot_instance_type": either(
                    STRING, one_of("one-time", "persistent"), replaces=True
                ),
                "valid_until": either(STRING, is_time, replaces=True),
            },
            computed=True,
        ),
    },
    computed=True,
)
RESERVATION: Final = block(
    {
        "capacity_reservation_preference": optional(STRING, one_of("open", "none")),
        "capacity_reservation_target": block(
            {
                "capacity_reservation_id": optional(STRING),
                "capacity_reservation_resource_group_arn": optional(STRING, is_arn),
            }
        ),
    },
    computed=True,
)
PROCESSORS: Final = block(
    {
        "amd_sev_snp": either(STRING, _STATES, replaces=True),
        "core_count": either(NUMBER, replaces=True),
        "threads_per_core": either(NUMBER, replaces=True),
    },
    computed=True,
)
DNS: Final = block(
    {
        "enable_resource_name_dns_a_record": either(BOOL),
        "enable_resource_name_dns_aaaa_record": either(
            BOOL, wire="EnableResourceNameDnsAAAARecord"
        ),
        "hostname_type": either(STRING, one_of("ip-name", "resource-name"), replaces=True),
    },
    computed=True,
)
TEMPLATE: Final = block(
    {
        "id": either(STRING, replaces=True, conflicts_with=("name",), wire="LaunchTemplateId"),
        "name": either(STRING, replaces=True, wire="LaunchTemplateName"),
        "version": optional(STRING, default="$Default"),
    },
    at_least_one_of=("ami", "launch_template"),
)

FIELDS: Final[Mapping[str, Field]] = {
    "ami": either(STRING, replaces=True, at_least_one_of=("ami", "launch_template")),
    "arn": computed(STRING),
    "associate_public_ip_address": either(BOOL, replaces=True),
    "availability_zone": either(STRING, replaces=True),
    "cpu_core_count": either(
        NUMBER, replaces=True, deprecated=True, instead="core_count of cpu_options"
    ),
    "cpu_threads_per_core": either(
        NUMBER, replaces=True, deprecated=True, instead="threads_per_core of cpu_options"
    ),
    "disable_api_stop": either(BOOL),
    "disable_api_termination": either(BOOL),
    "ebs_optimized": either(BOOL, replaces=True),
    "enable_primary_ipv6": either(BOOL),
    "get_password_data": optional(BOOL, default=False),
    "hibernation": optional(BOOL, replaces=True),
    "host_id": either(STRING),
    "host_resource_group_arn": either(STRING, is_arn, replaces=True),
    "iam_instance_profile": either(STRING),
    "id": either(STRING),
    "instance_initiated_shutdown_behavior": either(STRING),
    "instance_lifecycle": computed(STRING),
    "instance_state": computed(STRING),
    "instance_type": either(STRING, at_least_one_of=("instance_type", "launch_template")),
    "ipv6_address_count": either(NUMBER),
    "ipv6_addresses": either(ListType(STRING), each(is_address(6)), replaces=True),
    "key_name": either(STRING, replaces=True),
    "monitoring": either(BOOL),
    "outpost_arn": computed(STRING),
    "password_data": computed(STRING),
    "placement_group": either(STRING, replaces=True),
    "placement_partition_number": either(NUMBER, replaces=True),
    "primary_network_interface_id": computed(STRING),
    "private_dns": computed(STRING),
    "private_ip": either(STRING, is_address(4), replaces=True),
    "public_dns": computed(STRING),
    "public_ip": computed(STRING),
    "secondary_private_ips": either(_STRINGS, each(is_address(4))),
    "security_groups": either(_STRINGS, replaces=True, conflicts_with=("vpc_security_group_ids",)),
    "source_dest_check": optional(BOOL, default=True),
    "spot_instance_request_id": computed(STRING),
    "subnet_id": either(STRING, replaces=True),
    "tenancy": either(STRING, one_of("default", "dedicated", "host"), replaces=True),
    "user_data": either(
        STRING, length(0, 16384), form=user_data_hash, conflicts_with=("user_data_base64",)
    ),
    "user_data_base64": either(STRING, is_base64),
    "user_data_replace_on_change": optional(BOOL, default=False),
    "volume_tags": optional(MapType(STRING)),
    "vpc_security_group_ids": either(_STRINGS),
    "capacity_reservation_specification": RESERVATION,
    "cpu_options": PROCESSORS,
    "credit_specification": block(
        {"cpu_credits": optional(STRING, one_of("standard", "unlimited"))}
    ),
    "ebs_block_device": DISK,
    "enclave_options": block({"enabled": either(BOOL, replaces=True)}, computed=True),
    "ephemeral_block_device": EPHEMERAL,
    "instance_market_options": MARKET,
    "launch_template": TEMPLATE,
    "maintenance_options": block(
        {"auto_recovery": either(STRING, one_of("default", "disabled"))}, computed=True
    ),
    "metadata_options": METADATA,
    "network_interface": INTERFACE,
    "private_dns_name_options": DNS,
    "root_block_device": ROOT,
    "timeouts": timeouts("create", "delete", "read", "update"),
    **TAGS,
}
