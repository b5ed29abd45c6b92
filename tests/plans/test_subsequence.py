"""Which elements of two lists belong together."""

from __future__ import annotations

import pytest

from cotta.plans.subsequence import pair_texts


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("abc", "cab", [(None, 0), (0, 1), (1, 2), (2, None)]),
        ("abc", "cad", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "bcd", [(0, 0), (1, 1), (2, 2)]),
        ("aab", "abc", [(0, 0), (1, None), (2, 1), (None, 2)]),
        ("abcd", "bxd", [(0, None), (1, 0), (2, None), (None, 1), (3, 2)]),
        (
            "abcd",
            "dcba",
            [(0, None), (1, None), (2, None), (3, 0), (None, 1), (None, 2), (None, 3)],
        ),
        ("", "a", [(None, 0)]),
        ("a", "", [(0, None)]),
    ],
)
def test_elements_are_paired_as_terraform_pairs_them(
    left: str, right: str, expected: list[tuple[int | None, int | None]]
) -> None:
    assert pair_texts(left, right) == expected


def test_what_went_and_what_came_may_be_one_that_changed() -> None:
    assert pair_texts("axc", "yc", may_change=lambda one, _: one == 1) == [
        (0, None),
        (1, 0),
        (2, 1),
    ]
