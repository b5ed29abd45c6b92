"""EDGE: the digests of files and folders on this machine."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from cotta.builder.fingerprint import FileDigest


class DiskDigests:
    """Reads files; relative paths begin at the working folder, `~` is the home folder."""

    def files(self, path: str) -> list[FileDigest]:
        """Return a file, or every file of a folder, links followed, sorted by path.

        Empty folders count by their name and mode.  Raises `OSError` for what can't be read.
        """
        root = Path(path).expanduser()
        if not root.is_dir():
            return [_digest(root, "")]
        found: list[FileDigest] = []
        been: set[str] = set()
        for folder, folders, names in os.walk(root, followlinks=True):
            real = os.path.realpath(folder)
            if real in been:
                folders.clear()  # a link back to where we come from
                continue
            been.add(real)
            inside = Path(folder).relative_to(root)
            if not names and not folders:
                mode = stat.S_IMODE(Path(folder).stat().st_mode)
                found.append(FileDigest(f"{inside.as_posix()}/", mode, ""))
            found += [
                _digest(Path(folder) / name, (inside / name).as_posix()) for name in sorted(names)
            ]
        return sorted(found, key=lambda one: one.path)


def _digest(path: Path, shown: str) -> FileDigest:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        return FileDigest(shown, mode, hashlib.file_digest(file, "sha256").hexdigest())
