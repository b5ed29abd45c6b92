"""Calls that have to be made again while something else is not ready for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.providers.aws.connection import Connection

T = TypeVar("T")

# A service knows only after a while that what used a thing is gone.
_PROPAGATION: Final = timedelta(minutes=2)


def again_while(
    on: Connection, code: str, act: Callable[[], T], what: str, at_most: timedelta = _PROPAGATION
) -> T:
    """Return what `act` returns, which is called again while it is refused with `code`.

    Raises CloudError: after `at_most` that refusal too, with what the service says of the reason.
    """
    start = on.clock.now()

    def attempt() -> tuple[T] | None:
        try:
            return (act(),)
        except CloudError as error:
            if error.code != code or on.stopped() or on.clock.now() - start >= at_most:
                raise
            return None

    # The refusal itself ends the wait, so that it is told and not a lapse of time.
    done: tuple[T] = on.wait(attempt, what, at_most=at_most * 2)
    return done[0]


def delete_when_free(
    on: Connection, service: str, operation: str, in_use: str, **parameters: Any
) -> None:
    """Delete a thing, again and again while it is refused with the code `in_use`."""
    what = f"the end of {next(iter(parameters.values()))}"
    again_while(on, in_use, lambda: on.call(service, operation, **parameters), what)
