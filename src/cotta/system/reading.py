"""The files of the machine, as the functions of the language read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DiskReader:
    """Reads files; relative paths start at the working folder."""

    def read(self, path: str) -> bytes:
        """Return the whole file; `OSError` if it can't be read."""
        return Path(path).read_bytes()

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there; False where nothing is.

        `OSError` where something is there that is not a file.
        """
        try:
            mode = Path(path).stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return False
        if stat.S_ISREG(mode):
            return True
        raise IsADirectoryError(f"{path} is not a regular file")

    def walk(self, directory: str) -> Sequence[str]:
        """Return every regular file below `directory`, relative to it, sorted.

        Links to files count as files; links to folders are not followed.
        `OSError` if there is no directory.
        """
        with os.scandir(directory):  # raises where os.walk would be silent
            pass
        found = []
        for folder, _, names in os.walk(directory):
            for name in names:
                full = Path(folder, name)
                if full.is_file():
                    found.append(full.relative_to(directory).as_posix())
        return sorted(found)

    def absolute(self, path: str) -> str:
        """Return the path from the root, without `.` and `..` in it."""
        return os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps the dots

    def home(self) -> str:
        """Return the home directory of the person running."""
        return str(Path.home())
