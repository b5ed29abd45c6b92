"""Names, paths, ARNs, tags and pages, as IAM has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cotta.region.api.pages import page
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.region.api.calls import Call
    from cotta.system.ids import IdSource

R = TypeVar("R")

_NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH: Final = re.compile(r"/(?:[!-~]+/)?")
_LONGEST_PATH: Final = 512
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID_LENGTH: Final = 17
_USUAL_PAGE: Final = 100
_MOST_TAGS: Final = 50
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256


def new_unique_id(prefix: str, ids: IdSource) -> str:
    """Return an id in IAM's form: `AROA` and 17 letters and digits."""
    number = int(ids.hexadecimal(22), 16)
    return prefix + "".join(_BASE32[number >> 5 * at & 31] for at in range(_ID_LENGTH))


def arn_of(call: Call, kind: str, path: str, name: str) -> str:
    """Return the ARN of something of the account's, which is in no region."""
    return f"arn:aws:iam::{call.account.id}:{kind}{path}{name}"


def check_name(name: str, what: str, longest: int) -> str:
    """Return a name; `ApiError` if IAM would not take it."""
    if _NAME.fullmatch(name) is None:
        raise ApiError(
            "ValidationError",
            f"The specified value for {what} is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-",
        )
    if len(name) > longest:
        raise ApiError(
            "ValidationError",
            f"1 validation error detected: Value at '{what}' failed to satisfy constraint: Member "
            f"must have length less than or equal to {longest}",
        )
    return name


def check_path(path: str | None) -> str:
    """Return a path, `/` by default; `ApiError` if it is none."""
    path = path or "/"
    if _PATH.fullmatch(path) is None or len(path) > _LONGEST_PATH:
        raise ApiError(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain "
            "only alphanumeric characters and/or / characters.",
        )
    return path


def no_entity(message: str) -> ApiError:
    """Return the refusal of something that is not there."""
    return ApiError("NoSuchEntity", message, 404)


def exists_already(message: str) -> ApiError:
    """Return the refusal of a name that is taken."""
    return ApiError("EntityAlreadyExists", message, 409)


def in_use(message: str) -> ApiError:
    """Return the refusal to delete what something else needs."""
    return ApiError("DeleteConflict", message, 409)


def is_below(path: str, call: Call) -> bool:
    """Say whether a path begins as the request wants it."""
    return path.startswith(call.parameters.get("PathPrefix") or "/")


def answer_page(
    call: Call,
    member: str,
    records: Iterable[R],
    *,
    key: Callable[[R], str],
    encode: Callable[[R], Any],
) -> dict[str, Any]:
    """Return one page of records as IAM's lists have it."""
    shown, token = page(
        records,
        key=key,
        token=call.parameters.get("Marker"),
        most=call.parameters.get("MaxItems", _USUAL_PAGE),
        refusal="ValidationError",
    )
    return {
        member: [encode(record) for record in shown],
        "IsTruncated": token is not None,
        "Marker": token,
    }


# --- tags -----------------------------------------------------------------------------


def encode_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as IAM lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def with_tags(
    before: Mapping[str, str], given: Sequence[Mapping[str, Any]] | None
) -> dict[str, str]:
    """Return tags after a request has added some; `ApiError` if IAM would not take them."""
    after = dict(before)
    seen = set()
    for one in given or ():
        key, value = one["Key"], one.get("Value", "")
        if not key or len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise ApiError(
                "ValidationError",
                f"Tag keys have 1 to {_LONGEST_KEY} characters, and values {_LONGEST_VALUE} at "
                "most.",
            )
        if key.lower().startswith("aws:"):
            raise ApiError("InvalidInput", "Tag keys beginning with aws: are reserved.")
        if key in seen:
            raise ApiError("InvalidInput", "Duplicate tag keys found.")
        seen.add(key)
        after[key] = value
    if len(after) > _MOST_TAGS:
        raise ApiError(
            "LimitExceeded",
            f"The number of tags has reached the maximum limit of {_MOST_TAGS}.",
            409,
        )
    return after


def without_tags(before: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Return the tags that a request leaves."""
    return {key: value for key, value in before.items() if key not in keys}
