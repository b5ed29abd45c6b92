"""The end of a log, and what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.following import follow_file, follow_window, last_lines

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_later_is_read_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a\nb\n")
    text, place = last_lines(log, 1)
    following = follow_file(log, place)

    with log.open("a") as file:
        file.write("c\n")

    assert text == "b\n"
    assert next(following) == "c\n"


def test_log_in_the_place_of_a_long_one_is_read_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a\nb\n")
    _, place = last_lines(log, 10)

    log.rename(tmp_path / "log.1")
    log.write_text("c\n")

    assert next(follow_file(log, place)) == "c\n"


def test_log_that_is_not_there_yet(tmp_path: Path) -> None:
    text, place = last_lines(tmp_path / "log", 10)
    (tmp_path / "log").write_text("a\n")

    assert text == ""
    assert next(follow_file(tmp_path / "log", place)) == "a\n"


def test_window_that_moves_on_is_shown_once() -> None:
    said = b"".join(f"line {number}\n".encode() for number in range(1000))
    windows = iter([said[:100], said[:100], said[:300], said[200:800], said[700:1500]])

    following = follow_window(lambda: next(windows), b"")

    shown = b"".join(next(following) for _ in range(4))
    assert shown == said[:1500]
