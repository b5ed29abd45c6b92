"""Which of its image's system paths a machine has changed: what lies in its layer says so.

Only what the layer has is looked at, never the image: a machine that has changed
nothing costs two directories.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As many paths as a person wants to see; a machine that images are built on has thousands.
MOST: Final = 50

_SYSTEM: Final = frozenset({"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "boot", "etc"})

# What belongs to a machine rather than to its image: systemd, the first boot and users'
# tools write it.  The rest of /etc is configuration, which immutable machines bring along.
_OWN: Final = re.compile(
    r"""etc/(
      machine-id | machine-info | hostname | hosts | resolv\.conf | mtab | adjtime | \.updated
    | (passwd|shadow|group|gshadow|subuid|subgid)-? | \.pwd\.lock
    | localtime | timezone | default/locale | locale\.conf | vconsole\.conf
    | ld\.so\.cache | ssh/ssh_host_.* | sudoers\.d/90-.* | \..*\.swp
    )""",
    re.VERBOSE,
)


def drift_of(upper: Path) -> tuple[str, ...]:
    """Return the system paths with something of the machine's own in `upper`, in order.

    Files, links and what was deleted; of directories, what is in them.  No more than
    `MOST`.
    """
    found: list[str] = []
    for path in _changed(upper):
        found.append(path)
        if len(found) == MOST:
            break
    return tuple(sorted(found))


def _changed(upper: Path) -> Iterator[str]:
    """Give what differs, as it is found; no link in the layer is followed."""
    pending = [(str(upper), "")]
    while pending:
        folder, path = pending.pop()
        try:
            entries = os.scandir(folder)
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                below = f"{path}{entry.name}"
                if not path and below not in _SYSTEM:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((entry.path, f"{below}/"))
                elif not _OWN.fullmatch(below):
                    yield f"/{below}"
