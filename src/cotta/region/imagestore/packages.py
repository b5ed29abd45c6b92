"""The packages that are installed in a tree, from the package managers' own records.

A tree is somebody else's: what can't be read as a record is no package, and no mistake of ours.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DPKG_STATUS: Final = "var/lib/dpkg/status"
_RPM_DATABASES: Final = ("usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite")

# The tags of a header that are wanted; law: "RPM Tags" and "RPM V4 Package format".
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
_INT32, _STRING, _TRANSLATED = 4, 6, 9


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package that is installed, by the names its manager has for it."""

    name: str
    version: str
    architecture: str


def installed_packages(root: Path) -> tuple[Package, ...]:
    """Return the packages in a tree that dpkg or rpm has installed, by name."""
    packages: set[Package] = set()
    status = _file(root, _DPKG_STATUS)
    if status is not None:
        packages.update(_in_status(status.read_text(encoding="utf-8", errors="replace")))
    for path in _RPM_DATABASES:
        database = _file(root, path)
        if database is not None:
            packages.update(_in_database(database))
    return tuple(sorted(packages))


def _file(root: Path, path: str) -> Path | None:
    """Return a file in a tree, unless a link is on the way to it."""
    place = root
    for name in path.split("/"):
        place /= name
        if place.is_symlink():
            return None
    return place if place.is_file() else None


def _in_status(status: str) -> Iterator[Package]:
    for paragraph in status.split("\n\n"):
        fields = dict(
            line.split(": ", 1)
            for line in paragraph.splitlines()
            if not line.startswith((" ", "\t")) and ": " in line
        )
        if fields.get("Status", "").endswith(" installed"):
            yield Package(
                fields.get("Package", ""),
                fields.get("Version", ""),
                fields.get("Architecture", ""),
            )


def _in_database(database: Path) -> Iterator[Package]:
    # Immutable: nothing beside the database is looked at, and nothing is written there.
    address = f"file:{quote(str(database))}?mode=ro&immutable=1"
    with contextlib.suppress(sqlite3.Error):
        connection = sqlite3.connect(address, uri=True)
        with contextlib.closing(connection):
            for (header,) in connection.execute("SELECT blob FROM Packages"):
                package = _in_header(header)
                if package is not None:
                    yield package


def _in_header(header: object) -> Package | None:
    """Return the package of a header; None for what is none."""
    if not isinstance(header, bytes):
        return None
    try:
        tags = _tags(header)
        version = f"{tags[_VERSION]}-{tags[_RELEASE]}"
        epoch = tags.get(_EPOCH)
        return Package(
            tags[_NAME],
            version if epoch is None else f"{epoch}:{version}",
            # A public key that was imported is a package without an architecture.
            tags.get(_ARCHITECTURE, ""),
        )
    except (KeyError, ValueError, struct.error):
        return None


def _tags(header: bytes) -> dict[int, str]:
    """Return the values of the tags that are one text or one number."""
    count, _ = struct.unpack_from(">II", header)
    data = 8 + 16 * count
    found = {}
    for index in range(8, data, 16):
        tag, kind, offset, _ = struct.unpack_from(">IIII", header, index)
        if kind in (_STRING, _TRANSLATED):
            start = data + offset
            found[tag] = header[start : header.index(b"\0", start)].decode("utf-8", "replace")
        elif kind == _INT32:
            found[tag] = str(struct.unpack_from(">I", header, data + offset)[0])
    return found
