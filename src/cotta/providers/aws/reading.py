"""Reads in batches: what many objects are read by is asked for once.

A provider is told beforehand which objects will be read (`announce`).  The
first read then asks for as many as a call may name, and the others, from
whichever thread, find their answer there.  An answer is given once: whoever
asks again wants to know how it is now.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cotta.clouds.session import Session

Item = dict[str, Any]

# As many values as a filter of EC2 takes.
_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookup:
    """How objects of a kind are asked for.

    `ask` returns those of the ids that there are, in any order, and best leaves
    out missing ones without an error (a filter does); if it raises that one is
    missing, the ids are asked for one by one.
    """

    ask: Callable[[Session, Sequence[str]], Iterable[Item]]
    identify: Callable[[Item], str]
    most: int = _MOST


class Reader:
    """Answers single questions with batched calls.  Calls may come from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[Lookup, threading.Lock] = {}
        self._expected: dict[Lookup, dict[str, None]] = {}
        # Under way: whoever wants one of these waits, and does not ask by itself.
        self._asked: set[tuple[Lookup, str]] = set()
        self._answers: dict[tuple[Lookup, str], Item | None] = {}

    def announce(self, lookup: Lookup, id_: str) -> None:
        """Expect to be asked for an object."""
        with self._lock:
            self._expected.setdefault(lookup, {})[id_] = None

    def find(self, session: Session, lookup: Lookup, id_: str) -> Item | None:
        """Return what there is under an id; None if there is nothing.  Raises CloudError."""
        with self._lock:
            if not self._is_expected(lookup, id_):
                turn = None
            else:
                turn = self._turns.setdefault(lookup, threading.Lock())
        if turn is None:
            return _ask(session, lookup, [id_]).get(id_)
        with turn:
            return self._find_in_turn(session, lookup, id_)

    def _is_expected(self, lookup: Lookup, id_: str) -> bool:
        key = (lookup, id_)
        return id_ in self._expected.get(lookup, {}) or key in self._asked or key in self._answers

    def _find_in_turn(self, session: Session, lookup: Lookup, id_: str) -> Item | None:
        with self._lock:
            if (lookup, id_) in self._answers:
                return self._answers.pop((lookup, id_))
            expected = self._expected.get(lookup, {})
            expected.pop(id_, None)
            ids = [id_, *list(expected)[: lookup.most - 1]]
            for each in ids:
                expected.pop(each, None)
            asked = {(lookup, each) for each in ids}
            self._asked |= asked
        try:
            found = _ask(session, lookup, ids)
            with self._lock:
                for each in ids[1:]:
                    self._answers[lookup, each] = found.get(each)
        finally:
            with self._lock:
                self._asked -= asked
        return found.get(id_)


def _ask(session: Session, lookup: Lookup, ids: list[str]) -> dict[str, Item]:
    try:
        return {lookup.identify(item): item for item in lookup.ask(session, ids)}
    except CloudError as error:
        if not error.is_missing:
            raise
    if len(ids) == 1:
        return {}
    found: dict[str, Item] = {}
    for id_ in ids:
        found.update(_ask(session, lookup, [id_]))
    return found


def by_filter(service: str, operation: str, key: str, name: str, identity: str) -> Lookup:
    """Return a lookup by a filter of EC2's: `identity` names the id in an answer."""

    def ask(session: Session, ids: Sequence[str]) -> Iterable[Item]:
        filters = [{"Name": name, "Values": list(ids)}]
        return session.pages(service, operation, key, Filters=filters)

    return Lookup(ask=ask, identify=lambda item: str(item[identity]))
