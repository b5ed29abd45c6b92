"""What functions may ask of the world, handed to them by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


class FileReader(Protocol):
    """The file system as functions see it.  Paths are text, as the configuration has them."""

    def read(self, path: str) -> bytes:
        """Return the whole file; `OSError` if it can't be read."""

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there; False where nothing is.

        `OSError` where something is there that is not a file.
        """

    def walk(self, directory: str) -> Sequence[str]:
        """Return every regular file below `directory`, relative to it, with forward slashes.

        Links to files count as files.  `OSError` if there is no directory.
        """

    def absolute(self, path: str) -> str:
        """Return the path from the root, made clean."""

    def home(self) -> str:
        """Return the home directory of the person running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The world of one evaluation.

    Relative paths start at `base`.  Where `answers_impure` is False,
    `timestamp`, `uuid` and `bcrypt` are unknown, as during a plan.
    `plan_time` is what `plantimestamp` answers: None while it isn't known.
    `random` returns that many unpredictable bytes.  `environment` is for
    Packer's `env`.
    """

    files: FileReader
    base: str = "."
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    answers_impure: bool = True
    plan_time: datetime | None = None
    environment: Mapping[str, str]
