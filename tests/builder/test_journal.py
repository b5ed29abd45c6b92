"""What a build makes is on the disk before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.journal import Heading, Made, abandoned, is_gone_in, journal_of, read_journal

if TYPE_CHECKING:
    from pathlib import Path

HEADING = Heading(run="r1", build="amazon-ebs.app", began="2026-11-29T12:00:00Z", cloud="local")
KEY = Made(kind="key-pair", name="packer_1", region="us-east-1")
MACHINE = Made(kind="instance", name="t1", region="us-east-1", facts={"token": "t1"})


def test_what_is_made_is_known_before_and_after(tmp_path: Path) -> None:
    with journal_of(tmp_path, HEADING) as journal:
        key = journal.making(KEY)
        machine = journal.making(MACHINE)
        journal.is_made(machine, "i-1", volume="vol-1")
        found = read_journal(journal.path)
        assert found.heading == HEADING
        assert [made.id for _, made in found.left] == ["i-1", ""]
        assert found.left[0][1].facts == {"token": "t1", "volume": "vol-1"}
        journal.is_gone(machine)
        journal.is_gone(key)
        assert read_journal(journal.path).left == ()

    assert list((tmp_path / "builds").iterdir()) == []


def test_a_build_that_runs_is_left_alone(tmp_path: Path) -> None:
    with journal_of(tmp_path, HEADING) as journal:
        journal.making(KEY)
        with abandoned(tmp_path) as found:
            assert found == []

    with abandoned(tmp_path) as found:
        (one,) = found
        assert one.left == ((1, KEY),)
        assert not one.is_kept
        is_gone_in(one.path, 1)
        assert read_journal(one.path).left == ()


def test_every_cut_of_a_journal_tells_all_that_was_made(tmp_path: Path) -> None:
    with journal_of(tmp_path, HEADING) as journal:
        first = journal.making(KEY)
        journal.is_made(first, "key-1")
        journal.making(MACHINE)
        journal.keep()
        text = journal.path.read_bytes()
    whole = [at + 1 for at, byte in enumerate(text) if byte == 10]
    cut = tmp_path / "cut"

    for length in range(len(text)):
        cut.write_bytes(text[:length])
        lines = sum(end <= length for end in whole)
        names = [made.name for _, made in read_journal(cut).left]
        # A line counts when it is on the disk as a whole, before its call is made.
        expected = (["packer_1"] if lines >= 2 else []) + (["t1"] if lines >= 4 else [])
        if length not in whole and length + 1 in whole:
            continue  # all but the line's end: it may count or not
        assert names == expected[::-1]

    is_gone_in(cut, 1)
    assert [made.name for _, made in read_journal(cut).left] == ["t1"]
