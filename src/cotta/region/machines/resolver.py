"""A machine's name servers: those of the host, by addresses that a machine can reach."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

# The host's own, and those behind the one that systemd-resolved is itself.
_CONFIGURATIONS: Final = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))

_NAME: Final = "resolv.conf"
_FOLDER: Final = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_resolver(root: Path, owner: int) -> None:
    """Write the host's name servers into the tree at `root`, as `owner`'s file.

    A link there is left alone: something in the machine sees to its names itself.  The tree is
    somebody else's, so no link in it is followed.
    """
    try:
        etc = os.open(root / "etc", _FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OSError(f"the image's /etc can't be opened: {error}") from error
    try:
        if not _is_link(etc):
            _replace(etc, _content(), owner)
    finally:
        os.close(etc)


def name_servers(configuration: str) -> list[str]:
    """Return the name servers that a resolver's configuration names, the host itself aside."""
    words = (line.split() for line in configuration.splitlines())
    named = (line[1] for line in words if line[:1] == ["nameserver"] and len(line) > 1)
    return [server for server in named if not server.startswith("127.") and ":" not in server]


def _content() -> bytes:
    found = (name_servers(path.read_text()) for path in _CONFIGURATIONS if path.exists())
    servers: list[str] = next(filter(None, found), [])
    return "".join(f"nameserver {server}\n" for server in servers).encode()


def _is_link(folder: int) -> bool:
    try:
        mode = os.stat(_NAME, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISLNK(mode)


def _replace(folder: int, content: bytes, owner: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_NAME, dir_fd=folder)
    file = os.open(_NAME, _NEW, 0o644, dir_fd=folder)
    try:
        os.fchmod(file, 0o644)
        os.fchown(file, owner, owner)
        os.write(file, content)
    finally:
        os.close(file)
