"""What security groups let through: rules added, taken away, changed, described."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Writes
from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.ec2.lookups import SECURITY_GROUP, SECURITY_GROUP_RULE
from cotta.region.api.ec2.permissions import (
    Source,
    is_same,
    make_rule,
    read_description,
    read_ports,
    read_range,
    read_rules,
    render_rule,
)
from cotta.region.api.ec2.security_groups import find_group
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import SECURITY_GROUP_RULES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import SecurityGroup, SecurityGroupRule
    from cotta.region.store.store import Reading, Writing

_MOST_RULES: Final = 60


def _rules_of(rows: Reading, group: SecurityGroup, *, is_egress: bool) -> list[SecurityGroupRule]:
    rules = rows.all(SECURITY_GROUP_RULES, group_id=group.id)
    return [rule for rule in rules if rule.is_egress is is_egress]


def _authorize(call: Call, rows: Writing, *, is_egress: bool) -> Answer:
    """Add rules: all of them or, if one is there already, none."""
    given = call.parameters
    group = find_group(rows, given)
    tags = tags_for(given.get("TagSpecifications"), "security-group-rule")
    there = _rules_of(rows, group, is_egress=is_egress)
    added: list[SecurityGroupRule] = []
    for rule in read_rules(rows, given, group, is_egress=is_egress):
        _refuse_duplicate(rule, [*there, *added])
        added.append(replace(rule, id=new_id("sgr", call.ids), tags=tags))
    if len(there) + len(added) > _MOST_RULES:
        raise ApiError(
            "RulesPerSecurityGroupLimitExceeded",
            f"The maximum number of rules per security group has been reached: {_MOST_RULES} in "
            "each direction.",
        )
    for rule in added:
        rows.add(SECURITY_GROUP_RULES, rule)
    return {
        "Return": True,
        "SecurityGroupRules": [_encode(rule, call, rows) for rule in added],
    }


def _refuse_duplicate(rule: SecurityGroupRule, there: list[SecurityGroupRule]) -> None:
    if any(is_same(rule, other) for other in there):
        raise ApiError(
            "InvalidPermission.Duplicate",
            f"the specified rule {render_rule(rule)} already exists",
        )


def _revoke(call: Call, rows: Writing, *, is_egress: bool) -> Answer:
    """Take rules away: all that are named or, if one is not there, none."""
    given = call.parameters
    group = find_group(rows, given)
    gone = [
        _own_rule(rows, group, rule_id, is_egress=is_egress)
        for rule_id in given.get("SecurityGroupRuleIds", ())
    ]
    if not gone:
        there = _rules_of(rows, group, is_egress=is_egress)
        wanted = read_rules(rows, given, group, is_egress=is_egress)
        gone = [_the_same(rule, there) for rule in wanted]
    for rule in gone:
        rows.remove(SECURITY_GROUP_RULES, rule.id)
    return {
        "Return": True,
        "RevokedSecurityGroupRules": [
            {
                "SecurityGroupRuleId": rule.id,
                **_encode_contents(rule),
                "ReferencedGroupId": rule.referenced_group,
            }
            for rule in gone
        ],
    }


def _own_rule(
    rows: Reading, group: SecurityGroup, rule_id: str, *, is_egress: bool | None = None
) -> SecurityGroupRule:
    """Return a rule by its id, if it is one of the group's."""
    rule = SECURITY_GROUP_RULE.require(rows, rule_id)
    if rule.group_id != group.id or is_egress not in {None, rule.is_egress}:
        raise SECURITY_GROUP_RULE.not_found([rule_id])
    return rule


def _the_same(wanted: SecurityGroupRule, there: list[SecurityGroupRule]) -> SecurityGroupRule:
    for rule in there:
        if is_same(wanted, rule):
            return rule
    raise ApiError(
        "InvalidPermission.NotFound",
        f"The specified rule does not exist in this security group: {render_rule(wanted)}",
    )


def modify_security_group_rules(call: Call, rows: Writing) -> Answer:
    """Have rules let through something else."""
    given = call.parameters
    group = SECURITY_GROUP.require(rows, given["GroupId"])
    for change in given["SecurityGroupRules"]:
        before = _own_rule(rows, group, change["SecurityGroupRuleId"])
        wanted = change.get("SecurityGroupRule", {})
        made = make_rule(
            group.id, read_ports(wanted), _read_source(rows, wanted), is_egress=before.is_egress
        )
        others = [
            rule
            for rule in _rules_of(rows, group, is_egress=before.is_egress)
            if rule.id != before.id
        ]
        _refuse_duplicate(made, others)
        rows.put(SECURITY_GROUP_RULES, replace(made, id=before.id, tags=before.tags))
    return {"Return": True}


def _read_source(rows: Reading, wanted: Mapping[str, Any]) -> Source:
    ends = [
        name
        for name in ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
        if wanted.get(name)
    ]
    if len(ends) != 1 or ends == ["PrefixListId"]:
        raise ApiError(
            "InvalidParameterCombination",
            "A rule has one of CidrIpv4, CidrIpv6 and ReferencedGroupId.",
        )
    description = read_description(wanted.get("Description"))
    match ends[0]:
        case "CidrIpv4":
            range_ = read_range(wanted["CidrIpv4"], version=4)
            return Source(cidr_ipv4=range_, description=description)
        case "CidrIpv6":
            range_ = read_range(wanted["CidrIpv6"], version=6)
            return Source(cidr_ipv6=range_, description=description)
        case _:
            referenced = SECURITY_GROUP.require(rows, wanted["ReferencedGroupId"])
            return Source(referenced_group=referenced.id, description=description)


def _redescribe(call: Call, rows: Writing, *, is_egress: bool) -> Answer:
    """Change the descriptions of rules, which are named by id or written out."""
    given = call.parameters
    group = find_group(rows, given)
    there = _rules_of(rows, group, is_egress=is_egress)
    changes = [
        (_own_rule(rows, group, one.get("SecurityGroupRuleId", "")), one.get("Description"))
        for one in given.get("SecurityGroupRuleDescriptions", ())
    ]
    if not changes:
        changes = [
            (_the_same(wanted, there), wanted.description)
            for wanted in read_rules(rows, given, group, is_egress=is_egress)
        ]
    for rule, description in changes:
        rows.put(SECURITY_GROUP_RULES, replace(rule, description=read_description(description)))
    return {"Return": True}


# --- describing --------------------------------------------------------------------------


def _encode_contents(rule: SecurityGroupRule) -> dict[str, Any]:
    return {
        "GroupId": rule.group_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.protocol,
        # Here, and not in a group's permissions, all ports are -1.
        "FromPort": rule.from_port if rule.from_port is not None else -1,
        "ToPort": rule.to_port if rule.to_port is not None else -1,
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "Description": rule.description,
    }


def _encode(rule: SecurityGroupRule, call: Call, _rows: Reading) -> dict[str, Any]:
    referenced = (
        {"GroupId": rule.referenced_group, "UserId": call.account.id}
        if rule.referenced_group
        else None
    )
    return {
        "SecurityGroupRuleId": rule.id,
        "GroupOwnerId": call.account.id,
        "SecurityGroupRuleArn": call.arn("ec2", f"security-group-rule/{rule.id}"),
        "ReferencedGroupInfo": referenced,
        "Tags": encode_tags(rule.tags),
        **_encode_contents(rule),
    }


LISTING: Final = Listing(
    of=SECURITY_GROUP_RULE,
    ids="SecurityGroupRuleIds",
    answer="SecurityGroupRules",
    fields=lambda _call, _rows: {
        "group-id": lambda rule: rule.group_id,
        "security-group-rule-id": lambda rule: rule.id,
    },
    encode=_encode,
)

OPERATIONS: Final[Operations] = {
    "AuthorizeSecurityGroupEgress": Writes(partial(_authorize, is_egress=True)),
    "AuthorizeSecurityGroupIngress": Writes(partial(_authorize, is_egress=False)),
    "DescribeSecurityGroupRules": describe(LISTING),
    "ModifySecurityGroupRules": Writes(modify_security_group_rules),
    "RevokeSecurityGroupEgress": Writes(partial(_revoke, is_egress=True)),
    "RevokeSecurityGroupIngress": Writes(partial(_revoke, is_egress=False)),
    "UpdateSecurityGroupRuleDescriptionsEgress": Writes(partial(_redescribe, is_egress=True)),
    "UpdateSecurityGroupRuleDescriptionsIngress": Writes(partial(_redescribe, is_egress=False)),
}
