"""Be inside another network namespace for a moment: the only door to `setns`."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where iproute2 keeps the namespaces that have names.
NAMED: Final = Path("/run/netns")

# setns(2): CLONE_NEWNET.
_NETWORK: Final = 0x40000000
# The calling thread's, which may differ from the process's while it is inside another.
_OWN: Final = Path("/proc/thread-self/ns/net")


@contextlib.contextmanager
def inside_network(path: Path) -> Iterator[None]:
    """Run a block with the calling thread inside the network namespace at `path`.

    Sockets that are made in the block, and files below /proc/sys/net that are opened
    there, belong to that namespace for good.  Other threads notice nothing.  `OSError` if
    there is no such namespace, or this process may not enter it.
    """
    # Loaded before, so that nothing but the kernel is needed to come back.  (os.setns came
    # with Python 3.12.)
    libc = ctypes.CDLL(None, use_errno=True)
    with _opened(_OWN) as own, _opened(path) as other:
        _enter(libc, other)
        try:
            yield
        finally:
            _enter(libc, own)


def is_network(path: Path) -> bool:
    """Say whether `path` holds a network namespace, rather than the empty file of a lost one."""
    try:
        return path.stat().st_dev == _OWN.stat().st_dev
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _enter(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, _NETWORK) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")
