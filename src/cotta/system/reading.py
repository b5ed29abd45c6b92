"""The files of the machine, as the functions of the language read them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["file", "directory", "other", "nothing"]


class DiskReader:
    """Reads files; relative paths start at `directory`, or at the working folder."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory if directory is not None else Path()

    def read(self, path: str) -> bytes:
        """Return the whole file; `OSError` if it can't be read."""
        return self._at(path).read_bytes()

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there; `OSError` where something else is."""
        try:
            mode = self._at(path).stat().st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a regular file", path)
        return True

    def entries(self, directory: str) -> list[tuple[str, Kind]]:
        """Return every name in the directory and what it leads to, in no order."""
        with os.scandir(self._at(directory)) as found:
            return [(entry.name, _kind(entry)) for entry in found]

    def absolute(self, path: str) -> str:
        """Return the path from the root, made clean."""
        absolute = os.path.abspath(self._at(path))  # noqa: PTH100 - Path.absolute keeps the dots
        # POSIX lets two slashes at the start mean something of their own.
        return "/" + absolute.lstrip("/")

    def home(self) -> str:
        """Return the home directory of the person running."""
        return str(Path.home())

    def _at(self, path: str) -> Path:
        return self._directory / path


def _kind(entry: os.DirEntry[str]) -> Kind:
    try:
        if entry.is_dir():
            return "directory"
        if entry.is_file():
            return "file"
        entry.stat()
    except OSError:
        return "nothing"
    return "other"
