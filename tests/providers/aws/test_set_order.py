"""The official order of sets, as the official provider has been seen to keep it."""

from __future__ import annotations

from cotta.providers.aws.set_order import in_set_order


def test_elements_are_in_the_order_of_their_checksums_as_texts() -> None:
    assert in_set_order(["app", "db", "lb", "web", "x", "zz"]) == [
        "db", "lb", "app", "web", "zz", "x",
    ]  # fmt: skip


def test_an_inner_set_has_its_own_order_in_the_checksum() -> None:
    one, other = {"ids": ["app", "db"], "type": "a"}, {"ids": ["db", "app"], "type": "a"}
    more = [{"ids": ["x"], "type": "b"}, {"ids": ["web", "zz"], "type": "c"}]

    orders = [
        [each["type"] for each in in_set_order([first, *more], sets=("ids",))]
        for first in (one, other)
    ]

    assert orders[0] == orders[1]
