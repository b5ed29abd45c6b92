"""Debian base images, made by mmdebstrap from the mirror that this machine itself uses.

Made twice from the same packages, an image has the same digest: what is made new
on each run is taken out by the rules, and the times are those of the packages.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.agent import folder_in, install_agent, write_file
from cotta.region.imagestore.cleaning import clean
from cotta.region.imagestore.errors import ImageStoreError, MissingProgramError
from cotta.region.imagestore.rules import RULES, Knowledge
from cotta.region.imagestore.squashfs import mount_memory
from cotta.region.imagestore.users import add_user
from cotta.system.processes import NOT_FOUND, CommandError, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cotta.region.imagestore.store import Description, ImageStore

PACKAGES: Final = (
    "systemd-sysv", "dbus", "openssh-server", "sudo", "curl", "ca-certificates", "iproute2",
    "procps",
)  # fmt: skip

# The user that Debian's own images have.
DEFAULT_USER: Final = "admin"

# Nobody reads them on a machine that nobody logs in to; licences stay.  And a build that
# was cut short is thrown away whole, so nothing need be brought to the disk file by file.
DPKG_OPTIONS: Final = (
    "force-unsafe-io",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)

_FILES: Final = {
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/ssh/sshd_config.d/50-cotta.conf": (
        "HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\n"
    ),
    # A machine's memory is its own: the journal stays small and is gone with it.
    "etc/systemd/journald.conf.d/50-cotta.conf": (
        "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\n"
    ),
}

# There is no way to log in at a console, nothing changes an image's files by the clock, and
# what keeps records of boots or a journal on the disk has nobody to read them.
_NOT_STARTED: Final = (
    "console-getty.service", "container-getty@.service", "getty@.service", "apt-daily.timer",
    "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "fstrim.timer", "systemd-pstore.service", "systemd-journal-flush.service",
    "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
    "systemd-remount-fs.service",
)  # fmt: skip

# Started when somebody asks for them: together a quarter of a machine's work to boot.
_ON_DEMAND: Final = (
    "usr/lib/systemd/system/multi-user.target.wants/dbus.service",
    "usr/lib/systemd/system/multi-user.target.wants/systemd-logind.service",
)

# systemd brings users and caches up to date whenever /usr is newer than these say.
_UPDATED: Final = ("etc/.updated", "var/.updated")

# Debian numbers its images by the days since this one: 20251103-2284.
_FIRST_DAY: Final = date(2019, 8, 2)

_TAIL_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Release:
    """A release of Debian: its number, and its name in the archive."""

    number: str
    suite: str


RELEASES: Final = {"debian-12": Release("12", "bookworm"), "debian-13": Release("13", "trixie")}


@dataclass(frozen=True, slots=True)
class DebianBase:
    """A base image that was made: its name as Debian would have it, and what is in it."""

    name: str
    release: Release
    image: Description


def build_debian(
    images: ImageStore,
    release: Release,
    *,
    progress: Callable[[str], None] = lambda _: None,
    packages: Sequence[str] = PACKAGES,
    sources: Sequence[str] | None = None,
) -> DebianBase:
    """Make the base image of a release.  Takes half a minute, 300 MB of memory, and needs root.

    `sources` are lines as in `sources.list`, by default this machine's own.
    Raises `ImageStoreError` with the last words of mmdebstrap if it fails.
    """
    lines = host_sources(release.suite) if sources is None else sources
    with images.building() as building:
        tree = building / "tree"
        # On a busy disk the unpacking of 130 packages took a minute longer.
        mount_memory(tree)
        latest = bootstrap(tree, release, packages=packages, sources=lines, progress=progress)
        return finish(images, tree, release, latest, progress=progress)


def finish(
    images: ImageStore,
    tree: Path,
    release: Release,
    latest: int,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> DebianBase:
    """Make a tree of Debian's packages into a base image."""
    progress("Setting up first boot and taking out what belongs to one machine")
    dress(tree, latest)
    clean(tree, RULES, Knowledge(day=latest // 86400))
    progress("Making the image")
    image = images.add_tree(tree, latest=latest, rules=[rule.name for rule in RULES])
    return DebianBase(image_name(release, latest), release, image)


def image_name(release: Release, latest: int) -> str:
    """Return the name that Debian gives to images of packages of a time."""
    day = datetime.fromtimestamp(latest, UTC).date()
    return f"debian-{release.number}-amd64-{day:%Y%m%d}-{(day - _FIRST_DAY).days}"


def dress(tree: Path, latest: int) -> None:
    """Make a tree with Debian's packages, of a time, into one that can be an instance's."""
    for path, content in _FILES.items():
        write_file(tree, path, content)
    units = folder_in(tree, "etc/systemd/system")
    for unit in _NOT_STARTED:
        for link in units.glob(f"*.wants/{unit.replace('@.', '@*.')}"):
            link.unlink()
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    for path in _ON_DEMAND:
        folder, _, name = path.rpartition("/")
        (folder_in(tree, folder) / name).unlink(missing_ok=True)
    for path in _UPDATED:
        write_file(tree, path, f"TIMESTAMP_NSEC={latest}000000000\n")
    add_user(tree, DEFAULT_USER)
    install_agent(tree)


def host_sources(suite: str) -> list[str]:
    """Return the lines for a suite from this machine's own apt sources.

    If they are for another release of Debian, only its name is changed.  Nothing if they
    are not Debian's: mmdebstrap then knows a mirror.
    """
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    texts = [place.read_text(encoding="utf-8") for place in places if place.is_file()]
    return debian_sources(texts, suite)


def debian_sources(texts: Iterable[str], suite: str) -> list[str]:
    """Return the same, from the contents of the files."""
    known = {release.suite for release in RELEASES.values()}
    lines = []
    for uri, of in sorted({pair for text in texts for pair in _pairs(text)}):
        name, dash, pocket = of.partition("-")
        if name in known and pocket in ("", "updates", "security"):
            line = f"deb {uri} {suite}{dash}{pocket} main"
            if line not in lines:
                lines.append(line)
    return lines


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    """Yield the addresses and suites that a file of sources names, in either format."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["deb"]:
            plain = [word for word in words[1:] if "=" not in word and word not in ("[", "]")]
            if len(plain) >= 2:
                yield plain[0], plain[1]
    for paragraph in text.split("\n\n"):
        fields = dict(
            line.split(":", 1)
            for line in paragraph.splitlines()
            if not line.startswith(("#", " ")) and ":" in line
        )
        if "deb" in fields.get("Types", "").split():
            for uri in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    yield uri, suite


def bootstrap(
    tree: Path,
    release: Release,
    *,
    packages: Sequence[str],
    sources: Sequence[str],
    progress: Callable[[str], None],
) -> int:
    """Unpack and set up packages in a new folder; return the latest time one brought with it."""
    began = int(datetime.now(UTC).timestamp())
    argv = [
        "mmdebstrap", "--variant=minbase", "--mode=root", "--format=directory",
        f"--include={','.join(packages)}", '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        release.suite, str(tree), *sources,
    ]  # fmt: skip
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    with Path(os.devnull).open("wb") as nowhere:
        try:
            process = start(argv, environment=environment, stdout=nowhere)
        except CommandError as error:
            if error.status == NOT_FOUND:
                raise MissingProgramError(
                    "mmdebstrap is not installed. Install it: apt-get install mmdebstrap"
                ) from error
            raise ImageStoreError(str(error)) from error
    with process:
        for raw in process.stderr:
            line = raw.decode(errors="replace").rstrip()
            tail.append(line)
            if line.startswith("I: "):
                progress(line.removeprefix("I: ").rstrip("."))
        status = process.wait()
    if status != 0:
        raise ImageStoreError(str(CommandError(argv, status or 1, "\n".join(tail))))
    return _time_of_packages(tree, began)


def _time_of_packages(tree: Path, began: int) -> int:
    """Return the latest time that a package has brought with it.

    What was written here has times since `began`; a package was made before.
    """
    latest = 0
    pending = [os.fspath(tree)]
    while pending:
        with os.scandir(pending.pop()) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    modified = int(entry.stat(follow_symlinks=False).st_mtime)
                    if latest < modified < began:
                        latest = modified
    return latest
