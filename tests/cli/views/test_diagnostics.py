"""Warnings that are alike are shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.cli.views.diagnostics import show_diagnostics
from cotta.diagnostics.diagnostics import Diagnostic, Severity
from cotta.engine.complaints import CHECK_FAILED
from tests.support.cli import a_terminal, written

if TYPE_CHECKING:
    from collections.abc import Sequence


def shown(found: Sequence[Diagnostic], *, is_brief: bool = False) -> str:
    """Return what is written about warnings."""
    terminal = a_terminal()
    show_diagnostics(found, terminal, is_brief=is_brief)
    return written(terminal, 0).stdout


def warning(summary: str, detail: str = "Why.") -> Diagnostic:
    return Diagnostic(severity=Severity.WARNING, summary=summary, detail=detail)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, None),
        (2, "(and one more similar warning elsewhere)"),
        (4, "(and 3 more similar warnings elsewhere)"),
    ],
)
def test_first_of_those_alike_says_how_many_more(count: int, expected: str | None) -> None:
    text = shown([warning("Old way", f"Detail {number}.") for number in range(count)])

    assert text.count("Warning: Old way") == 1
    assert "Detail 0." in text
    assert "Detail 1." not in text
    if expected is None:
        assert "elsewhere" not in text
    else:
        assert expected in text


def test_others_are_not_alike() -> None:
    text = shown([warning("Old way"), warning("Odd way")])

    assert "elsewhere" not in text
    assert text.count("Warning:") == 2


def test_every_check_stands_for_itself() -> None:
    text = shown([warning(CHECK_FAILED, "One."), warning(CHECK_FAILED, "Two.")])

    assert text.count(CHECK_FAILED) == 2


def test_list_of_titles_counts_too() -> None:
    assert shown([warning("Old way"), warning("Old way")], is_brief=True).count("- Old way") == 1
