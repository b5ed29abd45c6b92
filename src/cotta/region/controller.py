"""One thread that looks at everything, decides, and has slow acts done by a few workers.

Level-triggered: whatever woke it, the controller has every duty look at the region as it is
now.  Nothing is remembered but which acts are under way and which have failed lately, so an act
that is lost in a crash, or found no free worker, is decided again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cotta.system.clock import Clock

log: Final = logging.getLogger(__name__)

# A machine that ends by itself wakes nobody, so it is looked at again all the same.
USUAL_INTERVAL: Final = timedelta(seconds=2)

# Requests come in bursts; more looks than this in a second would see little that is new.
_SHORTEST_GAP_SECONDS: Final = 0.02

# A clock is corrected by so much without anybody's doing.
_MOMENT: Final = timedelta(seconds=1)

_FIRST_RETRY_SECONDS: Final = 0.5
_LONGEST_RETRY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Act:
    """Something slow, to be done by a worker.

    Of all the acts with one `key` at most one is under way: `machine i-0123`.  `perform` may
    raise: that is logged, and the key has to wait a while, longer each time.
    """

    key: str
    perform: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a look has led to: acts, and when to look again at the latest.

    Without `again` that is when something wakes the controller, or at its usual interval.
    """

    acts: Sequence[Act] = ()
    again: datetime | None = None


class Duty(Protocol):
    """One concern of the region: its instances, say.

    `look` observes, decides by a pure function of `region.reconcile`, writes rows in a short
    transaction, and leaves what is slow to acts.  It is called on the controller's thread alone;
    what an act has led to it sees when it looks again.
    """

    @property
    def name(self) -> str:
        """What logs call it."""
        ...

    def look(self, now: datetime) -> Outlook:
        """Do what can be done at once, and return what is to be done."""
        ...


@dataclass(frozen=True, slots=True)
class _Failure:
    """How often in a row the acts of a key have failed, and when the next one may begin."""

    count: int
    until: float


class Controller:
    """The loop.  `wake` may be called from any thread, everything else from one.

    A duty that raises is logged and looked at again later, and keeps no other duty from its work.
    Waiting is by the monotonic clock and never longer than `interval`, so that a wall clock that
    jumps delays nothing for long.  What duties are told of the time goes back only where the wall
    clock was set back by more than a moment, and after `set_back` was told of the new time, which
    sees to it that no row is of the future: else a grace that has begun would last a day.
    """

    def __init__(
        self,
        duties: Sequence[Duty],
        *,
        clock: Clock,
        workers: int = 8,
        interval: timedelta = USUAL_INTERVAL,
        set_back: Callable[[datetime], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._duties = duties
        self._clock = clock
        self._workers = workers
        self._interval = interval
        self._set_back = set_back
        self._monotonic = monotonic
        self._told: tuple[datetime, float] | None = None
        self._awake = threading.Event()
        self._is_stopping = False
        self._busy: set[str] = set()
        self._failures: dict[str, _Failure] = {}
        # Filled by workers: a key, and whether its act has failed.  A deque's ends are atomic.
        self._finished: deque[tuple[str, bool]] = deque()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="act")
        self._thread = threading.Thread(target=self.run, name="controller")

    def wake(self) -> None:
        """Have everything looked at soon."""
        self._awake.set()

    def start(self) -> None:
        """Run on a thread of its own from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and return when what is under way is done."""
        self._is_stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)

    def run(self) -> None:
        """Look, act and wait, until `stop`."""
        while not self._is_stopping:
            # Before looking: a wake that comes meanwhile counts for the next look.
            self._awake.clear()
            seconds = self.look()
            if self._is_stopping:
                break
            time.sleep(_SHORTEST_GAP_SECONDS)
            self._awake.wait(max(seconds - _SHORTEST_GAP_SECONDS, 0))

    def look(self) -> float:
        """Have every duty look once, begin its acts; return after how many seconds to look again.

        The duties' acts are begun in turns, so that a hundred machines to start don't keep a
        balancer waiting.
        """
        self._take_finished()
        now = self._now()
        outlooks = [outlook for duty in self._duties if (outlook := self._outlook(duty, now))]
        in_turns = chain.from_iterable(zip_longest(*(outlook.acts for outlook in outlooks)))
        self._begin(act for act in in_turns if act is not None)
        times = [outlook.again - now for outlook in outlooks if outlook.again is not None]
        usual = self._interval.total_seconds()
        waits = [time.total_seconds() for time in times] + self._retries()
        return max(min([usual, *waits]), 0.0)

    def _now(self) -> datetime:
        now, at = self._clock.now(), self._monotonic()
        if self._told is not None:
            latest, told_at = self._told
            expected = latest + timedelta(seconds=at - told_at)
            if now < latest and not (latest - now > _MOMENT and self._has_gone_back(now)):
                now = expected
        self._told = now, at
        return now

    def _has_gone_back(self, now: datetime) -> bool:
        """Have the rows follow a clock that was set back; say whether they do."""
        try:
            self._set_back(now)
        except Exception:
            log.exception("the clock was set back, and the rows can't follow it yet")
            return False
        return True

    def _outlook(self, duty: Duty, now: datetime) -> Outlook | None:
        try:
            return duty.look(now)
        except Exception:
            log.exception("duty failed", extra={"duty": duty.name})
            return None

    def _begin(self, acts: Iterable[Act]) -> None:
        """Hand acts to workers that are free; the others are decided again when one is."""
        for act in acts:
            if len(self._busy) >= self._workers:
                return
            if act.key in self._busy or self._has_to_wait(act.key):
                continue
            self._busy.add(act.key)
            self._pool.submit(self._perform, act)

    def _perform(self, act: Act) -> None:
        has_failed = True
        try:
            act.perform()
            has_failed = False
        except Exception:
            log.exception("act failed", extra={"act": act.key})
        finally:
            self._finished.append((act.key, has_failed))
            self._awake.set()

    def _take_finished(self) -> None:
        while self._finished:
            key, has_failed = self._finished.popleft()
            self._busy.discard(key)
            if not has_failed:
                self._failures.pop(key, None)
                continue
            before = self._failures.get(key)
            count = before.count if before is not None else 0
            pause = min(_FIRST_RETRY_SECONDS * 2**count, _LONGEST_RETRY_SECONDS)
            self._failures[key] = _Failure(count + 1, self._monotonic() + pause)

    def _has_to_wait(self, key: str) -> bool:
        failure = self._failures.get(key)
        return failure is not None and self._monotonic() < failure.until

    def _retries(self) -> list[float]:
        """Return after how many seconds keys may be tried again; forget those long past."""
        now = self._monotonic()
        for key, failure in list(self._failures.items()):
            if now > failure.until + 2 * _LONGEST_RETRY_SECONDS and key not in self._busy:
                del self._failures[key]
        return [one.until - now for one in self._failures.values() if one.until > now]


def perform_all(acts: Iterable[Act], *, workers: int = 8) -> list[Exception]:
    """Do acts, some at a time, each once, and return when all are done; and what they raised."""

    def attempt(act: Act) -> Exception | None:
        try:
            act.perform()
        except Exception as error:  # noqa: BLE001 - whoever asked decides
            return error
        return None

    with ThreadPoolExecutor(workers, thread_name_prefix="act") as pool:
        return [error for error in pool.map(attempt, acts) if error is not None]
