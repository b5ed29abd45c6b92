"""Ends that have to wait until nothing uses the thing any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection

# A service knows only after a while that what used a thing is gone.
_PROPAGATION: Final = timedelta(minutes=2)


def delete_when_free(
    on: Connection, service: str, operation: str, in_use: str, **parameters: Any
) -> None:
    """Delete a thing, again and again while it is refused with the code `in_use`.

    Raises CloudError: after two minutes that refusal too, with what AWS says of the user.
    """
    start = on.clock.now()

    def attempt() -> bool | None:
        try:
            on.call(service, operation, **parameters)
        except CloudError as error:
            if error.code != in_use or on.stopped() or on.clock.now() - start >= _PROPAGATION:
                raise
            return None
        return True

    what = f"the end of {next(iter(parameters.values()))}"
    # The refusal itself ends the wait, so that it is told and not a lapse of time.
    on.wait(attempt, what, at_most=_PROPAGATION * 2)
