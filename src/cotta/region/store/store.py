"""Transactions over the region's rows: short, and at most one writer at a time.

WAL: readers see the rows as they were when their transaction began and never
wait.  A writer takes the lock when it begins (`BEGIN IMMEDIATE`), so it can't find
out half-way that it may not write.  What is committed lasts through a kill of the
process; after a power cut the last moments may be missing, and the machines are
gone then anyway.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cotta.region.store.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.region.store.kinds import Kind
    from cotta.region.store.reserve import Reserve

R = TypeVar("R")

# Raised when what is there already changes; a table or a column that is new needs no raise.
SCHEMA_VERSION: Final = 1

_BUSY_SECONDS: Final = 30.0


class StoreError(Exception):
    """The rows can't be read or written."""


class StoreFullError(StoreError):
    """The disk is full; `has_more_room` if some was let go for such a write since it was tried."""

    def __init__(self, reason: str, *, has_more_room: bool = False) -> None:
        super().__init__(reason)
        self.has_more_room = has_more_room


class StoreTooNewError(StoreError):
    """The rows were written by a newer Cotta."""


class TakenError(Exception):
    """A record with this key is there already."""


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A record and how often it has been written: what a later write can insist on."""

    record: R
    version: int


class Reading:
    """The rows as they are at one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, kind: Kind[R], key: str) -> R | None:
        """Return the record with a key."""
        row = self.row(kind, key)
        return row.record if row is not None else None

    def row(self, kind: Kind[R], key: str) -> Row[R] | None:
        """Return the record with a key, and its version."""
        found = self._connection.execute(
            f"SELECT body, version FROM {kind.table} WHERE key = ?",  # noqa: S608 - our own name
            (key,),
        ).fetchone()
        return Row(kind.decode(found[0]), found[1]) if found is not None else None

    def all(self, kind: Kind[R], **equal: str | int | None) -> list[R]:
        """Return the records whose columns equal what is given, by their keys."""
        return [row.record for row in self.rows(kind, **equal)]

    def rows(self, kind: Kind[R], **equal: str | int | None) -> list[Row[R]]:
        """Return the same as `all`, with versions."""
        assert equal.keys() <= kind.columns, f"{kind.table} has no column for {equal}"
        condition = " AND ".join(f'"{column}" IS ?' for column in equal) or "TRUE"
        found = self._connection.execute(
            f"SELECT body, version FROM {kind.table} WHERE {condition} ORDER BY key",  # noqa: S608
            tuple(equal.values()),
        )
        return [Row(kind.decode(body), version) for body, version in found]


class Writing(Reading):
    """The rows for a writer: all that it writes comes true together, or nothing does."""

    def put(self, kind: Kind[R], record: R) -> None:
        """Write a record in the place of the one with the same key, if there is one."""
        self._connection.execute(
            f"INSERT INTO {kind.table} (key, version, body) VALUES (?, 1, ?) "  # noqa: S608
            "ON CONFLICT (key) DO UPDATE SET version = version + 1, body = excluded.body",
            (kind.key(record), kind.encode(record)),
        )

    def add(self, kind: Kind[R], record: R) -> None:
        """Write a new record; `TakenError` if its key is taken."""
        try:
            self._connection.execute(
                f"INSERT INTO {kind.table} (key, version, body) VALUES (?, 1, ?)",  # noqa: S608
                (kind.key(record), kind.encode(record)),
            )
        except sqlite3.IntegrityError:
            raise TakenError(kind.key(record)) from None

    def put_if(self, kind: Kind[R], record: R, version: int) -> bool:
        """Write a record if it still has the version it was decided on; say whether it had."""
        cursor = self._connection.execute(
            f"UPDATE {kind.table} SET version = version + 1, body = ? "  # noqa: S608
            "WHERE key = ? AND version = ?",
            (kind.encode(record), kind.key(record), version),
        )
        return cursor.rowcount == 1

    def remove(self, kind: Kind[R], key: str) -> bool:
        """Remove a record; say whether there was one."""
        cursor = self._connection.execute(
            f"DELETE FROM {kind.table} WHERE key = ?",  # noqa: S608 - our own name
            (key,),
        )
        return cursor.rowcount == 1

    def remove_below(self, kind: Kind[R], **bound: str) -> int:
        """Remove the records whose column is less than a bound; return how many."""
        ((column, value),) = bound.items()
        assert column in kind.columns, f"{kind.table} has no column {column}"
        cursor = self._connection.execute(
            f'DELETE FROM {kind.table} WHERE "{column}" < ?',  # noqa: S608 - our own names
            (value,),
        )
        return cursor.rowcount


class Store:
    """The rows of one region, in one file.

    `before_commit` is called before every commit of a writer: a test makes it
    fail there.  `committed` is called after each.  The `reserve` is for writes that lead to room.
    """

    def __init__(
        self,
        path: Path,
        *,
        before_commit: Callable[[], None] = lambda: None,
        committed: Callable[[], None] = lambda: None,
        reserve: Reserve | None = None,
    ) -> None:
        self._path = path
        self._reserve = reserve
        self._before_commit = before_commit
        self._committed = committed
        # Taken and given back by any thread; a deque's ends are atomic.
        self._idle: deque[sqlite3.Connection] = deque()
        with self._connection() as connection:
            _prepare(connection)

    @contextlib.contextmanager
    def read(self) -> Iterator[Reading]:
        """Give one moment's rows to a block."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield Reading(connection)
            finally:
                connection.execute("ROLLBACK")

    def perform(self, work: Callable[[Writing], R], *, leads_to_room: bool = False) -> R:
        """Have the rows written, and return what `work` has; an exception undoes everything.

        `work` is called again where a full disk was made less full by the reserve.
        """
        while True:
            try:
                with self.write(leads_to_room=leads_to_room) as rows:
                    return work(rows)
            except StoreFullError as error:
                if not error.has_more_room:
                    raise

    @contextlib.contextmanager
    def write(self, *, leads_to_room: bool = False) -> Iterator[Writing]:
        """Give the rows to a block to write; an exception out of it undoes everything.

        If the disk is full that is `StoreFullError`.  A write that `leads_to_room` may use the
        reserve: with `has_more_room` it is worth a second try.
        """
        if not leads_to_room and self._reserve is not None and self._reserve.is_let_go:
            raise StoreFullError(self._full)
        try:
            with self._transaction() as rows:
                yield rows
        except StoreFullError as error:
            if leads_to_room and self._reserve is not None and self._reserve.let_go():
                # Whoever has to write looks again by itself, or is asked by `perform`.
                raise StoreFullError(self._full, has_more_room=True) from error
            raise
        self._committed()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Writing]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Writing(connection)
                self._before_commit()
                connection.execute("COMMIT")
            except BaseException:
                # A failed commit may have ended the transaction by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close what is open; nobody may be in a transaction."""
        while self._idle:
            self._idle.pop().close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that nobody else has meanwhile."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self._path)
        is_broken = False
        try:
            yield connection
        except sqlite3.Error as error:
            # Whatever is wrong with it, the next one begins afresh.
            is_broken = True
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise StoreFullError(self._full) from error
            raise StoreError(str(error)) from error
        finally:
            if is_broken:
                connection.close()
            else:
                self._idle.append(connection)

    @property
    def _full(self) -> str:
        return f"the disk of {self._path.parent} is full; make room there and try again"


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables and columns that are not there; those of an older Cotta are kept.

    `StoreTooNewError` if a newer one made them.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreTooNewError("they were written by a newer Cotta")
        for kind in KINDS:
            # Generated columns are in no other list.
            found = connection.execute(f"PRAGMA table_xinfo({kind.table})")
            for statement in kind.additions({name for _, name, *_ in found}):
                connection.execute(statement)
        if version != SCHEMA_VERSION:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
