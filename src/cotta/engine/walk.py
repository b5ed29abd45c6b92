"""The walk: every node after what it needs, waiting work on threads, one thread deciding.

A visit is made of jobs.  `start` and `finish` run on the calling thread and
may read and write state without locks; a job that waits for the world runs on
a worker and must touch nothing shared, one that only computes runs here.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

N = TypeVar("N", bound="Hashable")
A = TypeVar("A")

# How often one who waits for an answer looks whether the walk still goes on.
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of a visit: `work` is called, then `done` with its result on the deciding thread.

    `waits` says that the work waits for something outside this process.  What
    `done` returns are further jobs of the same visit, if anything.
    """

    work: Callable[[], Any]
    done: Callable[[Any], Sequence[Job] | None]
    waits: bool = True


@dataclass(slots=True)
class Cancellation:
    """Asked to stop: no further job is started, those under way come to their end.

    Asked twice, they are not waited for.  Asking is safe from any thread and
    from signal handlers.
    """

    _asked: threading.Event = field(default_factory=threading.Event)
    _urgent: threading.Event = field(default_factory=threading.Event)

    def request(self) -> None:
        """Ask to stop; what is under way is waited for."""
        self._asked.set()

    def insist(self) -> None:
        """Ask to stop at once."""
        self._asked.set()
        self._urgent.set()

    @property
    def is_requested(self) -> bool:
        """Whether somebody has asked."""
        return self._asked.is_set()

    @property
    def is_urgent(self) -> bool:
        """Whether somebody has insisted."""
        return self._urgent.is_set()


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


@dataclass(frozen=True, slots=True)
class _Message:
    do: Callable[[], None]


class _Workers:
    """Threads that take jobs from one queue and put results on another, made on demand."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: SimpleQueue[tuple[object, Callable[[], object]] | None] = SimpleQueue()
        self._finished: SimpleQueue[tuple[object, object]] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.busy = 0

    def submit(self, token: object, work: Callable[[], object]) -> None:
        self.busy += 1
        if len(self._threads) < min(self._size, self.busy):
            thread = threading.Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._waiting.put((token, work))

    def post(self, message: Callable[[], None]) -> None:
        self._finished.put((_Message(message), None))

    def next_finished(self, timeout: float) -> tuple[object, object] | None:
        """Return (token, result) of a job that has ended; None after `timeout` seconds."""
        try:
            token, result = self._finished.get(timeout > 0, timeout)
        except Empty:
            return None
        if isinstance(token, _Message):
            return token, None
        self.busy -= 1
        return token, result

    def close(self) -> None:
        for _ in self._threads:
            self._waiting.put(None)

    def _serve(self) -> None:
        while (job := self._waiting.get()) is not None:
            token, work = job
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised again on the deciding thread
                result = _Raised(error)
            self._finished.put((token, result))


class Walk(Generic[N]):
    """One walk over `needs`: node → what it needs.  Costs O(nodes + edges).

    `start(node)` returns the jobs of a visit, `finish(node)` says whether the
    visit was good: where it was not, everything that needs the node is
    skipped and everything else goes on.  `settle` is called before anything
    starts that builds on finished visits, and before others are waited for:
    once for all that are finished by then.  It makes them last, and may ask
    for the cancellation if it can't; `tick` is called about every
    `tick_seconds` while jobs are waited for; `hasten` once, if the walk is
    stopped while jobs are under way.
    """

    def __init__(
        self,
        needs: Mapping[N, Collection[N]],
        *,
        start: Callable[[N], Sequence[Job]],
        finish: Callable[[N], bool],
        parallelism: int,
        cancellation: Cancellation | None = None,
        settle: Callable[[], None] = lambda: None,
        tick: Callable[[], None] = lambda: None,
        tick_seconds: float = 1.0,
        hasten: Callable[[], None] = lambda: None,
    ) -> None:
        self._missing = {node: len(needed) for node, needed in needs.items()}
        self._dependents: dict[N, list[N]] = defaultdict(list)
        for node, needed in needs.items():
            for one in needed:
                self._dependents[one].append(node)
        self._start, self._finish = start, finish
        self._workers = _Workers(parallelism)
        self._parallelism = parallelism
        self._cancellation = cancellation or Cancellation()
        self._settle, self._tick, self._tick_seconds = settle, tick, tick_seconds
        self._hasten, self._is_hastened = hasten, False
        self._ready = deque(node for node, count in self._missing.items() if count == 0)
        self._queued: deque[tuple[N, Job]] = deque()
        self._open: dict[N, int] = {}
        self._unvisited = dict.fromkeys(needs)
        self._failure: BaseException | None = None
        self._decider = 0

    def run(self) -> list[N]:
        """Visit everything that can be; return the nodes not visited, in their order.

        What a job or a callback raises is raised again, once the jobs under way
        have ended and what they did is settled.  Raises `KeyboardInterrupt` if somebody
        insists on the cancellation; what has ended by then is settled too.
        """
        self._decider = threading.get_ident()
        try:
            while self._go_on():
                pass
            self._make_last()
        finally:
            self._workers.close()
        if self._failure is not None:
            raise self._failure
        return list(self._unvisited)

    @property
    def _is_stopped(self) -> bool:
        return self._cancellation.is_requested or self._failure is not None

    def _go_on(self) -> bool:
        """Do one step; return whether there is more to do."""
        if self._cancellation.is_urgent:
            while self._take_finished(0):
                pass
            self._make_last()
            raise KeyboardInterrupt
        try:
            return self._advance()
        except Exception as error:  # noqa: BLE001 - raised again when nothing is under way
            self._failure = self._failure or error
            return True

    def _make_last(self) -> None:
        """Settle, unless that has failed before."""
        settle, self._settle = self._settle, lambda: None
        settle()
        self._settle = settle

    def _advance(self) -> bool:
        stopped = self._is_stopped
        if self._ready and not stopped:
            self._visit_ready()
            return True
        if self._queued and stopped:
            # Jobs of an opened visit that have not begun are given up with it.
            self._queued.clear()
        if self._queued and self._workers.busy < self._parallelism:
            self._make_last()
            while self._queued and self._workers.busy < self._parallelism and not self._is_stopped:
                node, job = self._queued.popleft()
                self._workers.submit((node, job), job.work)
            return True
        if self._workers.busy:
            if stopped and not self._is_hastened:
                self._is_hastened = True
                self._hasten()
            # What others have done must last also while a slow one is waited for.
            if not self._take_finished(0):
                self._make_last()
                if not self._take_finished(self._tick_seconds):
                    self._tick()
            return True
        return False

    def _visit_ready(self) -> None:
        """Visit everything that is ready now; what that makes ready waits for the next time.

        Before, everything that is finished is settled together: the visits build on it.
        """
        while self._take_finished(0):
            pass
        self._make_last()
        ready, self._ready = self._ready, deque()
        for node in ready:
            if self._is_stopped:
                return
            self._visit(node)

    def _take_finished(self, timeout: float) -> bool:
        """Wait so long for a job to end and go on with its visit; return whether one has."""
        found = self._workers.next_finished(timeout)
        if found is None:
            return False
        token, result = found
        if isinstance(token, _Message):
            token.do()
        elif isinstance(result, _Raised):
            self._failure = self._failure or result.error
        else:
            assert isinstance(token, tuple)  # as submitted
            node, job = token
            self._take(node, job.done(result))
            self._close_job(node)
        return True

    def post(self, message: Callable[[], None]) -> None:
        """Have something done on the deciding thread soon.  For jobs, while they work."""
        if threading.get_ident() == self._decider:
            message()
        else:
            self._workers.post(message)

    def consult(self, question: Callable[[], A], otherwise: A) -> A:
        """Have something answered on the deciding thread, and wait.  For jobs, while they work.

        What is finished is settled first, since the answer may take long.  Returns
        `otherwise` if the walk is broken off before.
        """
        if threading.get_ident() == self._decider:
            self._make_last()
            return question()
        answers: SimpleQueue[A] = SimpleQueue()

        def message() -> None:
            answer = otherwise
            try:
                self._make_last()
                answer = question()
            finally:
                # Whatever happened, somebody waits for it.
                answers.put(answer)

        self._workers.post(message)
        while not self._cancellation.is_urgent:
            try:
                return answers.get(timeout=_LOOK_SECONDS)
            except Empty:
                continue
        return otherwise

    def _visit(self, node: N) -> None:
        jobs = self._start(node)
        if not jobs:
            self._end(node)
            return
        self._open[node] = 1
        self._take(node, jobs)
        self._close_job(node)

    def _take(self, node: N, jobs: Sequence[Job] | None) -> None:
        """Do the jobs that don't wait, and what follows from them; queue the others."""
        pending = list(jobs or ())
        while pending:
            job = pending.pop(0)
            if job.waits:
                self._open[node] += 1
                self._queued.append((node, job))
            else:
                pending[:0] = job.done(job.work()) or ()

    def _close_job(self, node: N) -> None:
        self._open[node] -= 1
        if not self._open[node]:
            del self._open[node]
            self._end(node)

    def _end(self, node: N) -> None:
        self._unvisited.pop(node, None)
        if not self._finish(node):
            return
        for dependent in self._dependents[node]:
            self._missing[dependent] -= 1
            if not self._missing[dependent]:
                self._ready.append(dependent)


def walk(
    needs: Mapping[N, Collection[N]],
    *,
    start: Callable[[N], Sequence[Job]],
    finish: Callable[[N], bool],
    parallelism: int = 10,
) -> Iterable[N]:
    """Walk with nothing but the two callbacks; return the nodes not visited."""
    return Walk(needs, start=start, finish=finish, parallelism=parallelism).run()
