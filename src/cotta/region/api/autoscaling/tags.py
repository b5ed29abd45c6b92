"""Tags of groups, and which of them the instances that a group launches get too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.lookups import invalid, page, require_group
from cotta.region.api.calls import Reads, Writes
from cotta.region.api.filters import select
from cotta.region.api.tags import decode_tags
from cotta.region.model import AutoScalingGroup, GroupTag
from cotta.region.store.kinds import AUTO_SCALING_GROUPS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.store.store import Reading, Writing

RESOURCE_TYPE: Final = "auto-scaling-group"

# A tag, and the name of its group.
Tag = tuple[str, GroupTag]

_FIELDS: Final[Fields[Tag]] = {
    "auto-scaling-group": lambda tag: tag[0],
    "key": lambda tag: tag[1].key,
    "value": lambda tag: tag[1].value,
    "propagate-at-launch": lambda tag: tag[1].propagates,
}


def read_tags(given: Iterable[Mapping[str, Any]]) -> tuple[GroupTag, ...]:
    """Return the tags of a request; `ApiError` if AWS would take one of them not."""
    listed = list(given)
    try:
        values = decode_tags(listed)
    except ApiError as error:
        raise invalid(error.message) from None
    return tuple(
        GroupTag(
            key=one["Key"],
            value=values[one["Key"]],
            propagates=one.get("PropagateAtLaunch", False),
        )
        for one in listed
    )


def encode_tag(group: str, tag: GroupTag) -> dict[str, Any]:
    """Return a tag as the API shows it."""
    return {
        "ResourceId": group,
        "ResourceType": RESOURCE_TYPE,
        "Key": tag.key,
        "Value": tag.value,
        "PropagateAtLaunch": tag.propagates,
    }


def create_or_update_tags(call: Call, rows: Writing) -> Answer:
    """Put tags on groups; instances that are there already keep theirs."""
    for group, given in _by_group(call, rows):
        tags = {tag.key: tag for tag in group.tags}
        tags |= {tag.key: tag for tag in read_tags(given)}
        read_tags([{"Key": tag.key, "Value": tag.value} for tag in tags.values()])
        rows.put(AUTO_SCALING_GROUPS, replace(group, tags=tuple(tags.values())))
    return {}


def delete_tags(call: Call, rows: Writing) -> Answer:
    """Take tags off groups; with a value, only if they have that one."""
    for group, given in _by_group(call, rows):
        gone = {
            (tag.key, tag.value)
            for tag in group.tags
            for one in given
            if one["Key"] == tag.key and one.get("Value") in {None, tag.value}
        }
        kept = tuple(tag for tag in group.tags if (tag.key, tag.value) not in gone)
        rows.put(AUTO_SCALING_GROUPS, replace(group, tags=kept))
    return {}


def _by_group(call: Call, rows: Reading) -> list[tuple[AutoScalingGroup, list[Mapping[str, Any]]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in call.parameters["Tags"]:
        if one.get("ResourceType", RESOURCE_TYPE) != RESOURCE_TYPE or not one.get("ResourceId"):
            raise invalid(
                f"A tag must name its group by ResourceId, with the ResourceType {RESOURCE_TYPE}."
            )
        found.setdefault(one["ResourceId"], []).append(one)
    return [(require_group(rows, name), given) for name, given in found.items()]


def describe_tags(call: Call, rows: Reading) -> Answer:
    """List the tags of all groups."""
    tags = [(group.name, tag) for group in rows.all(AUTO_SCALING_GROUPS) for tag in group.tags]
    try:
        chosen = select(tags, call.parameters.get("Filters"), _FIELDS)
    except ApiError as error:
        raise invalid(error.message) from None
    shown, token = page(chosen, call.parameters, key=lambda tag: f"{tag[0]}\n{tag[1].key}")
    return {"Tags": [encode_tag(*tag) for tag in shown], "NextToken": token}


OPERATIONS: Final[Operations] = {
    "CreateOrUpdateTags": Writes(create_or_update_tags),
    "DeleteTags": Writes(delete_tags),
    "DescribeTags": Reads(describe_tags),
}
