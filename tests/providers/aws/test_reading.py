"""Reads in batches: how many calls are made for how many objects."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import pytest

from cotta.clouds.errors import CloudError
from cotta.providers.aws.reading import Lookup, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.reading import Item

NOBODY = cast("Session", None)


class Asked:
    """A lookup of what has an id in `there`, and the questions that came."""

    def __init__(self, *there: str, most: int = 200, fails: bool = False) -> None:
        self.questions: list[list[str]] = []
        self._there, self._fails = there, fails
        self.lookup = Lookup(ask=self._ask, identify=lambda item: str(item["id"]), most=most)

    def _ask(self, _session: Session, ids: Sequence[str]) -> list[Item]:
        self.questions.append(list(ids))
        missing = [id_ for id_ in ids if id_ not in self._there]
        if self._fails and missing:
            raise CloudError("ec2", "Describe", "Thing.NotFound", f"no {missing[0]}")
        return [{"id": id_} for id_ in ids if id_ in self._there]


def test_what_was_announced_is_asked_for_once() -> None:
    asked, reader = Asked("a", "b"), Reader()
    for id_ in ("a", "b", "c"):
        reader.announce(asked.lookup, id_)

    found = [reader.find(NOBODY, asked.lookup, id_) for id_ in ("b", "a", "c")]

    assert found == [{"id": "b"}, {"id": "a"}, None]
    assert asked.questions == [["b", "a", "c"]]


def test_whoever_asks_again_hears_how_it_is_now() -> None:
    asked, reader = Asked("a", "b"), Reader()
    for id_ in ("a", "b"):
        reader.announce(asked.lookup, id_)

    for id_ in ("a", "b", "b", "a"):
        reader.find(NOBODY, asked.lookup, id_)

    assert asked.questions == [["a", "b"], ["b"], ["a"]]


def test_a_call_names_as_many_as_it_may() -> None:
    ids = [f"i{number}" for number in range(5)]
    asked, reader = Asked(*ids, most=2), Reader()
    for id_ in ids:
        reader.announce(asked.lookup, id_)

    for id_ in ids:
        assert reader.find(NOBODY, asked.lookup, id_) == {"id": id_}

    assert asked.questions == [["i0", "i1"], ["i2", "i3"], ["i4"]]


def test_a_missing_one_does_not_fail_the_others() -> None:
    asked, reader = Asked("a", "b", fails=True), Reader()
    for id_ in ("a", "gone", "b"):
        reader.announce(asked.lookup, id_)

    found = [reader.find(NOBODY, asked.lookup, id_) for id_ in ("a", "gone", "b")]

    assert found == [{"id": "a"}, None, {"id": "b"}]


def test_whoever_comes_while_the_call_is_under_way_waits_for_its_answer() -> None:
    ids = [f"i{number}" for number in range(5)]
    others = threading.Event()

    class Slow(Asked):
        def _ask(self, session: Session, ids: Sequence[str]) -> list[Item]:
            # The others have begun to look, or there has been time enough for it.
            others.wait(0.2)
            return super()._ask(session, ids)

    asked, reader = Slow(*ids), Reader()
    for id_ in ids:
        reader.announce(asked.lookup, id_)

    with ThreadPoolExecutor(len(ids)) as pool:
        found = list(pool.map(lambda id_: reader.find(NOBODY, asked.lookup, id_), ids))

    assert found == [{"id": id_} for id_ in ids]
    assert len(asked.questions) == 1


def test_what_was_not_announced_is_asked_for_alone() -> None:
    asked, reader = Asked("a"), Reader()

    assert reader.find(NOBODY, asked.lookup, "a") == {"id": "a"}
    assert asked.questions == [["a"]]


def test_a_refusal_is_raised() -> None:
    def refuse(_session: Session, _ids: Sequence[str]) -> list[Item]:
        raise CloudError("ec2", "Describe", "UnauthorizedOperation", "no")

    lookup = Lookup(ask=refuse, identify=lambda item: str(item["id"]))

    with pytest.raises(CloudError):
        Reader().find(NOBODY, lookup, "a")
