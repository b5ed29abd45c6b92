"""Which packages are in a tree."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cotta.region.imagestore.packages import Package, installed_packages
from tests.support.image_trees import a_tree

# Written by rpm 4.20 itself, when it had installed two packages that rpmbuild had made.
DATABASE = gzip.decompress((Path(__file__).parent / "rpmdb.sqlite.gz").read_bytes())

STATUS = "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88\n"


@pytest.mark.parametrize("folder", ["var/lib/rpm", "usr/lib/sysimage/rpm"])
def test_packages_of_rpm_are_read(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "rpmdb.sqlite").write_bytes(DATABASE)

    assert installed_packages(tmp_path) == (
        Package("httpd", "2.4.62-1.amzn2023", "noarch"),
        Package("openssl", "1:3.0.8-1", "x86_64"),
    )
    assert [one.name for one in (tmp_path / folder).iterdir()] == ["rpmdb.sqlite"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    host = a_tree(tmp_path / "host", {"dpkg/status": STATUS})
    tree = a_tree(tmp_path / "tree", {"var/lib/dpkg": f"-> {host}/dpkg"})

    assert installed_packages(tree) == ()


@pytest.mark.parametrize("blob", [b"", b"\0" * 8, b"\0\0\0\1" + b"\xff" * 40, b"\xff" * 64, "text"])
def test_what_is_no_record_is_no_package(tmp_path: Path, blob: bytes | str) -> None:
    folder = a_tree(tmp_path / "tree", {"var/lib/rpm/x": "", "var/lib/dpkg/status": STATUS})
    database = folder / "var/lib/rpm/rpmdb.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)")
        connection.execute("INSERT INTO Packages (blob) VALUES (?)", (blob,))
        connection.commit()
    curl = (Package("curl", "7.88", "amd64"),)

    assert installed_packages(folder) == curl

    database.write_bytes(b"no database at all" * 100)
    assert installed_packages(folder) == curl
