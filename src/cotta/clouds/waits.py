"""Waiting for what takes its time: bounded, and ended when the person ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.system.clock import Clock

T = TypeVar("T")

_FIRST_PAUSE: Final = timedelta(milliseconds=100)
_LONGEST_PAUSE: Final = timedelta(seconds=10)
# How long a pause goes on after the person has asked for an end.
_NAP: Final = timedelta(milliseconds=200)


class WaitEndedError(Exception):
    """The wait is over without what was waited for; `is_stopped` says that a person ended it."""

    def __init__(self, what: str, waited: timedelta, *, is_stopped: bool) -> None:
        how = (
            "was interrupted"
            if is_stopped
            else f"did not end within {waited.total_seconds():.0f} s"
        )
        super().__init__(f"waiting for {what} {how}")
        self.what = what
        self.waited = waited
        self.is_stopped = is_stopped


def wait_for(
    look: Callable[[], T | None],
    what: str,
    *,
    at_most: timedelta,
    clock: Clock,
    stopped: Callable[[], bool] = lambda: False,
    longest_pause: timedelta = _LONGEST_PAUSE,
) -> T:
    """Look until there is something to return; what `look` raises ends the wait.

    Pauses begin with a tenth of a second and grow by half, up to `longest_pause`: the local region
    is done in tenths, AWS in minutes.  `what` is for the message: "the image ami-1".
    Raises WaitEndedError after `at_most`, or soon after `stopped` says so.
    """
    start, pause = clock.now(), _FIRST_PAUSE
    while True:
        found = look()
        if found is not None:
            return found
        waited = clock.now() - start
        if stopped() or waited >= at_most:
            raise WaitEndedError(what, waited, is_stopped=stopped())
        _sleep(min(pause, at_most - waited), clock, stopped)
        pause = min(pause * 1.5, longest_pause)


def _sleep(pause: timedelta, clock: Clock, stopped: Callable[[], bool]) -> None:
    end = clock.now() + pause
    while (left := end - clock.now()) > timedelta() and not stopped():
        clock.sleep(min(left, _NAP))
