"""Which contents of images are kept, and how often that is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.duties.images import EVERY, ImagesDuty
from cotta.region.model import InstanceState, Snapshot, SnapshotId
from cotta.region.store.kinds import IMAGES, INSTANCES, SNAPSHOTS
from tests.support.machine_rooms import MachineRoom
from tests.support.times import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.region.store.store import Writing


@pytest.fixture
def room(tmp_path: Path) -> MachineRoom:
    return MachineRoom(tmp_path)


def kept(room: MachineRoom) -> frozenset[str] | None:
    """Return what is kept after a look."""
    for act in ImagesDuty(room.store, room.driver).look(NOON).acts:
        act.perform()
    return room.host.kept_images


def test_contents_of_images_snapshots_and_instances_are_kept(room: MachineRoom) -> None:
    (instance,) = room.launch()
    (ended,) = room.launch()
    with room.store.write() as rows:
        forget_snapshots(rows)
        rows.put(IMAGES, replace(room.image, digest="a" * 64))
        rows.put(INSTANCES, replace(instance, image_digest="b" * 64))
        rows.put(INSTANCES, replace(ended, image_digest="c" * 64, state=InstanceState.TERMINATED))
        rows.add(SNAPSHOTS, a_snapshot(digest="e" * 64))

    assert kept(room) == frozenset({"a" * 64, "b" * 64, "e" * 64})


def test_image_that_nothing_refers_to_is_not_kept(room: MachineRoom) -> None:
    with room.store.write() as rows:
        rows.remove(IMAGES, room.image.id)
        forget_snapshots(rows)

    assert kept(room) == frozenset()


@pytest.mark.parametrize(
    ("passed", "acts"),
    [(timedelta(0), 0), (EVERY / 2, 0), (EVERY, 1), (-EVERY / 2, 0), (timedelta(days=-300), 1)],
)
def test_images_are_looked_at_from_time_to_time_whatever_the_clock_does(
    room: MachineRoom, passed: timedelta, acts: int
) -> None:
    duty = ImagesDuty(room.store, room.driver)
    assert len(duty.look(NOON).acts) == 1

    assert len(duty.look(NOON + passed).acts) == acts


def forget_snapshots(rows: Writing) -> None:
    """Remove those that the room's image has."""
    for snapshot in rows.all(SNAPSHOTS):
        rows.remove(SNAPSHOTS, snapshot.id)


def a_snapshot(*, digest: str) -> Snapshot:
    return Snapshot(
        id=SnapshotId("snap-0123456789abcdef0"),
        owner_id="123456789012",
        started_at=NOON,
        size_gib=8,
        digest=digest,
    )
