"""EC2's filters: `{"Name": "tag:role", "Values": ["web-*"]}`.

All filters must hold; of the values of one, any.  In a value `*` stands for any
text, `?` for one character, and a backslash takes the meaning from either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from cotta.region.wire.errors import ApiError
from cotta.region.wire.responses import render_time

R = TypeVar("R")

# The values that a record has under a filter's name; times and truth values as the API has them.
Values = Iterable[str | int | bool | datetime | None] | str | int | bool | datetime | None
Fields = Mapping[str, Callable[[R], Values]]


class Tagged(Protocol):
    """A record with tags."""

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags by their keys."""
        ...


def tag_fields(record: Tagged, name: str) -> Values:
    """Return the values of the filters that everything with tags has."""
    if name == "tag-key":
        return list(record.tags)
    if name == "tag-value":
        return list(record.tags.values())
    return record.tags.get(name.removeprefix("tag:"))


def select(
    records: Sequence[R],
    filters: Sequence[Mapping[str, Any]] | None,
    fields: Fields[R],
    tags: Callable[[R, str], Values] | None = None,
) -> list[R]:
    """Return the records that all filters hold for, in their order.

    `tags` answers for the names `tag:…`, `tag-key` and `tag-value`.  Raises
    `ApiError` for a name that is in neither.
    """
    chosen = list(records)
    for one in filters or ():
        name, values = one.get("Name", ""), one.get("Values", ())
        patterns = [compile_glob(value) for value in values]
        is_tag = name.startswith("tag:") or name in {"tag-key", "tag-value"}
        if is_tag and tags is not None:
            held = [(record, tags(record, name)) for record in chosen]
        elif name in fields:
            field = fields[name]
            held = [(record, field(record)) for record in chosen]
        else:
            raise ApiError(
                "InvalidParameterValue",
                f"The filter '{name}' is invalid. The filters here: {', '.join(sorted(fields))}"
                f"{', tag:KEY, tag-key' if tags is not None else ''}.",
            )
        chosen = [
            record
            for record, found in held
            if any(pattern.fullmatch(text) for text in _texts(found) for pattern in patterns)
        ]
    return chosen


def compile_glob(glob: str) -> re.Pattern[str]:
    """Return what matches a filter's value."""
    pattern = ""
    characters = iter(glob)
    for character in characters:
        if character == "*":
            pattern += ".*"
        elif character == "?":
            pattern += "."
        elif character == "\\":
            pattern += re.escape(next(characters, "\\"))
        else:
            pattern += re.escape(character)
    return re.compile(pattern, re.DOTALL)


def _texts(values: Values) -> list[str]:
    if values is None:
        return []
    if isinstance(values, str | int | datetime):
        return [_text(values)]
    return [_text(value) for value in values if value is not None]


def _text(value: str | int | bool | datetime) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return render_time(value)
    return str(value)
