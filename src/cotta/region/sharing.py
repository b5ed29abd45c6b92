"""The host that regions share: which of them may change what isn't any one's own.

Ranges of addresses, ports, settings of the kernel, and where systemd-nspawn keeps what it passes:
whoever chooses or changes these is alone in it, from the choice until others can see it.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.system.files import lock_file

if TYPE_CHECKING:
    from collections.abc import Iterator

# Below /run: it ends with the machine, as all that it guards does.
_LOCK: Final = Path("/run/cotta/host.lock")

# A region is up in two seconds; several may be waiting.
_OTHERS_END_WITHIN: Final = timedelta(minutes=3)


@contextlib.contextmanager
def alone_on_host() -> Iterator[None]:
    """Be the one region that takes or gives up what is the host's, for a block.

    `FileLockedError` if another one is at it for minutes.
    """
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    with lock_file(_LOCK, wait=_OTHERS_END_WITHIN):
        yield
