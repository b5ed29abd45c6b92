"""What a block `aws_lb` may hold.  Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import one_of
from cotta.providers.aws.declare import (
    block,
    block_set,
    computed,
    either,
    optional,
    required,
    timeouts,
)
from cotta.providers.aws.resources.lb_target_group_fields import name_checks, no_hyphen_at_the_end
from cotta.providers.aws.tags import TAGS
from cotta.values.types import BOOL, NUMBER, STRING, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Check, Field


def _is_address(kind: type[IPv4Address | IPv6Address], version: int) -> Check:
    def check(text: str) -> str | None:
        try:
            kind(text)
        except ValueError:
            return f'needs an IPv{version} address, and this is "{text}"'
        return None

    return check


def _not_internal(text: str) -> str | None:
    if text.startswith("internal-"):
        return f'can\'t begin with "internal-", and this is "{text}"'
    return None


def _logs() -> Field:
    return block(
        {
            "bucket": required(STRING),
            "enabled": optional(BOOL, default=False),
            "prefix": optional(STRING),
        }
    )


_EITHER_NETWORK: Final = ("subnet_mapping", "subnets")

FIELDS: Final[Mapping[str, Field]] = {
    "access_logs": _logs(),
    "arn": computed(STRING),
    "arn_suffix": computed(STRING),
    "client_keep_alive": optional(NUMBER, default=3600),
    "connection_logs": _logs(),
    "customer_owned_ipv4_pool": optional(STRING, replaces=True),
    "desync_mitigation_mode": optional(
        STRING, one_of("monitor", "defensive", "strictest"), default="defensive"
    ),
    "dns_name": computed(STRING),
    "dns_record_client_routing_policy": optional(
        STRING,
        one_of(
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
            "any_availability_zone",
        ),
        default="any_availability_zone",
    ),
    "drop_invalid_header_fields": optional(BOOL, default=False),
    "enable_cross_zone_load_balancing": optional(BOOL, default=False),
    "enable_deletion_protection": optional(BOOL, default=False),
    "enable_http2": optional(BOOL, default=True),
    "enable_tls_version_and_cipher_suite_headers": optional(BOOL, default=False),
    "enable_waf_fail_open": optional(BOOL, default=False),
    "enable_xff_client_port": optional(BOOL, default=False),
    "enable_zonal_shift": optional(BOOL, default=False),
    "enforce_security_group_inbound_rules_on_private_link_traffic": either(
        STRING, one_of("on", "off")
    ),
    "id": either(STRING),
    "idle_timeout": optional(NUMBER, default=60),
    "internal": either(BOOL, replaces=True),
    "ip_address_type": either(STRING, one_of("ipv4", "dualstack", "dualstack-without-public-ipv4")),
    "ipam_pools": block({"ipv4_ipam_pool_id": required(STRING)}),
    "load_balancer_type": optional(
        STRING, one_of("application", "network", "gateway"), replaces=True, default="application"
    ),
    "minimum_load_balancer_capacity": block({"capacity_units": required(NUMBER)}),
    "name": either(
        STRING,
        *name_checks(32),
        no_hyphen_at_the_end,
        _not_internal,
        replaces=True,
        conflicts_with=("name_prefix",),
    ),
    "name_prefix": either(STRING, *name_checks(6), replaces=True),
    "preserve_host_header": optional(BOOL, default=False),
    "security_groups": either(SetType(STRING)),
    "subnet_mapping": block_set(
        {
            "allocation_id": optional(STRING),
            "ipv6_address": optional(STRING, _is_address(IPv6Address, 6)),
            "outpost_id": computed(STRING),
            "private_ipv4_address": optional(STRING, _is_address(IPv4Address, 4)),
            "subnet_id": required(STRING),
        },
        computed=True,
        exactly_one_of=_EITHER_NETWORK,
    ),
    "subnets": either(SetType(STRING), exactly_one_of=_EITHER_NETWORK),
    "timeouts": timeouts("create", "delete", "update"),
    "vpc_id": computed(STRING),
    "xff_header_processing_mode": optional(
        STRING, one_of("append", "preserve", "remove"), default="append"
    ),
    "zone_id": computed(STRING),
    **TAGS,
}
