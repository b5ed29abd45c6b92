"""What a call may have made of which no answer came: found and taken over, never made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def adopt(error: CloudError, look: Callable[[], T | None]) -> T:
    """Return what `look` finds, if an earlier try can have made it; else raise `error`.

    That is so if the refused call was a repetition, or no try has been
    answered.  `look` has to make sure that the thing is as it was asked for.
    """
    if not (error.is_repeated or error.is_unanswered):
        raise error
    try:
        found = look()
    except CloudError:
        raise error from None
    if found is None:
        raise error
    return found
