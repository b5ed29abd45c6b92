"""Networks as the API has them; where packets go is the business of `region.networks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cotta.region.model.ids import (
    InstanceId,
    NetworkInterfaceId,
    SecurityGroupId,
    SubnetId,
    VpcId,
)

# There is one set of DHCP options, and every network has it.
DHCP_OPTIONS_ID: Final = "dopt-00000000000000001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc:
    """A network; the region has one from the start, the default one."""

    id: VpcId
    cidr: str
    is_default: bool = False
    dhcp_options_id: str = DHCP_OPTIONS_ID
    instance_tenancy: str = "default"
    enable_dns_support: bool = True
    enable_dns_hostnames: bool = True
    counts_address_usage: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A part of a network, in the zone with the letter `zone`."""

    id: SubnetId
    vpc_id: VpcId
    cidr: str
    zone: str
    is_default: bool = False
    map_public_ip: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetGateway:
    """The way out of a network."""

    id: str
    vpc_id: VpcId | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where packets to `cidr` go."""

    cidr: str
    gateway_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """The routes of a network; the main one is every subnet's."""

    id: str
    vpc_id: VpcId
    association_id: str
    is_main: bool = True
    routes: tuple[Route, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """A set of rules by name; the rules are records of their own."""

    id: SecurityGroupId
    name: str
    description: str
    vpc_id: VpcId
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupRule:
    """What a security group lets in, or out: one source, or destination, each.

    `protocol` is `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all; ports are
    None where the protocol has none.
    """

    id: str
    group_id: SecurityGroupId
    is_egress: bool
    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidr_ipv4: str | None = None
    cidr_ipv6: str | None = None
    prefix_list_id: str | None = None
    referenced_group: SecurityGroupId | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """The end of a network at an instance, or at something of the region's own.

    It holds the address: as long as it is there, nobody else gets that one.
    `requester` is who else than a person made it, a load balancer say.
    """

    id: NetworkInterfaceId
    vpc_id: VpcId
    subnet_id: SubnetId
    zone: str
    private_ip: str
    mac: str
    created_at: datetime
    security_groups: tuple[SecurityGroupId, ...] = ()
    description: str = ""
    instance_id: InstanceId | None = None
    attachment_id: str | None = None
    attached_at: datetime | None = None
    delete_on_termination: bool = True
    public_ip: str | None = None
    source_dest_check: bool = True
    requester: str | None = None
    interface_type: str = "interface"
    # When its instance ended: the address is held for a while, as targets drain.
    released_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An Elastic IP address."""

    allocation_id: str
    public_ip: str
    association_id: str | None = None
    instance_id: InstanceId | None = None
    network_interface_id: NetworkInterfaceId | None = None
    private_ip: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
