"""An RPM database without the times at which packages were installed.

Two images of the same packages differ in them alone: in each header, in the index of
transactions, and in how SQLite has filled its pages.  The database is written anew, row by row.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from typing import Final

# Law: "RPM Tags": when a package was installed, and by which transaction, which is a time too.
_TIMES: Final = (1008, 1128)
_INT32: Final = 4
_INDEX: Final = "Installtid"
# Law: "Database File Format", 1.3: how a database is written to.
_VERSIONS: Final = slice(18, 20)
_JOURNAL: Final = b"\1\1"


def without_install_times(content: bytes, time: int) -> bytes:
    """Return a database in which every package was installed at `time`, in seconds since 1970.

    What is no such database stays as it is.
    """
    with (
        contextlib.suppress(sqlite3.Error, struct.error),
        contextlib.closing(sqlite3.connect(":memory:")) as old,
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as new,
    ):
        # One in memory has no log of what is to be written, whatever its header says.
        old.deserialize(_with_versions(content, _JOURNAL))
        (size,) = old.execute("PRAGMA page_size").fetchone()
        new.execute(f"PRAGMA page_size = {int(size)}")
        _copy(old, new, time)
        return _with_versions(new.serialize(), content[_VERSIONS])
    return content


def _with_versions(content: bytes, versions: bytes) -> bytes:
    return content[: _VERSIONS.start] + versions + content[_VERSIONS.stop :]


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, time: int) -> None:
    """Copy schema and rows, in the order of their ids; times are replaced."""
    objects = old.execute("SELECT type, name, sql FROM sqlite_master ORDER BY rowid").fetchall()
    tables = [(name, sql) for kind, name, sql in objects if kind == "table"]
    if "Packages" not in {name for name, _ in tables}:
        raise sqlite3.DatabaseError("no database of packages")
    for name, sql in tables:
        if not name.startswith("sqlite_"):
            new.execute(sql)
    for name, _ in tables:
        if name == "sqlite_stat1":
            continue
        for row in old.execute(f'SELECT rowid, * FROM "{name}" ORDER BY rowid'):  # noqa: S608
            values = list(row)
            if name == "Packages":
                values = [_with_time(one, time) if isinstance(one, bytes) else one for one in row]
            elif name == _INDEX:
                # Its key is the transaction.
                values[1] = struct.pack("<I", time) if isinstance(row[1], bytes) else time
            _insert(new, name, values)
    for kind, name, sql in objects:
        if kind != "table" and sql is not None and not name.startswith("sqlite_"):
            new.execute(sql)


def _insert(new: sqlite3.Connection, table: str, values: list[object]) -> None:
    columns = [row[1] for row in new.execute(f'PRAGMA table_info("{table}")')]
    names = ", ".join(f'"{one}"' for one in ("rowid", *columns))
    marks = ", ".join("?" * len(values))
    if table == "sqlite_sequence":
        new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (values[1],))
    new.execute(
        f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608
        values,
    )


def _with_time(header: bytes, time: int) -> bytes:
    """Return a package's header with another time of installation."""
    changed = bytearray(header)
    count, _ = struct.unpack_from(">II", header)
    data = 8 + 16 * count
    for index in range(8, data, 16):
        tag, kind, offset, length = struct.unpack_from(">IIII", header, index)
        if tag in _TIMES and kind == _INT32:
            for at in range(length):
                struct.pack_into(">I", changed, data + offset + 4 * at, time)
    return bytes(changed)
