"""Answers in pages: tokens say after which record the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, TypeVar

from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

R = TypeVar("R")


def page(
    records: Iterable[R],
    *,
    key: Callable[[R], str],
    token: str | None,
    most: int | None,
    refusal: str = "InvalidParameterValue",
) -> tuple[list[R], str | None]:
    """Return the records after those of earlier pages, `most` at most, and the next token.

    They come in the order of their keys, so a page is right whatever is made or
    removed between two requests.  A token that is none raises `ApiError` with
    the code `refusal`, and so does a page of nothing.
    """
    if most is not None and most < 1:
        raise ApiError(
            "InvalidParameterValue",
            f"Value ( {most} ) for parameter MaxResults is invalid. Expecting 1 or more.",
        )
    after = _read_token(token, refusal) if token else ""
    rest = sorted((record for record in records if key(record) > after), key=key)
    if most is None or len(rest) <= most:
        return rest, None
    return rest[:most], _write_token(key(rest[most - 1]))


def _write_token(after: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"after": after}).encode()).decode()


def _read_token(token: str, refusal: str) -> str:
    try:
        read = json.loads(base64.urlsafe_b64decode(token.encode()))
        return str(read["after"])
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise ApiError(
            refusal, "The token is not one that this region gave. Begin again without one."
        ) from None
