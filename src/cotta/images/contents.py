"""What is in an image: its packages and files, as they were recorded when it was made.

Pure, but for reading and writing a record: a compressed JSON file for each image, by its id.  What
belongs to a machine and not to its image (logs, keys, caches) is recorded as it is found, and
left out when two are compared.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_FORMAT: Final = 1
_FOLDER: Final = "contents"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package that is installed."""

    name: str
    version: str
    architecture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file, folder or link; `digest` is the SHA-256 of one that is not as in the base image.

    `kind` is a letter as `find` has it: f, d, l; `target` is a link's.
    """

    path: str
    kind: str
    mode: int
    owner: int
    group: int
    size: int = 0
    target: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that was recorded, sorted by name and path."""

    packages: tuple[Package, ...]
    files: tuple[File, ...]


# --- records ----------------------------------------------------------------------------------


def record_path(home: Path, image: str) -> Path:
    """Return where the record of an image is kept."""
    return home / _FOLDER / f"{image}.json.gz"


def write_record(home: Path, image: str, contents: Contents) -> None:
    """Keep the record of an image."""
    path = record_path(home, image)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "format": _FORMAT,
        "image": image,
        "packages": [[one.name, one.version, one.architecture] for one in contents.packages],
        "files": [
            [
                one.path, one.kind, one.mode, one.owner, one.group, one.size, one.target,
                one.digest,
            ]
            for one in contents.files
        ],
    }  # fmt: skip
    text = json.dumps(record, separators=(",", ":")).encode("utf-8", "surrogatepass")
    # The same content is the same file, whenever it was written.
    write_atomically(path, gzip.compress(text, compresslevel=6, mtime=0))


def read_record(home: Path, image: str) -> Contents | None:
    """Return what was recorded of an image; None if nothing was here, or it can't be read."""
    try:
        record: dict[str, Any] = json.loads(gzip.decompress(record_path(home, image).read_bytes()))
        if record["format"] != _FORMAT:
            return None
        return Contents(
            packages=tuple(Package(*one) for one in record["packages"]),
            files=tuple(_file(one) for one in record["files"]),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def _file(parts: list[Any]) -> File:
    path, kind, mode, owner, group, size, target, digest = parts
    return File(
        path=path, kind=kind, mode=mode, owner=owner, group=group, size=size, target=target,
        digest=digest,
    )  # fmt: skip


def remove_record(home: Path, image: str) -> None:
    """Forget what was recorded of an image."""
    record_path(home, image).unlink(missing_ok=True)


# --- comparing --------------------------------------------------------------------------------

# What a machine has of its own: an image of the local region has none of it, others may.
_OF_A_MACHINE: Final = re.compile(
    r"/(dev|proc|run|sys|tmp|boot/efi/loader/random-seed)(/|$)"
    r"|/var/(tmp|run|crash|cache|backups|spool/mail)(/|$)|/var/log(/|$)"
    r"|/var/lib/(cotta|cloud|dhcp|dhclient|urandom|NetworkManager|amazon/ssm)(/|$)"
    r"|/var/lib/systemd/(random-seed|credential\.secret|timers|timesync|coredump|rfkill|network|linger)(/|$)"
    r"|/var/lib/(apt/(lists|periodic)|logrotate|dbus/machine-id|rpm/__db)"
    r"|/var/lib/dpkg/(lock|.*-old$)|/var/lib/dnf(/|$)"
    r"|/etc/(machine-id|hostname|resolv\.conf|hosts|\.pwd\.lock)$"
    r"|/etc/(passwd|shadow|group|gshadow|subuid|subgid)-$|/etc/sudoers\.d/90-cloud-init-users$"
    r"|/etc/ssh/ssh_host_"
    r"|/(root|home/[^/]+)/(\.cache|\.ansible|\.ssh/authorized_keys$|\.[a-z]+_history$|\.sudo_as_admin)"
    r"|.*/__pycache__(/|$)"
)


def belongs_to_a_machine(path: str) -> bool:
    """Say whether a file is a machine's own, and no part of an image."""
    return _OF_A_MACHINE.match(path) is not None


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that both have, and what is different about it, in words: `mode 0644 to 0755`."""

    name: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What another image has, lacks and has otherwise than one."""

    packages_added: tuple[Package, ...] = ()
    packages_removed: tuple[Package, ...] = ()
    packages_changed: tuple[Changed, ...] = ()
    files_added: tuple[str, ...] = ()
    files_removed: tuple[str, ...] = ()
    files_changed: tuple[Changed, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two are the same in all that was recorded."""
        return not (
            self.packages_added
            or self.packages_removed
            or self.packages_changed
            or self.files_added
            or self.files_removed
            or self.files_changed
        )


def compare(one: Contents, other: Contents) -> Difference:
    """Return what is different in `other`, sorted by name and path."""
    before, after = _versions(one.packages), _versions(other.packages)
    old = {file.path: file for file in one.files if not belongs_to_a_machine(file.path)}
    new = {file.path: file for file in other.files if not belongs_to_a_machine(file.path)}
    changed = []
    for path in sorted(old.keys() & new.keys()):
        how = _how(old[path], new[path])
        if how:
            changed.append(Changed(path, how))
    return Difference(
        packages_added=tuple(after[key] for key in sorted(after.keys() - before.keys())),
        packages_removed=tuple(before[key] for key in sorted(before.keys() - after.keys())),
        packages_changed=tuple(
            Changed(key[0], f"{before[key].version} to {after[key].version}")
            for key in sorted(before.keys() & after.keys())
            if before[key].version != after[key].version
        ),
        files_added=tuple(sorted(new.keys() - old.keys())),
        files_removed=tuple(sorted(old.keys() - new.keys())),
        files_changed=tuple(changed),
    )


def _versions(packages: Iterable[Package]) -> Mapping[tuple[str, str], Package]:
    return {(one.name, one.architecture): one for one in packages}


_KINDS: Final = {"f": "file", "d": "folder", "l": "link"}


def _how(old: File, new: File) -> str:
    """Return how a file differs; "" if it does not."""
    if old.kind != new.kind:
        return f"{_KINDS.get(old.kind, old.kind)} to {_KINDS.get(new.kind, new.kind)}"
    found = []
    if old.target != new.target:
        found.append(f"link to {old.target} to {new.target}")
    # A digest was taken only of what differs from the base image.
    is_other = old.digest != new.digest if old.digest and new.digest else old.size != new.size
    if old.kind == "f" and (is_other or bool(old.digest) != bool(new.digest)):
        found.append(f"content ({old.size} to {new.size} bytes)" if is_other else "content")
    if old.mode != new.mode:
        found.append(f"mode {old.mode:04o} to {new.mode:04o}")
    if (old.owner, old.group) != (new.owner, new.group):
        found.append(f"owner {old.owner}:{old.group} to {new.owner}:{new.group}")
    return ", ".join(found)
