"""A Debian base image for tests that boot machines: built once on a machine, then shared.

The packages are unpacked once and kept (half a minute and a mirror); what our own code adds to
them is made again whenever that code changes (two seconds).  Use the fixtures `base_image` and
`web_image`, and give each test a store of its own with `BaseImage.store_in`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import cotta.region.imagestore
from cotta.region.imagestore import debian
from cotta.region.imagestore.errors import ImageStoreError
from cotta.region.imagestore.squashfs import mount_memory, mount_overlay, unmount
from cotta.region.imagestore.store import ImageStore
from cotta.system.files import lock_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RELEASE: Final = debian.RELEASES["debian-12"]

# Longer than a build on a machine that is busy with other things.
_PATIENCE: Final = timedelta(minutes=9)

_KEPT: Final = timedelta(days=2)

_PROGRAMS: Final = {
    "mmdebstrap": "mmdebstrap",
    "mksquashfs": "squashfs-tools",
    "systemd-nspawn": "systemd-container",
    "mount": "mount",
}


@dataclass(frozen=True, slots=True)
class BaseImage:
    """An image in the folder that tests share, which nobody mounts or changes."""

    digest: str
    shared: Path

    def store_in(self, folder: Path, *, is_own: bool = False) -> ImageStore:
        """Return a new store that has the image.  It is the same file: don't damage it.

        A copy of its `own` shares no loop device with the stores of other tests, which the
        kernel gives by file.
        """
        store = ImageStore(folder)
        place = folder / self.digest
        if not place.exists():
            try:
                copy = shutil.copy2 if is_own else os.link
                shutil.copytree(self.shared / self.digest, place, copy_function=copy)
            except (OSError, shutil.Error):
                shutil.rmtree(place, ignore_errors=True)
                shutil.copytree(self.shared / self.digest, place)
        return store


@pytest.fixture(scope="session")
def base_image() -> BaseImage:
    """Give the base image of Debian 12; skip, loudly, where it can't be made."""
    return shared_base()


@pytest.fixture(scope="session")
def web_image(base_image: BaseImage) -> BaseImage:
    """Give an image sealed on the base image with nginx, which answers on port 80."""
    return shared_web(base_image)


def shared_base() -> BaseImage:
    """Return the base image, for who has no fixtures."""
    return _shared("base", _make_base)


def shared_web(base: BaseImage) -> BaseImage:
    """Return the image with nginx, for who has no fixtures."""
    return _shared(f"web-{base.digest[:16]}", lambda store: _make_web(store, base))


def _shared(name: str, make: Callable[[ImageStore], str]) -> BaseImage:
    """Return the image with a name, made by whoever comes first."""
    missing = [
        f"{program} (apt-get install {package})"
        for program, package in _PROGRAMS.items()
        if not shutil.which(program)
    ]
    if os.geteuid() != 0:
        missing.insert(0, "root")
    if missing:
        pytest.skip(f"MISSING: {', '.join(missing)}; no machine is booted")
    folder = _folder()
    noted = folder / f"{name}-{_fingerprint()}"
    with lock_file(folder / "lock", wait=_PATIENCE):
        store = ImageStore(folder)
        _forget_old(folder, store)
        if _noted(noted, store) is None:
            try:
                noted.write_text(make(store))
            except ImageStoreError as error:
                pytest.skip(
                    f"MISSING: a mirror of Debian's packages; no machine is booted: {error}"
                )
        # Nothing of it stays mounted: tests have stores of their own.
        store.unmount_unused()
        return BaseImage(noted.read_text(), folder)


def _noted(note: Path, store: ImageStore) -> str | None:
    """Return what a note says, unless the image that it begins with is not there."""
    text = note.read_text() if note.exists() else ""
    return text if text.partition(" ")[0] in store.digests() else None


def _forget_old(folder: Path, store: ImageStore) -> None:
    """Remove what other code has made and nobody has asked for lately."""
    notes = [
        note for note in folder.iterdir() if note.name.startswith(("base-", "web-", "packages-"))
    ]
    for note in notes:
        if time.time() - note.stat().st_mtime > _KEPT.total_seconds():
            note.unlink()
    noted = {note.read_text().partition(" ")[0] for note in notes if note.exists()}
    for digest in store.digests() - noted:
        store.remove(digest)


def _folder() -> Path:
    chosen = os.environ.get("COTTA_TEST_IMAGES")
    folder = Path(chosen or Path(tempfile.gettempdir(), f"cotta-test-images-{os.geteuid()}"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    assert status.st_uid == os.geteuid(), f"{folder} is somebody else's"
    return folder


def _fingerprint() -> str:
    """Return what tells the images of this code from those of another."""
    rooms = Path(str(cotta.region.imagestore.__file__)).parent
    digest = hashlib.sha256()
    for source in (*sorted(rooms.glob("*.py")), Path(__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _make_base(store: ImageStore) -> str:
    recipe = (*debian.PACKAGES, *debian.DPKG_OPTIONS)
    key = hashlib.sha256(",".join(recipe).encode()).hexdigest()[:8]
    note = _folder() / f"packages-{RELEASE.suite}-{key}"
    if _noted(note, store) is None:
        with store.building() as building:
            mount_memory(building / "tree")
            latest = debian.bootstrap(
                building / "tree",
                RELEASE,
                packages=debian.PACKAGES,
                sources=debian.host_sources(RELEASE.suite),
                progress=lambda _: None,
            )
            made = store.add_tree(building / "tree", latest=latest)
            note.write_text(f"{made.digest} {latest}")
    packages, time_of_packages = note.read_text().split()
    with store.building() as building, written_over(store, packages, building) as (root, _):
        return debian.finish(store, root, RELEASE, int(time_of_packages)).image.digest


def _make_web(store: ImageStore, base: BaseImage) -> str:
    with store.building() as building:
        with written_over(store, base.digest, building) as (root, upper):
            inside(root, "apt-get update -q")
            inside(root, "apt-get install -qy --no-install-recommends nginx")
        return store.seal(base.digest, upper).digest


@contextlib.contextmanager
def written_over(store: ImageStore, digest: str, folder: Path) -> Iterator[tuple[Path, Path]]:
    """Give an image that can be written to, and the folder where what is written goes."""
    root, upper, work = (folder / part for part in ("root", "upper", "work"))
    for one in (root, upper, work):
        one.mkdir()
    lower = store.mount(digest)
    mount_overlay(root, lower=[lower], upper=upper, work=work)
    try:
        yield root, upper
    finally:
        unmount(root)
        store.unmount_unused()


def inside(root: Path, command: str, *, network: bool = True) -> str:
    """Run a command in a tree, with the host's network or none; return what it says."""
    done = subprocess.run(
        [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--pipe",
            "--resolv-conf=replace-host", "--timezone=off", "--link-journal=no",
            *(() if network else ("--private-network",)),
            f"--directory={root}", "--setenv=DEBIAN_FRONTEND=noninteractive",
            "/bin/sh", "-c", command,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ImageStoreError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
