"""What a run of builds is told from outside: where, how, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cotta.clouds.which import Access
    from cotta.system.clock import Clock
    from cotta.system.ids import IdSource


def never() -> bool:
    """Say that nobody has asked for an end."""
    return False


class OnError(Enum):
    """What follows a failure; the value is the word of `-on-error`."""

    CLEANUP = "cleanup"
    ABORT = "abort"
    ASK = "ask"
    RUN_CLEANUP_PROVISIONER = "run-cleanup-provisioner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of `cotta build`, the same for all of its builds but for the key.

    `access` is asked for only by what talks to a cloud.  `folder` is the template's:
    relative paths in options begin at the working folder, as Packer's do.
    `home` is where journals are kept.  `key` is the content key, "" where
    something defeats it; with `verifies`, images are baked twice.  `cancelled` says that the
    person has asked for an end, and `hurried` that they don't wait for what is cleaned up either.
    """

    access: Callable[[], Access]
    uuid: str
    folder: Path
    home: Path
    environment: Mapping[str, str]
    cancelled: Callable[[], bool]
    clock: Clock
    ids: IdSource
    on_error: OnError = OnError.CLEANUP
    force: bool = False
    debug: bool = False
    key: str = ""
    verifies: bool = False
    hurried: Callable[[], bool] = never


class BuildError(Exception):
    """A build failed, and what it had made is gone or named: the text says both."""


class Cancelled(Exception):  # noqa: N818 - no error: the person asked for it
    """A build was stopped on request, after it cleaned up."""
