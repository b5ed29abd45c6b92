"""`aws_security_group_rule`: rules of a security group that is declared elsewhere.

One protocol and range of ports, any number of sources; AWS keeps a rule for each.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.checks import each, is_cidr, is_rule_description, one_of
from cotta.providers.aws.declare import Resource, computed, either, optional, required, timeouts
from cotta.providers.aws.firewalls.rules import (
    EGRESS,
    INGRESS,
    RULES,
    Rule,
    authorize,
    expand,
    found_rule,
    normal_protocol,
    revoke,
    rules_of,
)
from cotta.values.types import BOOL, NUMBER, STRING, ListType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item

_STRINGS: Final = ListType(STRING)
_SOURCES: Final = (
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "self",
    "source_security_group_id",
)


def _rules(fields: Fields) -> list[Rule]:
    return expand(fields, fields["security_group_id"])


def _create(on: Connection, wanted: Fields) -> str:
    group, direction = wanted["security_group_id"], wanted["type"]
    try:
        authorize(on, group, direction, _rules(wanted))
    except CloudError as error:
        # A try without an answer may have added all of them, and they go together or not at all.
        tried_before = error.is_repeated or error.is_unanswered
        if not (tried_before and len(_matching(on, wanted)) == len(_rules(wanted))):
            raise
    return _id_of(wanted)


def _id_of(fields: Fields) -> str:
    """Return an id that says nothing: AWS has none for several rules together."""
    text = "-".join([fields["security_group_id"], fields["type"], *map(repr, _rules(fields))])
    return f"sgrule-{zlib.crc32(text.encode())}"


def _matching(on: Connection, fields: Fields) -> list[Item]:
    """Return what AWS has of the rules, in whatever words they are described."""
    wanted = {rule.essence for rule in _rules(fields)}
    found = rules_of(on, fields["security_group_id"])[fields["type"]]
    return [item for item in found if found_rule(item).essence in wanted]


def _read(on: Connection, prior: Fields) -> Fields | None:
    found = _matching(on, prior)
    if not found:
        return None
    rules = [found_rule(item) for item in found]
    there = {rule.source for rule in rules}
    left: Fields = {
        name: [source for source in prior.get(name) or () if source in there]
        for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids")
    }
    return {
        **left,
        "description": rules[0].description,
        "from_port": prior["from_port"],
        "protocol": rules[0].protocol,
        "security_group_rule_id": found[0]["SecurityGroupRuleId"] if len(found) == 1 else None,
        "to_port": prior["to_port"],
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    direction = wanted["type"].capitalize()
    described = [
        {
            "SecurityGroupRuleId": item["SecurityGroupRuleId"],
            "Description": wanted["description"] or "",
        }
        for item in _matching(on, prior)
    ]
    on.call(
        "ec2",
        f"UpdateSecurityGroupRuleDescriptions{direction}",
        GroupId=prior["security_group_id"],
        SecurityGroupRuleDescriptions=described,
    )


def _delete(on: Connection, prior: Fields) -> None:
    rules = {found_rule(item) for item in _matching(on, prior)}
    revoke(on, prior["security_group_id"], prior["type"], rules)


def _find(id_: str) -> Fields:
    parts = id_.split("_")
    if len(parts) < 6 or parts[1] not in (INGRESS, EGRESS):
        raise ValueError(
            "It needs the group, ingress or egress, the protocol, both ports and the sources, as "
            f'sg-1_ingress_tcp_80_80_10.0.0.0/8, and this is "{id_}".'
        )
    group, direction, protocol, first, last, *sources = parts
    found: Fields = {
        "id": id_,
        "security_group_id": group,
        "type": direction,
        "protocol": normal_protocol(protocol),
        "from_port": int(first) if first.isdecimal() else 0,
        "to_port": int(last) if last.isdecimal() else 0,
    }
    for source in sources:
        if source == "self":
            found["self"] = True
        elif "sg-" in source:
            found["source_security_group_id"] = source
        elif source.startswith("pl-"):
            found.setdefault("prefix_list_ids", []).append(source)
        else:
            name = "ipv6_cidr_blocks" if ":" in source else "cidr_blocks"
            found.setdefault(name, []).append(source)
    return found


def _source(*conflicts: str, **more: Any) -> dict[str, Any]:
    return {
        "replaces": True,
        "at_least_one_of": _SOURCES,
        "conflicts_with": conflicts,
        **more,
    }


RESOURCE: Final = Resource(
    name="aws_security_group_rule",
    version=2,
    fields={
        "cidr_blocks": optional(
            _STRINGS, each(is_cidr), **_source("self", "source_security_group_id")
        ),
        "description": optional(STRING, is_rule_description),
        "from_port": required(NUMBER, replaces=True),
        "id": either(STRING),
        "ipv6_cidr_blocks": optional(
            _STRINGS, each(is_cidr), **_source("self", "source_security_group_id")
        ),
        "prefix_list_ids": optional(_STRINGS, **_source()),
        "protocol": required(STRING, replaces=True, form=normal_protocol),
        "security_group_id": required(STRING, replaces=True),
        "security_group_rule_id": computed(STRING),
        "self": optional(BOOL, default=False, **_source("source_security_group_id")),
        "source_security_group_id": either(STRING, **_source()),
        "to_port": required(NUMBER, replaces=True),
        "type": required(STRING, one_of(INGRESS, EGRESS), replaces=True),
        "timeouts": timeouts("create"),
    },
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    find=_find,
    lookups=lambda prior: [(RULES, prior["security_group_id"])],
)
