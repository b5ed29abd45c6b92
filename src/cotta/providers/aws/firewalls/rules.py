"""Rules of security groups as single ones: one protocol, one range of ports, one source.

AWS keeps them so; a configuration says several at a time.  What a
configuration says and what AWS answers meet here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.reading import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item

INGRESS: Final = "ingress"
EGRESS: Final = "egress"
ANY: Final = "-1"

# By their numbers, as AWS takes them; it answers with the names of these alone.
_NUMBERS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A single rule; `source` is addresses, a list of prefixes or a group, as `kind` says."""

    protocol: str
    from_port: int
    to_port: int
    kind: str
    source: str
    description: str = ""

    @property
    def essence(self) -> Rule:
        """The rule without its description, by which AWS tells rules apart."""
        return Rule(self.protocol, self.from_port, self.to_port, self.kind, self.source)


CIDR: Final = "cidr"
CIDR6: Final = "cidr6"
PREFIXES: Final = "prefixes"
GROUP: Final = "group"

# The arguments of a set of rules that hold sources, by their kind.
SOURCES: Final = (
    ("cidr_blocks", CIDR),
    ("ipv6_cidr_blocks", CIDR6),
    ("prefix_list_ids", PREFIXES),
)


def normal_protocol(protocol: str) -> str:
    """Return a protocol as AWS answers it."""
    lower = protocol.lower()
    return ANY if lower == "all" else _NUMBERS.get(lower, lower)


def expand(block: Fields, own_group: str) -> list[Rule]:
    """Return the single rules of an `ingress` or `egress`, or of a rule with several sources."""
    protocol = normal_protocol(block["protocol"])
    is_any = protocol == ANY
    first, last = (0, 0) if is_any else (block["from_port"], block["to_port"])
    sources = [(kind, source) for name, kind in SOURCES for source in block.get(name) or ()]
    sources += [(GROUP, source) for source in block.get("security_groups") or ()]
    if block.get("source_security_group_id"):
        sources.append((GROUP, block["source_security_group_id"]))
    if block.get("self"):
        sources.append((GROUP, own_group))
    description = block.get("description") or ""
    return [Rule(protocol, first, last, kind, source, description) for kind, source in sources]


def found_rule(item: Item) -> Rule:
    """Return a rule as AWS describes it."""
    protocol = str(item["IpProtocol"])
    first, last = item.get("FromPort", -1), item.get("ToPort", -1)
    if protocol == ANY:
        first = last = 0
    kind, source = _found_source(item)
    return Rule(protocol, first, last, kind, source, item.get("Description", ""))


def _found_source(item: Item) -> tuple[str, str]:
    if item.get("CidrIpv4"):
        return CIDR, str(item["CidrIpv4"])
    if item.get("CidrIpv6"):
        return CIDR6, str(item["CidrIpv6"])
    if item.get("PrefixListId"):
        return PREFIXES, str(item["PrefixListId"])
    group = item["ReferencedGroupInfo"]
    owner = group.get("UserId")
    if owner and owner != item.get("GroupOwnerId", owner):
        return GROUP, f"{owner}/{group['GroupId']}"
    return GROUP, str(group["GroupId"])


def collect(rules: Iterable[Rule], own_group: str) -> list[Fields]:
    """Return rules as blocks, those that differ in their sources alone in one."""
    blocks: dict[tuple[str, int, int, str], Fields] = {}
    for rule in sorted(rules):
        key = (rule.protocol, rule.from_port, rule.to_port, rule.description)
        block = blocks.setdefault(
            key,
            {
                "protocol": rule.protocol,
                "from_port": rule.from_port,
                "to_port": rule.to_port,
                "description": rule.description,
                "cidr_blocks": [],
                "ipv6_cidr_blocks": [],
                "prefix_list_ids": [],
                "security_groups": [],
                "self": False,
            },
        )
        name = {kind: name for name, kind in SOURCES}.get(rule.kind, "security_groups")
        if rule.kind == GROUP and rule.source == own_group:
            block["self"] = True
        else:
            block[name].append(rule.source)
    return list(blocks.values())


def _permission(rule: Rule) -> dict[str, Any]:
    described = {"Description": rule.description} if rule.description else {}
    permission: dict[str, Any] = {"IpProtocol": rule.protocol}
    if rule.protocol != ANY:
        permission |= {"FromPort": rule.from_port, "ToPort": rule.to_port}
    match rule.kind:
        case "cidr":
            permission["IpRanges"] = [{"CidrIp": rule.source, **described}]
        case "cidr6":
            permission["Ipv6Ranges"] = [{"CidrIpv6": rule.source, **described}]
        case "prefixes":
            permission["PrefixListIds"] = [{"PrefixListId": rule.source, **described}]
        case _:
            owner, _, group = rule.source.rpartition("/")
            pair = {"GroupId": group, **({"UserId": owner} if owner else {})}
            permission["UserIdGroupPairs"] = [{**pair, **described}]
    return permission


_OPERATIONS: Final = {
    INGRESS: ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
    EGRESS: ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"),
}


def authorize(on: Connection, group: str, direction: str, rules: Iterable[Rule]) -> None:
    """Add rules to a group; one that is there already, from a try without an answer, is fine."""
    _call(on, group, _OPERATIONS[direction][0], rules)


def revoke(on: Connection, group: str, direction: str, rules: Iterable[Rule]) -> None:
    """Take rules from a group."""
    _call(on, group, _OPERATIONS[direction][1], rules)


def _call(on: Connection, group: str, operation: str, rules: Iterable[Rule]) -> None:
    permissions = [_permission(rule) for rule in sorted(rules)]
    if permissions:
        on.call("ec2", operation, GroupId=group, IpPermissions=permissions)


def _ask(session: Session, ids: Sequence[str]) -> Iterable[Item]:
    rules: dict[str, list[Item]] = {id_: [] for id_ in ids}
    filters = [{"Name": "group-id", "Values": list(ids)}]
    for rule in session.pages(
        "ec2", "DescribeSecurityGroupRules", "SecurityGroupRules", Filters=filters
    ):
        rules[rule["GroupId"]].append(rule)
    return [{"GroupId": id_, "Rules": found} for id_, found in rules.items()]


# All rules of a group, by the group's id.
RULES: Final = Lookup(ask=_ask, identify=lambda item: str(item["GroupId"]))


def rules_of(on: Connection, group: str) -> dict[str, list[Item]]:
    """Return the rules of a group as AWS describes them, by their direction."""
    found = on.find(RULES, group) or {"Rules": []}
    return {
        INGRESS: [each for each in found["Rules"] if not each["IsEgress"]],
        EGRESS: [each for each in found["Rules"] if each["IsEgress"]],
    }
