"""What functions may ask of the world, handed to them by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


# What a name in a directory leads to, once every link is followed: "nothing"
# is a link to what is not there.
Kind: TypeAlias = Literal["file", "directory", "other", "nothing"]


class FileReader(Protocol):
    """The file system as functions see it.  Paths are text, as the configuration has them."""

    def read(self, path: str) -> bytes:
        """Return the whole file; `OSError` if it can't be read."""

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there; False where nothing is.

        `OSError` where something is there that is not a file.
        """

    def entries(self, directory: str) -> Sequence[tuple[str, Kind]]:
        """Return every name in the directory and what it leads to, in no order.

        `OSError` if there is no directory to read.
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
