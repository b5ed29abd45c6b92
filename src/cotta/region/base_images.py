"""Base images as the region has them: made, put into the store, and known by a row.

Each can take half a minute, so nothing here is done in a request.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.debian import DEFAULT_USER, RELEASES, build_debian
from cotta.region.imagestore.errors import ImageStoreError, ImportRefusedError
from cotta.region.imagestore.importing import import_image
from cotta.region.model import Image, ImageDevice, ImageId, Parameter, Snapshot, SnapshotId
from cotta.region.model.images import digest_tags
from cotta.region.store.kinds import IMAGES, PARAMETERS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from cotta.region.imagestore.store import Description, ImageStore
    from cotta.region.store.store import Reading, Store, Writing
    from cotta.system.clock import Clock

# Who publishes images, by the accounts that configurations name.
OWNERS: Final = {"debian": "136693071363", "amazon": "137112412989", "canonical": "099720109477"}

_SIZE_GIB: Final = 8
_DEVICE: Final = "/dev/xvda"


class UnknownBaseError(ImageStoreError):
    """There is no base image of this name that could be built."""


class BaseNameTakenError(ImageStoreError):
    """Its owner has an image of this name already, and it is another."""


@dataclass(frozen=True, slots=True)
class AddedBase:
    """The row of a base image, whether it is new, and what the image is."""

    image: Image
    is_new: bool
    description: Description


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a base image is to be called: by its owner, an account's number."""

    name: str
    owner_id: str
    default_user: str
    owner_alias: str | None = None
    description: str = ""


def base_images(rows: Reading) -> list[Image]:
    """Return the base images, by the time at which they were added."""
    found = [image for image in rows.all(IMAGES) if image.is_public]
    return sorted(found, key=lambda image: (image.created_at, image.id))


def add_debian(
    store: Store,
    images: ImageStore,
    base: str,
    *,
    clock: Clock,
    progress: Callable[[str], None] = lambda _: None,
    sources: Sequence[str] | None = None,
) -> AddedBase:
    """Build a Debian base image, `debian-12`, and make it known as Debian's own.

    Its parameter of the public ones then names it: the latest.  Nothing changes
    if there is the same image already.
    """
    release = RELEASES.get(base)
    if release is None:
        known = ", ".join(sorted(RELEASES))
        raise UnknownBaseError(f"There is no base image '{base}' to build. There are: {known}.")
    built = build_debian(images, release, progress=progress, sources=sources)
    now = clock.now()
    with store.write() as rows:
        name = _free_name(rows, built.name, built.image.digest)
        wanted = Wanted(
            name=name,
            owner_id=OWNERS["debian"],
            default_user=DEFAULT_USER,
            description=f"Debian {release.number} ({name.split('-', 3)[-1]})",
        )
        image, is_new = _register(rows, wanted, built.image.digest, now)
        _set_parameter(
            rows, f"/aws/service/debian/release/{release.number}/latest/amd64", image.id, now
        )
    return AddedBase(image, is_new, built.image)


def add_from_file(
    store: Store,
    images: ImageStore,
    source: Path,
    wanted: Wanted,
    *,
    clock: Clock,
    progress: Callable[[str], None] = lambda _: None,
) -> AddedBase:
    """Make a base image of a root file system in a tar file, or of an OCI image layout.

    Raises `BaseNameTakenError` before anything is unpacked or, if it is the other's content that
    is new, afterwards; nothing changes if there is the same image already.
    """
    if not wanted.owner_id.isdecimal() or len(wanted.owner_id) != 12:
        raise ImportRefusedError(
            f"The owner '{wanted.owner_id}' is no account: twelve digits, or one of "
            f"{', '.join(sorted(OWNERS))}."
        )
    description = import_image(images, source, user=wanted.default_user, progress=progress)
    with store.write() as rows:
        image, is_new = _register(rows, wanted, description.digest, clock.now())
    return AddedBase(image, is_new, description)


def _free_name(rows: Reading, name: str, digest: str) -> str:
    """Return the name, counted up past Debian's other images of the same day."""
    stem, _, number = name.rpartition("-")
    count = int(number)
    while any(
        image.digest != digest for image in _of_name(rows, OWNERS["debian"], f"{stem}-{count}")
    ):
        count += 1
    return f"{stem}-{count}"


def _of_name(rows: Reading, owner_id: str, name: str) -> list[Image]:
    return [image for image in rows.all(IMAGES, name=name) if image.owner_id == owner_id]


def _register(rows: Writing, wanted: Wanted, digest: str, now: datetime) -> tuple[Image, bool]:
    """Write the rows of an image, unless it is known; say whether it is new."""
    for known in _of_name(rows, wanted.owner_id, wanted.name):
        if known.digest != digest:
            raise BaseNameTakenError(
                f"{wanted.owner_id} has an image named '{wanted.name}' already, {known.id}, with "
                "other content. Choose another name, or deregister that image first."
            )
        return known, False
    # The same content has the same id in every region: what names it goes on to work
    # when a region was emptied.
    number = _free_number(rows, digest)
    snapshot = Snapshot(
        id=SnapshotId(f"snap-{number}"),
        owner_id=wanted.owner_id,
        started_at=now,
        size_gib=_SIZE_GIB,
        description=f"Root of {wanted.name}",
        digest=digest,
    )
    rows.add(SNAPSHOTS, snapshot)
    image = Image(
        id=ImageId(f"ami-{number}"),
        name=wanted.name,
        owner_id=wanted.owner_id,
        owner_alias=wanted.owner_alias,
        created_at=now,
        digest=digest,
        description=wanted.description,
        location=f"{wanted.owner_alias or wanted.owner_id}/{wanted.name}",
        root_device_name=_DEVICE,
        devices=(ImageDevice(device_name=_DEVICE, size_gib=_SIZE_GIB, snapshot_id=snapshot.id),),
        is_public=True,
        default_user=wanted.default_user,
        tags=digest_tags(digest),
    )
    rows.add(IMAGES, image)
    return image, True


def _free_number(rows: Reading, digest: str) -> str:
    """Return 17 digits of a digest that no image has: the same content may have several names."""
    for start in range(len(digest) - 17):
        number = digest[start : start + 17]
        if rows.find(IMAGES, f"ami-{number}") is None:
            return number
    raise BaseNameTakenError(f"The image {digest} has too many names. Deregister one of them.")


def _set_parameter(rows: Writing, name: str, value: str, now: datetime) -> None:
    known = rows.find(PARAMETERS, name)
    if known is None:
        known = Parameter(name=name, value="", kind="String", version=0, modified_at=now)
    if known.value != value:
        rows.put(
            PARAMETERS, replace(known, value=value, version=known.version + 1, modified_at=now)
        )
