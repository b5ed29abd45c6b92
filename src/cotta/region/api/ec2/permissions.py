"""Security group rules as requests write them: `IpPermissions`, each a rule for each source."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.ec2.lookups import SECURITY_GROUP
from cotta.region.model import SecurityGroup, SecurityGroupId, SecurityGroupRule
from cotta.region.numbers import parse_decimal
from cotta.region.store.kinds import SECURITY_GROUPS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cotta.region.store.store import Reading

_NAMES: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
_NAMED: Final = frozenset({"tcp", "udp", "icmp", "icmpv6", "-1"})
_LONGEST_DESCRIPTION: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The other end of a rule: one of the first four is set."""

    cidr_ipv4: str | None = None
    cidr_ipv6: str | None = None
    prefix_list_id: str | None = None
    referenced_group: SecurityGroupId | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """What a rule lets through: a protocol, and ports or ICMP's types where it has some."""

    protocol: str
    from_port: int | None
    to_port: int | None


def read_rules(
    rows: Reading, given: Mapping[str, Any], group: SecurityGroup, *, is_egress: bool
) -> list[SecurityGroupRule]:
    """Return the rules of a request's `IpPermissions`, or of its old members, without ids."""
    rules = []
    for permission in given.get("IpPermissions") or [_old_permission(given)]:
        ports = read_ports(permission)
        sources = list(_read_sources(rows, permission, group))
        if not sources:
            raise ApiError(
                "InvalidParameterValue",
                "A permission needs a range of addresses, a prefix list or a security group at "
                "the other end.",
            )
        rules += [make_rule(group.id, ports, source, is_egress=is_egress) for source in sources]
    return rules


def make_rule(
    group: SecurityGroupId, ports: Ports, source: Source, *, is_egress: bool
) -> SecurityGroupRule:
    """Return a rule without an id."""
    return SecurityGroupRule(
        id="",
        group_id=group,
        is_egress=is_egress,
        protocol=ports.protocol,
        from_port=ports.from_port,
        to_port=ports.to_port,
        cidr_ipv4=source.cidr_ipv4,
        cidr_ipv6=source.cidr_ipv6,
        prefix_list_id=source.prefix_list_id,
        referenced_group=source.referenced_group,
        description=source.description,
    )


def _old_permission(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the members from before `IpPermissions` say."""
    if "IpProtocol" not in given and "SourceSecurityGroupName" not in given:
        raise ApiError("MissingParameter", "The request must contain the parameter ipPermissions")
    permission: dict[str, Any] = {
        name: given[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in given
    }
    if "CidrIp" in given:
        permission["IpRanges"] = [{"CidrIp": given["CidrIp"]}]
    if "SourceSecurityGroupName" in given:
        permission.setdefault("IpProtocol", "-1")
        permission["UserIdGroupPairs"] = [{"GroupName": given["SourceSecurityGroupName"]}]
    return permission


# --- protocol and ports -----------------------------------------------------------------


def read_ports(permission: Mapping[str, Any]) -> Ports:
    """Return a permission's protocol and ports; `ApiError` for what there is none of."""
    given = str(permission.get("IpProtocol", "")).lower()
    number = parse_decimal(given)
    said = given if number is None else str(number)
    protocol = _NAMES.get(said, said)
    if protocol not in _NAMED and (number is None or number > 255):
        raise ApiError(
            "InvalidParameterValue",
            f"Invalid value '{given}' for IP protocol. Unknown protocol.",
        )
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol in {"tcp", "udp"}:
        if first is None or last is None:
            raise ApiError(
                "InvalidParameterValue",
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
            )
        if not 0 <= first <= last <= 65535:
            raise ApiError("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")
        return Ports(protocol, first, last)
    if protocol in {"icmp", "icmpv6"}:
        first, last = -1 if first is None else first, -1 if last is None else last
        if not (-1 <= first <= 255 and -1 <= last <= 255):
            raise ApiError("InvalidParameterValue", f"Invalid ICMP type and code ({first}:{last})")
        return Ports(protocol, first, last)
    return Ports(protocol, None, None)


# --- the other end ----------------------------------------------------------------------


def _read_sources(
    rows: Reading, permission: Mapping[str, Any], group: SecurityGroup
) -> Iterator[Source]:
    for one in permission.get("IpRanges", ()):
        yield Source(
            cidr_ipv4=read_range(one.get("CidrIp", ""), version=4),
            description=read_description(one.get("Description")),
        )
    for one in permission.get("Ipv6Ranges", ()):
        yield Source(
            cidr_ipv6=read_range(one.get("CidrIpv6", ""), version=6),
            description=read_description(one.get("Description")),
        )
    for one in permission.get("PrefixListIds", ()):
        raise ApiError(
            "InvalidPrefixListID.NotFound",
            f"The prefix list ID '{one.get('PrefixListId')}' does not exist: the local region has "
            "no prefix lists.",
        )
    for one in permission.get("UserIdGroupPairs", ()):
        yield Source(
            referenced_group=_read_group(rows, one, group),
            description=read_description(one.get("Description")),
        )


def read_range(given: str, *, version: int) -> str:
    """Return a range of addresses as AWS keeps it: what is behind the prefix is zero."""
    try:
        network = ipaddress.ip_network(given, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version or "/" not in given:
        raise ApiError("InvalidParameterValue", f"CIDR block {given} is malformed")
    return str(network)


def read_description(given: str | None) -> str | None:
    """Return a rule's description; `ApiError` if it is too long."""
    if given is not None and len(given) > _LONGEST_DESCRIPTION:
        raise ApiError(
            "InvalidParameterValue",
            f"Descriptions must have {_LONGEST_DESCRIPTION} characters at most.",
        )
    return given or None


def _read_group(rows: Reading, pair: Mapping[str, Any], group: SecurityGroup) -> SecurityGroupId:
    if "GroupId" in pair:
        return SECURITY_GROUP.require(rows, pair["GroupId"]).id
    name = pair.get("GroupName", "")
    for found in rows.all(SECURITY_GROUPS, name=name, vpc_id=group.vpc_id):
        return found.id
    raise ApiError(
        "InvalidGroup.NotFound",
        f"The security group '{name}' does not exist in VPC '{group.vpc_id}'",
    )


# --- answers ----------------------------------------------------------------------------


def is_same(one: SecurityGroupRule, other: SecurityGroupRule) -> bool:
    """Say whether two rules let the same through, whatever they are called."""
    return replace(one, id="", description=None, tags={}) == replace(
        other, id="", description=None, tags={}
    )


def render_rule(rule: SecurityGroupRule) -> str:
    """Return a rule as AWS's messages name it."""
    peer = rule.cidr_ipv4 or rule.cidr_ipv6 or rule.prefix_list_id or rule.referenced_group
    protocol = "ALL" if rule.protocol == "-1" else rule.protocol.upper()
    ports = (
        f", from port: {rule.from_port}, to port: {rule.to_port}"
        if rule.from_port is not None
        else ""
    )
    return f'"peer: {peer}, {protocol}{ports}, ALLOW"'


def encode_permissions(rules: Iterable[SecurityGroupRule], owner: str) -> list[dict[str, Any]]:
    """Return rules as `IpPermissions`: those of the same protocol and ports together."""
    permissions: dict[tuple[str, int | None, int | None], dict[str, Any]] = {}
    for rule in rules:
        permission = permissions.setdefault(
            (rule.protocol, rule.from_port, rule.to_port),
            {
                "IpProtocol": rule.protocol,
                "FromPort": rule.from_port,
                "ToPort": rule.to_port,
                "UserIdGroupPairs": [],
                "IpRanges": [],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
            },
        )
        described = {"Description": rule.description}
        if rule.cidr_ipv4:
            permission["IpRanges"].append({"CidrIp": rule.cidr_ipv4, **described})
        elif rule.cidr_ipv6:
            permission["Ipv6Ranges"].append({"CidrIpv6": rule.cidr_ipv6, **described})
        elif rule.referenced_group:
            permission["UserIdGroupPairs"].append(
                {"GroupId": rule.referenced_group, "UserId": owner, **described}
            )
    return list(permissions.values())
