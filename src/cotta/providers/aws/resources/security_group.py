"""`aws_security_group`: who may reach an instance, and whom it may reach."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.waits import WaitEndedError
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import each, is_cidr, is_rule_description, length, matches
from cotta.providers.aws.connection import prefix_of, timeout
from cotta.providers.aws.declare import Resource, computed, either, optional, timeouts
from cotta.providers.aws.ec2_tags import tag_specifications, update_tags
from cotta.providers.aws.firewalls.rules import (
    EGRESS,
    INGRESS,
    RULES,
    Rule,
    authorize,
    collect,
    expand,
    found_rule,
    normal_protocol,
    revoke,
    rules_of,
)
from cotta.providers.aws.plain import UNKNOWN, has_unknown
from cotta.providers.aws.reading import by_filter
from cotta.providers.aws.tags import TAGS, as_dict
from cotta.values.types import BOOL, NUMBER, STRING, ListType, ObjectType, SetType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item

# How long a rule may take to be seen by those who ask.
_VISIBLE: Final = timedelta(seconds=30)

GROUP: Final = by_filter("ec2", "DescribeSecurityGroups", "SecurityGroups", "group-id", "GroupId")

_DELETION: Final = timedelta(minutes=15)
_RULE: Final = ObjectType(
    {
        "cidr_blocks": ListType(STRING),
        "description": STRING,
        "from_port": NUMBER,
        "ipv6_cidr_blocks": ListType(STRING),
        "prefix_list_ids": ListType(STRING),
        "protocol": STRING,
        "security_groups": SetType(STRING),
        "self": BOOL,
        "to_port": NUMBER,
    }
)
_LISTS: Final = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")


def _normal_rules(rules: list[Any]) -> list[Any]:
    """Return rules as they are stored: nothing in them is null."""
    return [rule if rule is UNKNOWN else _normal_rule(rule) for rule in rules]


def _normal_rule(rule: Fields) -> Fields:
    normal = dict(rule)
    for name in _LISTS:
        normal[name] = [] if rule[name] is None else rule[name]
    normal["description"] = "" if rule["description"] is None else rule["description"]
    normal["self"] = False if rule["self"] is None else rule["self"]
    if isinstance(rule["protocol"], str):
        normal["protocol"] = normal_protocol(rule["protocol"])
    return normal


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)

    def make() -> str:
        answer = on.call(
            "ec2",
            "CreateSecurityGroup",
            GroupName=name,
            Description=wanted["description"],
            VpcId=wanted["vpc_id"] or None,
            TagSpecifications=tag_specifications("security-group", wanted["tags_all"]),
        )
        return str(answer["GroupId"])

    return make_or_adopt(make, lambda: _as_asked_for(on, name, wanted))


def _as_asked_for(on: Connection, name: str, wanted: Fields) -> str | None:
    filters = [{"Name": "group-name", "Values": [name]}]
    if wanted["vpc_id"]:
        filters.append({"Name": "vpc-id", "Values": [wanted["vpc_id"]]})
    for group in on.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=filters):
        is_same = group["Description"] == wanted["description"]
        if is_same and as_dict(group.get("Tags")) == (wanted["tags_all"] or {}):
            return str(group["GroupId"])
    return None


def _settle(on: Connection, wanted: Fields, group: str) -> None:
    """Have no rules but those that are wanted: AWS gives a new group one that allows all egress."""
    on.wait(lambda: on.find(GROUP, group), f"the security group {group}", at_most=_DELETION)
    first = _first_rules(on, group)
    for direction in (INGRESS, EGRESS):
        there = [found_rule(each) for each in first[direction]]
        _change_rules(on, group, direction, there, _single(wanted[direction], group))


def _first_rules(on: Connection, group: str) -> dict[str, list[Item]]:
    """Return the rules of a new group, once the one is to be seen that AWS gives it."""

    def look() -> dict[str, list[Item]] | None:
        rules = rules_of(on, group)
        return rules if rules[EGRESS] else None

    try:
        found: dict[str, list[Item]] = on.wait(look, f"the rules of {group}", at_most=_VISIBLE)
    except WaitEndedError:
        # Not every endpoint gives it one.
        return rules_of(on, group)
    return found


def _single(blocks: list[Fields] | None, group: str) -> list[Rule]:
    return [rule for block in blocks or () for rule in expand(block, group)]


def _change_rules(
    on: Connection, group: str, direction: str, before: list[Rule], after: list[Rule]
) -> None:
    # First what goes, as a rule with another description is the same rule to AWS.
    revoke(on, group, direction, set(before) - set(after))
    authorize(on, group, direction, _without_doubles(set(after) - set(before)))


def _without_doubles(rules: set[Rule]) -> list[Rule]:
    seen: dict[Rule, Rule] = {}
    for rule in sorted(rules):
        seen.setdefault(rule.essence, rule)
    return list(seen.values())


def _read(on: Connection, prior: Fields) -> Fields | None:
    group = on.find(GROUP, prior["id"])
    if group is None:
        return None
    rules = rules_of(on, prior["id"])
    name, id_ = group["GroupName"], group["GroupId"]
    session = on.session
    owner = f"{session.partition()}:ec2:{session.region}:{group['OwnerId']}"
    return {
        "arn": f"arn:{owner}:security-group/{id_}",
        "description": group["Description"],
        "egress": _as_written(rules[EGRESS], prior.get("egress"), id_),
        "ingress": _as_written(rules[INGRESS], prior.get("ingress"), id_),
        "name": name,
        "name_prefix": prefix_of(name),
        "owner_id": group["OwnerId"],
        "vpc_id": group.get("VpcId"),
        **on.tags.found(as_dict(group.get("Tags")), prior),
    }


def _as_written(found: list[Item], written: list[Fields] | None, group: str) -> list[Fields]:
    """Return rules as blocks: as they are written where all of a block is there, else collected."""
    left = {found_rule(each) for each in found}
    kept = []
    for block in written or ():
        rules = set(expand(block, group))
        if rules and rules <= left:
            kept.append(block)
            left -= rules
    return kept + collect(left, group)


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    group = prior["id"]
    for direction in (INGRESS, EGRESS):
        if wanted[direction] is not None:
            before, after = _single(prior[direction], group), _single(wanted[direction], group)
            _change_rules(on, group, direction, before, after)
    update_tags(on, group, prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    group = prior["id"]
    if prior.get("revoke_rules_on_delete"):
        for direction, rules in rules_of(on, group).items():
            revoke(on, group, direction, [found_rule(each) for each in rules])

    def look() -> bool | None:
        try:
            on.call("ec2", "DeleteSecurityGroup", GroupId=group)
        except CloudError as error:
            # Interfaces of instances that end hold it for a while.
            if error.code in ("DependencyViolation", "InvalidGroup.InUse"):
                return None
            if error.is_missing:
                return True
            raise
        return True

    on.wait(
        look,
        f"the end of the security group {group}, which something still uses,",
        at_most=timeout(prior, "delete", _DELETION),
    )


_CHECKS: Final = (
    ("cidr_blocks", each(is_cidr)),
    ("ipv6_cidr_blocks", each(is_cidr)),
    ("description", is_rule_description),
)


def _validate(config: Fields) -> Iterator[tuple[str, str]]:
    for direction in (INGRESS, EGRESS):
        rules = config.get(direction)
        for rule in rules if isinstance(rules, list) else ():
            if rule is not UNKNOWN and not has_unknown(rule):
                yield from ((direction, sentence) for sentence in _wrong(direction, rule))


def _wrong(direction: str, rule: Fields) -> Iterator[str]:
    for name, check in _CHECKS:
        value = rule[name]
        if value is not None and (wrong := check(value)) is not None:
            yield f'The argument "{name}" of "{direction}" {wrong}.'
    for name in ("protocol", "from_port", "to_port"):
        if rule[name] is None:
            yield f'The argument "{name}" is required in "{direction}".'
            return
    if normal_protocol(rule["protocol"]) == "-1" and (rule["from_port"], rule["to_port"]) != (0, 0):
        yield (
            f'With the protocol "{rule["protocol"]}", which is all of them, from_port and to_port '
            f'of "{direction}" need to be 0.'
        )
    elif not any(rule[name] for name in (*_LISTS, "self")):
        yield f'A rule of "{direction}" needs a source: {", ".join(_LISTS)} or self.'


RESOURCE: Final = Resource(
    name="aws_security_group",
    version=1,
    fields={
        "arn": computed(STRING),
        "description": optional(
            STRING,
            is_rule_description,
            default="Managed by Terraform",
            replaces=True,
        ),
        "egress": either(SetType(_RULE), form=_normal_rules),
        "id": either(STRING),
        "ingress": either(SetType(_RULE), form=_normal_rules),
        "name": either(
            STRING,
            length(0, 255),
            matches(r"^(?!sg-)", "can't begin with sg-"),
            replaces=True,
            conflicts_with=("name_prefix",),
        ),
        "name_prefix": either(
            STRING, length(0, 229), matches(r"^(?!sg-)", "can't begin with sg-"), replaces=True
        ),
        "owner_id": computed(STRING),
        "revoke_rules_on_delete": optional(BOOL, default=False),
        "vpc_id": either(STRING, replaces=True),
        "timeouts": timeouts("create", "delete"),
        **TAGS,
    },
    create=_create,
    settle=_settle,
    read=_read,
    update=_update,
    delete=_delete,
    validate=lambda config: list(_validate(config)),
    lookups=lambda prior: [(GROUP, prior["id"]), (RULES, prior["id"])],
)
