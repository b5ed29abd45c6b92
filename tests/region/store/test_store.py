"""Transactions, versions and failures of the store."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cotta.region.model import KeyPair
from cotta.region.store.kinds import KEY_PAIRS, KINDS, POLICIES
from cotta.region.store.store import Store, StoreTooNewError, TakenError
from tests.support.regions import fresh_store
from tests.support.times import NOON

if TYPE_CHECKING:
    from pathlib import Path


def a_key(name: str, fingerprint: str = "aa") -> KeyPair:
    return KeyPair(
        id=f"key-{name}",
        name=name,
        kind="ed25519",
        fingerprint=fingerprint,
        public_key="ssh-ed25519 AAAA",
        created_at=NOON,
        tags={"a": "b"},
    )


def test_what_is_written_is_read_again_by_another_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with store.write() as rows:
        rows.put(KEY_PAIRS, a_key("b"))
        rows.put(KEY_PAIRS, a_key("a"))
    store.close()

    with Store(tmp_path / "db").read() as rows:
        assert rows.all(KEY_PAIRS) == [a_key("a"), a_key("b")]
        assert rows.all(KEY_PAIRS, id="key-b") == [a_key("b")]
        assert rows.find(KEY_PAIRS, "a") == a_key("a")
        assert rows.find(KEY_PAIRS, "c") is None


def test_an_exception_undoes_the_block(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")

    with contextlib.suppress(ZeroDivisionError), store.write() as rows:
        rows.put(KEY_PAIRS, a_key("a"))
        raise ZeroDivisionError

    with store.read() as after:
        assert after.all(KEY_PAIRS) == []


def test_readers_see_the_moment_they_began_at(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")

    with store.read() as before:
        assert before.all(KEY_PAIRS) == []
        with store.write() as rows:
            rows.put(KEY_PAIRS, a_key("a"))
        assert before.all(KEY_PAIRS) == []
    with store.read() as after:
        assert after.all(KEY_PAIRS) == [a_key("a")]


def test_a_write_can_insist_on_the_version_it_was_decided_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with store.write() as rows:
        rows.put(KEY_PAIRS, a_key("a"))
        seen = rows.row(KEY_PAIRS, "a")
    assert seen is not None

    with store.write() as rows:
        rows.put(KEY_PAIRS, a_key("a", "bb"))
    with store.write() as rows:
        is_written = rows.put_if(KEY_PAIRS, replace(seen.record, fingerprint="cc"), seen.version)

    assert not is_written
    with store.read() as after:
        assert after.all(KEY_PAIRS) == [a_key("a", "bb")]


def test_what_is_removed_is_gone(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with store.write() as rows:
        rows.add(KEY_PAIRS, a_key("a"))
        assert rows.remove(KEY_PAIRS, "a")
        assert not rows.remove(KEY_PAIRS, "a")
        assert rows.all(KEY_PAIRS) == []


def test_a_key_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with store.write() as rows:
        rows.add(KEY_PAIRS, a_key("a"))

    with store.write() as rows, pytest.raises(TakenError):
        rows.add(KEY_PAIRS, a_key("a", "bb"))


def test_a_failed_commit_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError("no space left")

    store = Store(tmp_path / "db", before_commit=fail)

    with pytest.raises(OSError, match="no space"), store.write() as rows:
        rows.put(KEY_PAIRS, a_key("a"))

    with store.read() as after:
        assert after.all(KEY_PAIRS) == []


def test_every_kind_has_its_table_and_columns(tmp_path: Path) -> None:
    store, _ = fresh_store(tmp_path)

    with store.read() as rows:
        for kind in KINDS:
            rows.all(kind, **dict.fromkeys(kind.columns, "x"))
            assert kind.codec


def test_what_an_older_version_made_is_brought_up_to_date(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with store.write() as rows:
        rows.put(KEY_PAIRS, a_key("a"))
    store.close()
    older = sqlite3.connect(tmp_path / "db")
    older.execute("DROP INDEX key_pairs_id")
    older.execute("ALTER TABLE key_pairs DROP COLUMN id")
    older.execute("DROP TABLE policies")
    older.commit()
    older.close()

    again = Store(tmp_path / "db")

    with again.read() as rows:
        assert rows.all(KEY_PAIRS, id="key-a") == [a_key("a")]
        assert rows.all(POLICIES) == []
    again.close()


def test_what_a_newer_version_made_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "db").close()
    newer = sqlite3.connect(tmp_path / "db")
    newer.execute("PRAGMA user_version = 99")
    newer.close()

    with pytest.raises(StoreTooNewError):
        Store(tmp_path / "db")
