"""EDGE: builds side by side, a thread each; the calling thread hears of every end."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

R = TypeVar("R")

# Seconds between two looks at whether something else is to be done: signals are heard then.
_LOOK: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Ended(Generic[R]):
    at: int
    result: R | None
    error: BaseException | None


def run_side_by_side(
    jobs: Sequence[Callable[[], R]], limit: int, ended: Callable[[int, R], None]
) -> None:
    """Run every job, `limit` of them at a time (0: all), and call `ended` with place and result.

    `ended` is called on the calling thread, in the order in which jobs end.  A
    job raises nothing but mistakes of ours: those are raised here, at once.
    """
    done: SimpleQueue[_Ended[R]] = SimpleQueue()

    def work(at: int) -> None:
        try:
            done.put(_Ended(at, jobs[at](), None))
        except BaseException as error:  # noqa: BLE001 - raised again on the calling thread
            done.put(_Ended(at, None, error))

    waiting = list(range(len(jobs)))
    running = 0
    while waiting or running:
        while waiting and (not limit or running < limit):
            at = waiting.pop(0)
            # A process that is told to end does not wait for what hangs.
            threading.Thread(target=work, args=(at,), name=f"build {at}", daemon=True).start()
            running += 1
        try:
            one = done.get(timeout=_LOOK)
        except Empty:
            continue
        running -= 1
        if one.error is not None:
            raise one.error
        ended(one.at, one.result)  # type: ignore[arg-type]  # a job without an error has a result


def make_lock() -> threading.Lock:
    """Return a lock, for what several builds write to."""
    return threading.Lock()
