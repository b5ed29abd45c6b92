"""Looking at a machine that is built: which packages and files it has, what each step has changed.

One command of the machine's own tools, which every distribution has; where one is missing, nothing
is recorded, and the build goes on.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from cotta.builder.communicators.interface import STDOUT, CommunicatorError, StoppedError
from cotta.images.contents import Contents, File, Package, belongs_to_a_machine

if TYPE_CHECKING:
    from cotta.builder.communicators.interface import Communicator
    from cotta.builder.model import Provisioner

_PRUNED: Final = "/proc /sys /dev /run /tmp /var/tmp"

# Records end with a zero byte: names may have anything else in them.
_LOOK: Final = r"""
set -e
command -v find >/dev/null && command -v sha256sum >/dev/null
if command -v dpkg-query >/dev/null 2>&1; then
    form='P\t${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n'
    dpkg-query -W -f="$form" | tr '\n' '\0'
fi
if command -v rpm >/dev/null 2>&1; then
    form='P\tinstalled\t%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\n'
    rpm -qa --qf "$form" 2>/dev/null | tr '\n' '\0'
fi
prune=
for folder in PRUNED; do prune="$prune -path $folder -o"; done
if [ "$1" = digests ]; then
    # What was changed since the machine began is listed on the way: below /tmp, which is passing.
    list=$(mktemp)
    began=$(stat -c %Y /proc/1)
    find / -xdev \( $prune -false \) -prune -o -printf 'F\t%y\t%m\t%U\t%G\t%s\t\t%l\t%p\0' \
        -type f -newerct "@$began" -fprint0 "$list"
    xargs -0r sha256sum -z <"$list" | tr '\0' '\n' | sed 's/^/S\t/' | tr '\n' '\0'
    rm -f "$list"
else
    find / -xdev \( $prune -false \) -prune -o -printf 'F\t%y\t%m\t%U\t%G\t%s\t%C@\t%l\t%p\0'
fi
""".replace("PRUNED", _PRUNED)


@dataclass(frozen=True, slots=True)
class Look:
    """What a machine has at one time: contents, and when each path was changed last.

    With digests it isn't known when: who wants those looks at the end, when nobody is to blame.
    """

    contents: Contents
    changed: dict[str, str]


def look(machine: Communicator, *, with_digests: bool) -> Look | None:
    """Return what a machine has; None if it can't tell, because it is being rebooted say.

    Raises `StoppedError`.
    """
    script = f"LC_ALL=C sh -c {shlex.quote(_LOOK)} sh {'digests' if with_digests else 'quick'}"
    command = f"if sudo -n true 2>/dev/null; then sudo -n {script}; else {script}; fi"
    said = bytearray()

    def hear(stream: str, piece: bytes) -> None:
        if stream == STDOUT:
            said.extend(piece)

    try:
        status = machine.run(command, hear)
    except StoppedError:
        raise
    except CommunicatorError:
        return None
    return decode(bytes(said)) if status == 0 and said else None


def decode(said: bytes) -> Look:
    """Return what a machine has told; what is no record of ours counts for nothing."""
    packages: set[Package] = set()
    found: list[list[str]] = []
    digests: dict[str, str] = {}
    for record in said.decode("utf-8", "surrogateescape").split("\0"):
        if record.startswith("F\t"):
            parts = record.split("\t", 8)
            if len(parts) == 9:
                found.append(parts)
        elif record.startswith("P\t"):
            _, status, name, version, architecture = [*record.split("\t"), "", "", ""][:5]
            if status == "installed":
                packages.add(Package(name, version, architecture))
        elif record.startswith("S\t"):
            digest, _, path = record[2:].partition("  ")
            digests[path] = digest
    found.sort(key=itemgetter(8))
    files = tuple(
        File(
            path=path,
            kind=kind,
            mode=int(mode, 8),
            owner=int(owner),
            group=int(group),
            size=int(size) if kind == "f" else 0,
            target=target,
            digest=digests.get(path, ""),
        )
        for _, kind, mode, owner, group, size, _, target, path in found
    )
    changed = {parts[8]: parts[6] for parts in found if parts[6]}
    return Look(Contents(packages=tuple(sorted(packages)), files=files), changed)


@dataclass
class Watch:
    """Looks at a machine at the end, and after each provisioner if it is to know who did what."""

    follows: bool = False
    last: Look | None = None
    # Path to the provisioner that has changed it last.
    culprits: dict[str, Provisioner] = field(default_factory=dict)
    _before: Look | None = None

    def after(self, machine: Communicator, provisioner: Provisioner) -> None:
        """Look at a machine after a provisioner."""
        if self.follows:
            now = look(machine, with_digests=False)
            if now is not None:
                self._blame(provisioner, now)
            self._before = now

    def end(self, machine: Communicator) -> None:
        """Look at a machine as it is going to be an image."""
        self.last = look(machine, with_digests=True)

    def begin(self, machine: Communicator) -> None:
        """Look at a machine before the first provisioner."""
        if self.follows:
            self._before = look(machine, with_digests=False)

    def _blame(self, provisioner: Provisioner, now: Look) -> None:
        before = self._before.changed if self._before is not None else {}
        for path in before.keys() | now.changed.keys():
            if before.get(path) != now.changed.get(path) and not belongs_to_a_machine(path):
                self.culprits[path] = provisioner
