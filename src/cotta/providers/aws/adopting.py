"""What an unanswered call may have made is looked for, and taken for ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def make_or_adopt(make: Callable[[], T], find: Callable[[], T | None]) -> T:
    """Return what `make` makes; where its answer was lost, what `find` finds instead.

    botocore repeats a call whose answer was lost.  The repetition may be refused because the first
    one was carried out, or be lost as well: in both cases `find` looks, and returns None if there
    is nothing or not what was asked for.  A refusal of the first call is never looked into: that
    is somebody else's thing.  Raises CloudError.
    """
    try:
        return make()
    except CloudError as error:
        if not (error.is_repeated or error.is_unanswered):
            raise
        found = find()
        if found is None:
            raise
        return found
