"""The packages that are installed in a tree, from the package manager's own records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DPKG_STATUS: Final = "var/lib/dpkg/status"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package that is installed, by the names its manager has for it."""

    name: str
    version: str
    architecture: str


def installed_packages(root: Path) -> tuple[Package, ...]:
    """Return the packages of Debian's package manager in a tree, by name; none if it has none."""
    status = root / _DPKG_STATUS
    if status.is_symlink() or not status.is_file():
        return ()
    text = status.read_text(encoding="utf-8", errors="replace")
    return tuple(sorted(_installed(text)))


def _installed(status: str) -> Iterator[Package]:
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
