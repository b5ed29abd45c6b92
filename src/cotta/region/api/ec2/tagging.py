"""Tags of anything: by its id, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.lookups import KEY_PAIR, NAMED
from cotta.region.api.filters import select
from cotta.region.api.pages import page
from cotta.region.api.tags import check_count, decode_tags
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.ec2.lookups import Named
    from cotta.region.api.filters import Fields
    from cotta.region.store.store import Reading, Writing


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag, and what it is on."""

    resource_id: str
    resource_type: str
    key: str
    value: str


_FIELDS: Final[Fields[_Tag]] = {
    "key": lambda tag: tag.key,
    "resource-id": lambda tag: tag.resource_id,
    "resource-type": lambda tag: tag.resource_type,
    "value": lambda tag: tag.value,
}


def _find(rows: Reading, resource_id: str) -> tuple[Named[Any], Any]:
    """Return what an id names, and of which kind that is."""
    named = NAMED.get(resource_id.partition("-")[0])
    if named is None:
        raise ApiError("InvalidID", f"The ID '{resource_id}' is not valid")
    if named is KEY_PAIR:
        found = rows.all(KEY_PAIR.kind, id=resource_id)
        if not found:
            raise named.not_found([resource_id])
        return named, found[0]
    return named, named.require(rows, resource_id)


def _change(
    call: Call, rows: Writing, change: Callable[[dict[str, str]], dict[str, str]]
) -> Answer:
    for resource_id in call.parameters["Resources"]:
        named, record = _find(rows, resource_id)
        tags = change(dict(record.tags))
        if tags != record.tags:
            rows.put(named.kind, replace(record, tags=tags))
    return {}


def create_tags(call: Call, rows: Writing) -> Answer:
    """Put tags on things, over those with the same keys: on all of them, or on none."""
    added = decode_tags(call.parameters["Tags"])
    return _change(call, rows, lambda tags: check_count({**tags, **added}))


def delete_tags(call: Call, rows: Writing) -> Answer:
    """Take tags off things: those with a key, or with that value too; all if none are named."""
    named: Sequence[Mapping[str, str]] | None = call.parameters.get("Tags")

    def left(tags: dict[str, str]) -> dict[str, str]:
        if not named:
            return {key: value for key, value in tags.items() if key.startswith("aws:")}
        for tag in named:
            key = tag.get("Key", "")
            if "Value" not in tag or tags.get(key) == tag["Value"]:
                tags.pop(key, None)
        return tags

    return _change(call, rows, left)


def describe_tags(call: Call, rows: Reading) -> Answer:
    """List the tags of everything."""
    given = call.parameters
    tags = [
        _Tag(record.id if named is KEY_PAIR else named.kind.key(record), kind, key, value)
        for named in NAMED.values()
        for record in rows.all(named.kind)
        for kind in (named.resource_type,)
        for key, value in record.tags.items()
    ]
    shown, token = page(
        select(tags, given.get("Filters"), _FIELDS),
        key=lambda tag: f"{tag.resource_id} {tag.key}",
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {"Tags": [_encode(tag) for tag in shown], "NextToken": token}


def _encode(tag: _Tag) -> dict[str, str]:
    return {
        "ResourceId": tag.resource_id,
        "ResourceType": tag.resource_type,
        "Key": tag.key,
        "Value": tag.value,
    }


OPERATIONS: Final[Operations] = {
    "CreateTags": Writes(create_tags),
    "DeleteTags": Writes(delete_tags),
    "DescribeTags": Reads(describe_tags),
}
