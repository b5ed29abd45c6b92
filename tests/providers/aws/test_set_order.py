"""The official order of sets, as the official provider has been seen to keep it."""

from __future__ import annotations

from cotta.providers.aws.set_order import checksum, in_set_order
from cotta.values.sets import make_set
from cotta.values.types import NUMBER, STRING
from cotta.values.value import Null


def test_elements_are_in_the_order_of_their_checksums_as_texts() -> None:
    words = ["app", "db", "lb", "web", "x", "zz"]

    order = in_set_order(make_set(words, STRING))

    assert [str(checksum(f"{word};")) for word in order] == sorted(
        str(checksum(f"{word};")) for word in words
    )
    assert sorted(map(str, order)) == words
    assert order != words


def test_nothing_but_a_set_has_elements() -> None:
    assert in_set_order(Null(NUMBER)) == []
