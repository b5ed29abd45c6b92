"""How data sources look for things: filters, tags, and the one that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.declare import block_set, required
from cotta.providers.aws.tags import as_dict
from cotta.values.types import STRING, SetType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields, Nested

# The block `filter`, as most data sources of EC2 have it.
FILTER: Final[Nested] = block_set(
    {"name": required(STRING), "values": required(SetType(STRING))},
)

# How many of those found are named when there are too many.
_SHOWN: Final = 5


def filters_of(config: Fields, **wanted: Any) -> list[dict[str, Any]] | None:
    """Return filters as EC2 takes them: of arguments that are set, of tags, of `filter` blocks.

    `wanted` is by EC2's names, `_` in the place of `-`; None and "" are left out.
    """
    filters = [
        {"Name": name.replace("_", "-"), "Values": value if isinstance(value, list) else [value]}
        for name, value in wanted.items()
        if value not in (None, "", [])
    ]
    filters += tag_filters(config.get("tags"))
    filters += [
        {"Name": one["name"], "Values": [each or "" for each in one["values"]]}
        for one in config.get("filter") or []
    ]
    return filters or None


def tag_filters(tags: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return filters that let through what carries all of these tags."""
    return [
        {"Name": f"tag:{key}", "Values": [value or ""]}
        for key, value in sorted((tags or {}).items())
    ]


def tags_of(on: Connection, tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return the tags that were found, without those that are nobody's business here."""
    return {key: value for key, value in as_dict(tags).items() if not on.tags.ignores(key)}


def the_one(found: Sequence[Any], kind: str, plural: str, describe: Callable[[Any], str]) -> Any:
    """Return the only one that was found; raise NothingFoundError for none, and for several.

    `kind` is "subnet", `describe` says which one: "subnet-1 (10.0.0.0/24)".
    """
    if len(found) == 1:
        return found[0]
    if not found:
        raise NothingFoundError(
            f"No {kind} found",
            f"No {kind} of this account and region fits the arguments and filters of this block. "
            "Loosen them, or see whether the provider's region and account are those that are "
            "meant.",
        )
    raise NothingFoundError(
        f"Several {plural} found",
        f"{len(found)} {plural} fit the arguments and filters of this block, and it stands for "
        f"one: {listed([describe(one) for one in found])}. Narrow them down.",
    )


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many there are besides."""
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def named(thing: Mapping[str, Any], identity: str, *also: str) -> str:
    """Return what a thing is called in a message: its id, its name tag and some attributes."""
    details = [as_dict(thing.get("Tags")).get("Name"), *(thing.get(name) for name in also)]
    told = ", ".join(str(detail) for detail in details if detail)
    return f"{thing[identity]} ({told})" if told else str(thing[identity])


def texts(thing: Mapping[str, Any], **attributes: str) -> Fields:
    """Return attributes from members of an answer that are strings; "" for those it lacks."""
    return {name: str(thing.get(member) or "") for name, member in attributes.items()}


def truths(thing: Mapping[str, Any], **attributes: str) -> Fields:
    """Return attributes from members of an answer that are true or false."""
    return {name: bool(thing.get(member)) for name, member in attributes.items()}
