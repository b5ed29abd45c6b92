"""Tags: as the API has them, and those that a request gives what it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_TAGS: Final = 50
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256


def encode_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as the API lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def decode_tags(given: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the tags of a request by their keys; `ApiError` if AWS would take one of them not."""
    tags: dict[str, str] = {}
    for one in given:
        key, value = one.get("Key") or "", one.get("Value") or ""
        if not key or len(key) > _LONGEST_KEY:
            raise ApiError(
                "InvalidParameterValue",
                f"Tag keys must be between 1 and {_LONGEST_KEY} characters.",
            )
        if len(value) > _LONGEST_VALUE:
            raise ApiError(
                "InvalidParameterValue",
                f"Tag value exceeds the maximum length of {_LONGEST_VALUE} characters.",
            )
        if key.lower().startswith("aws:"):
            raise ApiError(
                "InvalidParameterValue",
                f"Tag keys starting with 'aws:' are reserved for internal use: {key}",
            )
        if key in tags:
            raise ApiError("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        tags[key] = value
    return check_count(tags)


def check_count(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags; `ApiError` if they are too many for one thing."""
    if sum(not key.startswith("aws:") for key in tags) > _MOST_TAGS:
        raise ApiError(
            "TagLimitExceeded", f"Tag limit exceeded: at most {_MOST_TAGS} tags per resource."
        )
    return tags


def tags_for(
    specifications: Sequence[Mapping[str, Any]] | None, kind: str, *, allowed: Iterable[str] = ()
) -> dict[str, str]:
    """Return the tags that `TagSpecifications` give things of a kind.

    `allowed` are the other kinds that the operation makes; any further one is refused.
    """
    found: dict[str, str] = {}
    kinds = {kind, *allowed}
    for specification in specifications or ():
        given = specification.get("ResourceType", "")
        if given not in kinds:
            raise ApiError(
                "InvalidParameterValue",
                f"'{given}' is not a valid taggable resource type for this operation. "
                f"It takes: {', '.join(sorted(kinds))}.",
            )
        if given == kind:
            found |= decode_tags(specification.get("Tags", ()))
    return check_count(found)
