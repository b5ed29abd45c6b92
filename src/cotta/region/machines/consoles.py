"""What a machine has said, in two files that its starter takes turns with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# As much as EC2 keeps.
KEPT_BYTES: Final = 64 * 1024

_CURRENT: Final = "console"
_FORMER: Final = "console.former"
_TAIL_LINES: Final = 12


def read_console(folder: Path) -> bytes:
    """Return the latest 64 KiB that the machine in a folder has said."""
    parts = [_read(folder / name) for name in (_FORMER, _CURRENT)]
    return b"".join(parts)[-KEPT_BYTES:]


def console_tail(folder: Path) -> str:
    """Return the last lines, as text without colours."""
    import re

    said = read_console(folder).decode(errors="replace")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", said)
    return "\n".join(plain.rstrip().splitlines()[-_TAIL_LINES:])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
