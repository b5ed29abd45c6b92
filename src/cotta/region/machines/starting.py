"""Start a machine so that it needs nobody: what its starter is told, and what it tells.

The starter is a shell, detached from the driver.  It enters the machine's groups, writes
down that it is there, runs systemd-nspawn, and again when the machine wants to boot anew
or a driver asks for it, so that a restart needs no driver either.  What the machine says goes
through a second one that keeps the latest of it in two files of a limited size.

It also holds the socket on which systemd-nspawn says when the machine has booted.  What was
said waits in there for whichever driver asks.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.machines.consoles import KEPT_BYTES
from cotta.system.descriptors import opened_process, share_descriptor
from cotta.system.mounts import OWNERS
from cotta.system.processes import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.region.machines.folders import Boot, Record

# systemd-nspawn's own word for "boot me again".
_AGAIN: Final = 133
# systemd's signal for shutting down.
SHUT_DOWN: Final = signal.SIGRTMIN + 3

_STARTED: Final = "started"
_NOTICES: Final = "notices"
_LARGEST_NOTICE: Final = 4096

# Reads of at most 64 bytes, each written at once, and after some hundreds of them a look
# at the size: so at most 96 KiB are in a file, and both have the latest 64.
_SCRIPT: Final = rf"""
cd "$1" || exit; boot=$2 notices=$3 entries=$4; shift 4
while [ "$entries" -gt 0 ]; do
    echo $$ >"$1" || exit
    shift; entries=$((entries - 1))
done
read -r status </proc/$$/stat
printf '%s\n%s\n%s\n' "$boot" "$notices" "$status" >boot.new && mv boot.new boot || exit
echo {_STARTED}
exec </dev/null >/dev/null 2>&1
export NOTIFY_SOCKET=/proc/self/cwd/{_NOTICES}
while
    rm -f again
    "$@"
    [ $? = {_AGAIN} ] || [ -e again ]
do :; done 2>&1 | {{
    before=none
    while dd bs=64 count=500 of=console oflag=append conv=notrunc status=none; do
        size=$(wc -c <console)
        [ "$size" != "$before" ] || break
        before=$size
        [ "$size" -le {KEPT_BYTES} ] || {{ mv -f console console.former; before=0; }}
    done
    exec cat >/dev/null
}}
"""


class StartError(Exception):
    """The starter could not do its work; what it said."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a machine is started with, beside its record."""

    folder: Path
    root: Path
    namespace: Path
    # What a process enters the machine's groups by, and what has to stand before its command.
    entries: Sequence[Path]
    scope: Sequence[str]


def start_machine(record: Record, around: Surroundings) -> None:
    """Start a machine; return when its starter is in its groups and has written that down.

    Raises `StartError`, or `CommandError` if there is no shell to start.
    """
    with _notices(around.folder) as notices:
        argv = [
            *("setsid", "--fork", *around.scope, "sh", "-c", _SCRIPT, "cotta-machine"),
            *(str(around.folder), str(record.spec.boot), str(notices.fileno())),
            *(str(len(around.entries)), *map(str, around.entries)),
            *_nspawn(record, around),
        ]
        completed = run(argv, descriptors=[notices.fileno()])
    if completed.stdout.strip() != _STARTED:
        raise StartError(completed.stderr.strip() or "the starter ended without a word")


def has_booted(boot: Boot) -> bool:
    """Read what a machine has said of itself since; say whether it has booted.

    Whatever is read is gone: who asks must keep the answer.
    """
    with contextlib.suppress(ProcessLookupError, OSError), opened_process(boot.starter) as process:
        if _started_at(boot.starter) != boot.started_at:
            return False
        with socket.socket(fileno=share_descriptor(process, boot.notices)) as notices:
            return any("READY=1" in notice.splitlines() for notice in _waiting(notices))
    return False


def running_seconds(boot: Boot) -> float:
    """Return for how long a machine has been started, whatever the clock says."""
    now = float(Path("/proc/uptime").read_text().split()[0])
    return now - boot.started_at / os.sysconf("SC_CLK_TCK")


def first_process(processes: Iterator[int]) -> int | None:
    """Return, of a machine's processes, the one that is the first inside: its init."""
    for pid in processes:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            if re.search(r"^NSpid:\t\d+\t1$", status, re.MULTILINE):
                return pid
    return None


def _nspawn(record: Record, around: Surroundings) -> list[str]:
    """Return the command that runs a machine.

    systemd-nspawn itself is inside the machine's network namespace, because it cannot enter
    one once it is in another user namespace (systemd 252).
    """
    spec = record.spec
    owners = f"{record.owner_base}:{OWNERS}" if record.owner_base else "no"
    return [
        "nsenter",
        f"--net={around.namespace}",
        "systemd-nspawn",
        "--quiet",
        "--settings=no",
        "--register=no",
        "--keep-unit",
        "--boot",
        f"--directory={around.root}",
        f"--machine={spec.id}",
        f"--hostname={spec.host_name}",
        f"--private-users={owners}",
        "--private-users-ownership=off",
        "--console=read-only",
        "--notify-ready=yes",
        "--kill-signal=SIGRTMIN+3",
        "--link-journal=no",
        "--timezone=off",
        "--resolv-conf=off",
    ]


@contextlib.contextmanager
def _notices(folder: Path) -> Iterator[socket.socket]:
    """Give a socket that is bound in a machine's folder.

    By way of the folder's descriptor: a path of a socket has 107 bytes at most.
    """
    (folder / _NOTICES).unlink(missing_ok=True)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(f"/proc/self/fd/{opened}/{_NOTICES}")
            notices.setblocking(False)
            yield notices
    finally:
        os.close(opened)


def _waiting(notices: socket.socket) -> Iterator[str]:
    notices.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield notices.recv(_LARGEST_NOTICE).decode(errors="replace")


def _started_at(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text()
    return int(status.rpartition(")")[2].split()[19])
