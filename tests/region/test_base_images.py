"""Base images and the rows that make them known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from cotta.region.base_images import (
    OWNERS,
    BaseNameTakenError,
    UnknownBaseError,
    Wanted,
    add_debian,
    add_from_file,
)
from cotta.region.imagestore.errors import ImportRefusedError
from cotta.region.imagestore.store import ImageStore
from cotta.region.store.kinds import IMAGES, PARAMETERS, SNAPSHOTS
from cotta.system.clock import FixedClock
from tests.region.imagestore.test_importing import ROOT, a_tar
from tests.support.image_trees import needs_mounts
from tests.support.regions import fresh_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.store.store import Store
    from tests.support.base_image import BaseImage

CLOCK: Final = FixedClock(datetime(2026, 11, 25, 12, tzinfo=UTC))
WANTED: Final = Wanted(
    name="al2023-ami-2023.6.20241010.0-kernel-6.1-x86_64",
    owner_id=OWNERS["amazon"],
    owner_alias="amazon",
    default_user="ec2-user",
)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Store]:
    store, _ = fresh_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


def test_unknown_base_is_refused_before_anything_is_built(rows: Store, images: ImageStore) -> None:
    with pytest.raises(UnknownBaseError, match="There are: debian-12, debian-13"):
        add_debian(rows, images, "debian-1", clock=CLOCK)


def test_owner_has_to_be_an_account(rows: Store, images: ImageStore, tmp_path: Path) -> None:
    wanted = Wanted(name="x", owner_id="me", default_user="admin")

    with pytest.raises(ImportRefusedError, match="'me' is no account"):
        add_from_file(rows, images, tmp_path / "nothing", wanted, clock=CLOCK)


@pytest.mark.boot
@needs_mounts
def test_imported_image_is_known_by_its_name(
    rows: Store, images: ImageStore, tmp_path: Path
) -> None:
    source, other = tmp_path / "root.tar", tmp_path / "other.tar"
    source.write_bytes(a_tar({**ROOT}))
    other.write_bytes(a_tar({**ROOT, "etc/more": "1"}))

    added = add_from_file(rows, images, source, WANTED, clock=CLOCK)
    again = add_from_file(rows, images, source, WANTED, clock=CLOCK)
    with pytest.raises(BaseNameTakenError, match="with other content"):
        add_from_file(rows, images, other, WANTED, clock=CLOCK)

    image = added.image
    assert (added.is_new, again.is_new, again.image) == (True, False, image)
    assert (image.name, image.owner_id, image.owner_alias) == (
        WANTED.name,
        "137112412989",
        "amazon",
    )
    assert (image.digest, image.default_user, image.is_public) == (
        added.description.digest,
        "ec2-user",
        True,
    )
    assert image.location == f"amazon/{WANTED.name}"
    with rows.read() as reading:
        assert reading.all(IMAGES) == [image]
        (snapshot,) = reading.all(SNAPSHOTS)
    assert image.devices[0].snapshot_id == snapshot.id
    assert snapshot.digest == image.digest


@pytest.mark.boot
@needs_mounts
def test_same_content_under_another_name_is_another_image(
    rows: Store, images: ImageStore, tmp_path: Path
) -> None:
    source = tmp_path / "root.tar"
    source.write_bytes(a_tar({**ROOT}))
    second = Wanted(name="another", owner_id=WANTED.owner_id, default_user="ec2-user")

    one = add_from_file(rows, images, source, WANTED, clock=CLOCK)
    two = add_from_file(rows, images, source, second, clock=CLOCK)

    assert one.image.digest == two.image.digest
    assert one.image.id != two.image.id


@pytest.mark.boot
@pytest.mark.slow
def test_debian_is_built_the_same_each_time_and_known_as_debians_own(
    base_image: BaseImage, rows: Store, images: ImageStore, tmp_path: Path
) -> None:
    """The tests' own was made in two steps, so this shows too that the way does not matter."""
    said: list[str] = []

    added = add_debian(rows, images, "debian-12", clock=CLOCK, progress=said.append)

    theirs = base_image.store_in(tmp_path / "theirs")
    expected = theirs.describe(base_image.digest)
    ours, other = images.listing(added.description.digest), theirs.listing(expected.digest)
    assert [entry for entry in ours if entry not in other] == []
    # The shared one may be of an earlier set of rules that took out the same.
    assert added.description == replace(expected, rules=added.description.rules)
    assert "downloading packages with apt" in said
    assert added.image.id == f"ami-{expected.digest[:17]}"
    assert added.image.name.startswith("debian-12-amd64-20")
    assert added.image.owner_id == "136693071363"
    with rows.read() as reading:
        parameter = reading.find(PARAMETERS, "/aws/service/debian/release/12/latest/amd64")
    assert parameter is not None
    assert (parameter.value, parameter.version) == (added.image.id, 1)
