"""A file system in memory, for functions that read files."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from cotta.hcl.functions.paths import clean, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.hcl.functions.surroundings import Kind


class FakeFiles:
    """Files by their paths; directories are those that the paths need.

    Relative paths begin in `directory`.  A value of None is a link to nothing.
    """

    def __init__(
        self, files: Mapping[str, bytes | str | None] | None = None, directory: str = "/work"
    ) -> None:
        self._directory = directory
        self._files = {
            self.absolute(path): content.encode() if isinstance(content, str) else content
            for path, content in (files or {}).items()
        }

    def read(self, path: str) -> bytes:
        content = self._files.get(self.absolute(path))
        if content is not None:
            return content
        if self._is_directory(path):
            raise IsADirectoryError(errno.EISDIR, "Is a directory", path)
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)

    def is_file(self, path: str) -> bool:
        if self._is_directory(path):
            raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
        parent = self.absolute(path).rpartition("/")[0]
        if parent in self._files:
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", path)
        return self._files.get(self.absolute(path)) is not None

    def entries(self, directory: str) -> list[tuple[str, Kind]]:
        if not self._is_directory(directory):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", directory)
        start = self.absolute(directory).rstrip("/") + "/"
        found: dict[str, Kind] = {}
        for path, content in self._files.items():
            if path.startswith(start):
                name, slash, _rest = path[len(start) :].partition("/")
                leaf: Kind = "nothing" if content is None else "file"
                found[name] = "directory" if slash else leaf
        return list(found.items())

    def absolute(self, path: str) -> str:
        return clean(path if path.startswith("/") else join(self._directory, path))

    def home(self) -> str:
        return "/home/ada"

    def _is_directory(self, path: str) -> bool:
        start = self.absolute(path).rstrip("/") + "/"
        return start == "/" or any(file.startswith(start) for file in self._files)
