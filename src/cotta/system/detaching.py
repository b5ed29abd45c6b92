"""Go on in a process of its own that outlives the one that started it, and the terminal."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_READY: Final = b"ready"


class NotReadyError(Exception):
    """The detached process ended, or gave up, before it was ready; why, if it said so."""


def detach(output: Path) -> Callable[[str | None], None] | None:
    """Split this process in two; call it while there is one thread.

    The first one gets None as soon as the second is ready, or `NotReadyError`.  The second
    one, which belongs to no terminal and whose output goes to a file, gets a
    function to call when it is ready (with None), or with the reason why it never will be;
    only the first call counts.
    """
    reading, writing = os.pipe()
    if os.fork() != 0:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        if said != _READY:
            raise NotReadyError(said.decode("utf-8", "replace"))
        return None
    os.close(reading)
    os.setsid()
    # A terminal that closes is none of its business, nor is one that says Ctrl-C.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir("/")
    _point_streams_at(output)

    open_ends = [writing]

    def tell(reason: str | None) -> None:
        if open_ends:
            os.write(writing, _READY if reason is None else reason.encode())
            os.close(open_ends.pop())

    return tell


def _point_streams_at(output: Path) -> None:
    nowhere = os.open(os.devnull, os.O_RDONLY)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nowhere, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(nowhere)
    os.close(written)
