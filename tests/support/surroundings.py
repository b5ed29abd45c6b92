"""A world for functions in which nothing is to be found and time stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotta.hcl.functions.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence


class NoFiles:
    """A file system with nothing in it."""

    def read(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def is_file(self, path: str) -> bool:
        return False

    def walk(self, directory: str) -> Sequence[str]:
        raise FileNotFoundError(directory)

    def absolute(self, path: str) -> str:
        return f"/{path}"

    def home(self) -> str:
        return "/home/nobody"


NOWHERE = Surroundings(
    files=NoFiles(),
    now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    random=lambda count: b"\0" * count,
    environment={},
)
