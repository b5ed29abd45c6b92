"""The store of images: a folder with one folder for each, named by its digest.

An image is built under another name, brought to the disk, and renamed: it is there
whole or not at all.  What a killed build left is removed when a store is made on the same
folder.  Several processes may use one folder.

An image's digest is the digest of its listing: of the tree, whatever the file system.
The file itself has a SHA-256 too, which is checked when the image is mounted, at most
once for each store and state of the file: reading 60 MB costs about 0.05 s.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.region.imagestore import squashfs
from cotta.region.imagestore.errors import (
    DamagedImageError,
    DiskFullError,
    ImageStoreError,
    UnknownImageError,
)
from cotta.region.imagestore.listings import (
    ListingError,
    decode_listing,
    digest_of,
    encode_listing,
)
from cotta.region.imagestore.packages import Package, installed_packages
from cotta.region.imagestore.rules import RULES, Knowledge
from cotta.region.imagestore.sealing import Layers, mounted_layers, read_layers
from cotta.region.imagestore.trees import read_tree
from cotta.system.files import FileLockedError, lock_file, sync_directory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from cotta.region.imagestore.listings import Entry
    from cotta.region.imagestore.rules import Rule

log: Final = logging.getLogger(__name__)

_IMAGE: Final = "image.squashfs"
_LISTING: Final = "listing"
_ABOUT: Final = "about.json"
_MOUNTS: Final = "mounts"
_LOCK: Final = ".lock"
_BUILDING: Final = ".building-"
_BUILDERS_LOCK: Final = "lock"
_DIGITS: Final = frozenset("0123456789abcdef")

# Others hold the lock for as long as reading an image or renaming one takes.
_PATIENCE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known of an image without its listing.

    `latest` is the time, in seconds since 1970, that none in it is after; `lower` is the image
    it was sealed on; `rules` are the names of those that were applied.
    """

    digest: str
    file_digest: str
    file_bytes: int
    entries: int
    latest: int
    lower: str | None = None
    rules: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()


# An image's file is the same as long as these are.
_Identity = tuple[int, int, int, int]


class ImageStore:
    """The images below a folder.  Safe for use by threads and by several processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._verified: dict[str, _Identity] = {}
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / _MOUNTS).mkdir(exist_ok=True)
        with self._alone():
            self._sweep()

    def digests(self) -> frozenset[str]:
        """Return the digests of the images that there are."""
        return frozenset(
            one.name
            for one in self._folder.iterdir()
            if len(one.name) == 64 and _DIGITS.issuperset(one.name)
        )

    def describe(self, digest: str) -> Description:
        """Return what is known of an image; `UnknownImageError` if there is none."""
        try:
            about = json.loads((self._place(digest) / _ABOUT).read_bytes())
        except ValueError as error:
            raise DamagedImageError(f"Image {digest} has lost its description: {error}") from error
        packages = tuple(Package(*one) for one in about.pop("packages"))
        return Description(
            digest=digest, **{**about, "rules": tuple(about["rules"]), "packages": packages}
        )

    def listing(self, digest: str) -> tuple[Entry, ...]:
        """Return every entry of an image, by path; `DamagedImageError` if it was changed."""
        written = (self._place(digest) / _LISTING).read_bytes()
        if digest_of(written) != digest:
            raise DamagedImageError(f"The list of files of image {digest} has been changed.")
        try:
            return decode_listing(written)
        except ListingError as error:
            raise DamagedImageError(f"Image {digest} can't be read: {error}") from error

    def mount(self, digest: str) -> Path:
        """Return where an image is mounted, read-only: shared by all who use it.

        Mounts and verifies it unless that is done.  `DamagedImageError` if its file is
        not what was made.
        """
        image = self._place(digest) / _IMAGE
        place = self._folder / _MOUNTS / digest
        if squashfs.is_mount(place) and self._verified.get(digest) == _identity(image):
            return place
        with self._alone():
            self._verify(digest, image)
            if not self._is_mounted(image, place):
                place.mkdir(exist_ok=True)
                squashfs.mount(image, place)
        return place

    def unmount_unused(self, used: Collection[str] = ()) -> None:
        """Unmount the images that are not among those used; what is busy all the same stays."""
        with self._alone():
            for mount in reversed(squashfs.mounts(self._folder / _MOUNTS)):
                if mount.place.name not in used:
                    with contextlib.suppress(ImageStoreError):
                        squashfs.unmount(mount.place)
            for place in (self._folder / _MOUNTS).iterdir():
                if place.name not in used and not squashfs.is_mount(place):
                    place.rmdir()

    def remove(self, digest: str) -> None:
        """Remove an image that nobody uses; nothing happens if there is none."""
        self.unmount_unused(self.digests() - {digest})
        with self._alone(), contextlib.suppress(UnknownImageError):
            self._discard(self._place(digest))

    def remove_unused(self, used: Collection[str], *, older_than: timedelta) -> list[str]:
        """Remove the images that are not among those used; return which.

        What was made lately, or made again, stays: whoever made it is about to make it known.  So
        does what is mounted and busy.
        """
        removed = []
        for digest in sorted(self.digests().difference(used)):
            with self._alone(), contextlib.suppress(UnknownImageError):
                place = self._place(digest)
                age = time.time() - place.stat().st_mtime
                if age > older_than.total_seconds() and self._is_let_go(digest):
                    self._discard(place)
                    removed.append(digest)
        return removed

    def _is_let_go(self, digest: str) -> bool:
        """Unmount an image; say whether it is mounted no more."""
        place = self._folder / _MOUNTS / digest
        for mount in reversed(squashfs.mounts(place)):
            try:
                squashfs.unmount(mount.place)
            except ImageStoreError:
                return False
        if place.exists():
            place.rmdir()
        return True

    def _discard(self, place: Path) -> None:
        """Remove an image's folder: at once for whoever looks, whatever a crash leaves of it."""
        doomed = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self._folder))
        place.rename(doomed / "image")
        sync_directory(self._folder)
        shutil.rmtree(doomed)

    def add_tree(self, tree: Path, *, latest: int, rules: Iterable[str] = ()) -> Description:
        """Make an image of a folder as it stands; return what it became.

        `latest` is the time that later ones are set to; `rules` names those that were
        applied to the tree already.
        """
        entries = list(read_tree(tree, latest=latest))
        with self.building() as building:
            return self._finish(building, tree, entries, latest, rules=tuple(rules))

    def seal(
        self,
        lower: str,
        upper: Path,
        *,
        rules: Sequence[Rule] = RULES,
        temporary_keys: Iterable[str] = (),
        latest: int | None = None,
    ) -> Description:
        """Make an image of an image and what a machine has written over it.

        `upper` is the upper folder of the machine's overlay; nobody may write to it
        meanwhile, and it stays as it is.  What differs from the lower image in its time
        only counts as unchanged.  Times are set back to `latest`, or to the lower image's if
        that is later or `latest` is not given.
        """
        below = self.describe(lower)
        # What is taken over as it is has the lower image's times.
        latest = max(below.latest, latest or 0)
        knowledge = Knowledge(temporary_keys=frozenset(temporary_keys), day=latest // 86400)
        with self.building() as building:
            layers = Layers(self.mount(lower), upper, building / "scratch")
            with mounted_layers(layers, building / "root") as root:
                known = {entry.path: entry for entry in self.listing(lower)}
                entries = read_layers(root, layers, rules, knowledge, known, latest)
                return self._finish(
                    building,
                    root,
                    entries,
                    latest,
                    lower=lower,
                    rules=tuple(rule.name for rule in rules),
                )

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """Give a folder on the store's disk to a block; nothing of it is left afterwards.

        A full disk ends the block with `DiskFullError`.
        """
        with contextlib.ExitStack() as stack:
            with self._alone():
                building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self._folder))
                stack.enter_context(lock_file(building / _BUILDERS_LOCK))
            try:
                yield building
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFullError(f"The disk is full: {error}") from error
                raise
            finally:
                with self._alone():
                    _raze(building)

    def _finish(
        self,
        building: Path,
        tree: Path,
        entries: Sequence[Entry],
        latest: int,
        *,
        rules: tuple[str, ...],
        lower: str | None = None,
    ) -> Description:
        """Write an image's files and give them their name."""
        listing = encode_listing(entries)
        ready = building / "image"
        ready.mkdir()
        squashfs.make(tree, ready / _IMAGE, latest=latest)
        file_digest = _digest_of_file(ready / _IMAGE)
        description = Description(
            digest=digest_of(listing),
            file_digest=file_digest,
            file_bytes=(ready / _IMAGE).stat().st_size,
            entries=len(entries),
            latest=latest,
            lower=lower,
            rules=rules,
            packages=installed_packages(tree),
        )
        (ready / _LISTING).write_bytes(listing)
        (ready / _ABOUT).write_text(_encode(description), encoding="utf-8")
        for name in (_IMAGE, _LISTING, _ABOUT):
            _sync(ready / name)
        sync_directory(ready)
        return self._install(ready, description)

    def _install(self, ready: Path, description: Description) -> Description:
        place = self._folder / description.digest
        with self._alone():
            if place.exists():
                # The same tree was there before.  Its file may be another and is as good.
                with contextlib.suppress(DamagedImageError):
                    self._verify(description.digest, place / _IMAGE)
                    # As new: see `remove_unused`.
                    os.utime(place)
                    return self.describe(description.digest)
                place.rename(ready.with_name("damaged"))
            ready.rename(place)
            sync_directory(self._folder)
        return description

    def _place(self, digest: str) -> Path:
        place = self._folder / digest
        if len(digest) != 64 or not _DIGITS.issuperset(digest) or not place.is_dir():
            raise UnknownImageError(f"There is no image {digest} in {self._folder}.")
        return place

    def _verify(self, digest: str, image: Path) -> None:
        """Raise `DamagedImageError` unless an image's file is what was made."""
        try:
            identity = _identity(image)
            if self._verified.get(digest) == identity:
                return
            found = _digest_of_file(image)
        except FileNotFoundError:
            raise DamagedImageError(f"The file of image {digest} is gone.") from None
        made = self.describe(digest).file_digest
        if found != made:
            raise DamagedImageError(
                f"Image {digest} has been changed since it was made: the SHA-256 of its file is "
                f"{found}, and was {made}. Nothing is started from it. Make the image again."
            )
        self._verified[digest] = identity

    def _is_mounted(self, image: Path, place: Path) -> bool:
        """Say whether an image is mounted; take away a mount of a file that is not there."""
        for mount in reversed(squashfs.mounts(place)):
            if squashfs.is_of(mount.source, image):
                return True
            squashfs.unmount(mount.place)
        return False

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other users of the folder out for a moment."""
        try:
            with lock_file(self._folder / _LOCK, wait=_PATIENCE):
                yield
        except FileLockedError:
            raise ImageStoreError(f"The image store in {self._folder} is in use.") from None

    def _sweep(self) -> None:
        """Remove what builds have left that are no more."""
        for building in self._folder.glob(f"{_BUILDING}*"):
            try:
                with lock_file(building / _BUILDERS_LOCK):
                    _raze(building)
            except FileLockedError:
                continue
            except (ImageStoreError, OSError):
                # It only takes up room, and the next store tries again.
                log.warning("build not removed", exc_info=True, extra={"folder": str(building)})


def _raze(building: Path) -> None:
    for mount in reversed(squashfs.mounts(building)):
        squashfs.unmount(mount.place)
    shutil.rmtree(building)


def _identity(file: Path) -> _Identity:
    status = file.stat()
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _encode(description: Description) -> str:
    about: dict[str, Any] = {
        name: getattr(description, name)
        for name in ("file_digest", "file_bytes", "entries", "latest", "lower")
    }
    about["rules"] = list(description.rules)
    about["packages"] = [[one.name, one.version, one.architecture] for one in description.packages]
    return json.dumps(about, indent=1) + "\n"
