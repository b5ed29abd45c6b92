"""RPM databases of the same packages are the same, whenever those were installed."""

from __future__ import annotations

import gzip
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from cotta.region.imagestore.packages import installed_packages
from cotta.region.imagestore.rpm_times import without_install_times

# A database that rpm itself has written.
REAL: Final = gzip.decompress((Path(__file__).parent / "rpmdb.sqlite.gz").read_bytes())
DAY: Final = 1_700_000_000
INSTALLTIME: Final = 1008


def times_in(content: bytes) -> set[int]:
    """Return the times at which packages were installed."""
    found = set()
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content[:18] + b"\1\1" + content[20:])
        for (header,) in database.execute("SELECT blob FROM Packages"):
            count, _ = struct.unpack_from(">II", header)
            for index in range(8, 8 + 16 * count, 16):
                tag, _, offset, _ = struct.unpack_from(">IIII", header, index)
                if tag == INSTALLTIME:
                    found.add(struct.unpack_from(">I", header, 8 + 16 * count + offset)[0])
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return found


def test_all_times_are_the_one_that_is_given() -> None:
    assert times_in(REAL)
    assert times_in(REAL) != {DAY}

    changed = without_install_times(REAL, DAY)

    assert times_in(changed) == {DAY}
    assert without_install_times(changed, DAY) == changed
    assert changed[18:20] == REAL[18:20]


def test_a_database_of_another_time_becomes_the_same() -> None:
    other = without_install_times(REAL, DAY + 12345)

    assert without_install_times(other, DAY) == without_install_times(REAL, DAY)


def test_packages_stay_what_they_are(tmp_path: Path) -> None:
    place = tmp_path / "var/lib/rpm/rpmdb.sqlite"
    place.parent.mkdir(parents=True)
    place.write_bytes(REAL)
    before = installed_packages(tmp_path)

    place.write_bytes(without_install_times(REAL, DAY))

    assert before
    assert installed_packages(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"no database", REAL[:5000], b"\0" * 4096])
def test_what_is_no_database_stays(content: bytes) -> None:
    assert without_install_times(content, DAY) == content
