"""The page about images says what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cotta.region.cloudconfig import decode_cloud_config
from cotta.region.imagestore.rules import RULES

PAGE: Final = (Path(__file__).parents[2] / "docs" / "images.md").read_text(encoding="utf-8")


def rows_of(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    table = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_rule_is_on_the_page() -> None:
    assert [row[0] for row in rows_of("What sealing takes out")] == [rule.name for rule in RULES]


def test_keys_are_done_or_refused_as_the_page_says() -> None:
    done, anyway, *refused, _others = rows_of("First boot")
    for key in f"{done[0]}, {anyway[0]}".split(", "):
        decoded = decode_cloud_config({key: None})
        assert (decoded.problems, decoded.notes) == ((), ()), key
    for row in refused:
        for key in row[0].split(", "):
            (problem,) = decode_cloud_config({key: ["x"]}).problems
            assert problem.startswith(f"{key} is not done"), key
