"""Descriptors of other processes: to look at them, to signal them, to share what they hold open."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# The number of pidfd_getfd(2), the same on every architecture; Linux 5.6.
_GET_DESCRIPTOR: Final = 438


@contextlib.contextmanager
def opened_process(pid: int) -> Iterator[int]:
    """Hold on to a process: its id goes to nobody else meanwhile.

    What is known of the id has to be looked at again inside of the block.
    `ProcessLookupError` if there is none.
    """
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def signal_process(process: int, number: int) -> None:
    """Send a signal to a process that is held open; one that has ended gets none."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, number)


def share_descriptor(process: int, number: int) -> int:
    """Return a descriptor of ours for what another process has open as `number`."""
    descriptor = int(_libc().syscall(ctypes.c_long(_GET_DESCRIPTOR), process, number, 0))
    if descriptor < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"pidfd_getfd: {os.strerror(error)}")
    return descriptor


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
