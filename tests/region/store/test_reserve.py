"""A full disk: what makes room may still be written, all else waits until there is room."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import Host, SimulatedMachines
from cotta.region.store.kinds import IMAGES
from cotta.region.store.reserve import RESERVED_BYTES, Reserve, reserve_of
from cotta.region.store.store import Store, StoreFullError
from tests.support.regions import an_image, put_image, refused, simulated_region, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.regions import RunningRegion

MIB = 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("root is needed to mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free; return the file that takes the room."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (MIB, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler


def write_until_full(store: Store) -> None:
    for number in range(2, 3000):
        with store.write() as rows:
            rows.put(IMAGES, an_image(number=number, description="x" * 5000))


def test_what_leads_to_room_is_written_and_nothing_else(disk: Path) -> None:
    reserve = Reserve(disk / "region.reserve")
    reserve.take()
    store = Store(disk / "region.db", reserve=reserve)
    fill(disk)
    with pytest.raises(StoreFullError, match="is full; make room there"):
        write_until_full(store)

    store.perform(lambda rows: rows.put(IMAGES, an_image()), leads_to_room=True)

    assert reserve.is_let_go
    with store.read() as rows:
        assert rows.find(IMAGES, an_image().id) == an_image()
    with pytest.raises(StoreFullError), store.write() as rows:
        rows.put(IMAGES, an_image(number=3001))
    store.close()


def test_it_goes_piece_by_piece_and_is_taken_again_when_there_is_room(disk: Path) -> None:
    reserve = Reserve(disk / "region.reserve")
    reserve.take()
    filler = fill(disk)

    assert [reserve.let_go() for _ in range(9)] == [True] * 8 + [False]
    reserve.take()
    assert reserve.is_let_go, "what is free is what was let go"
    os.truncate(filler, filler.stat().st_size - RESERVED_BYTES)
    reserve.take()

    assert not reserve.is_let_go
    assert (disk / "region.reserve").stat().st_blocks * 512 >= RESERVED_BYTES


def test_a_disk_that_was_full_from_the_start_has_no_reserve(disk: Path) -> None:
    fill(disk)
    reserve = Reserve(disk / "region.reserve")

    reserve.take()

    assert not reserve.is_let_go
    assert not reserve.let_go()


def names(region: RunningRegion) -> list[str]:
    found = region.client("ec2").describe_instances()["Reservations"]
    return [one["State"]["Name"] for each in found for one in each["Instances"]]


def test_on_a_full_disk_machines_end_and_images_go_and_then_there_is_room(disk: Path) -> None:
    host = Host()
    with simulated_region(disk, SimulatedMachines(host=host)) as region:
        ec2 = region.client("ec2")
        image = put_image(region.store, owner_id=region.account.id).id
        wanted = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 2, "MaxCount": 2}
        ids = [one["InstanceId"] for one in ec2.run_instances(**wanted)["Instances"]]
        wait_until(lambda: names(region) == ["running"] * 2)
        filler = fill(disk)
        with pytest.raises(StoreFullError):
            write_until_full(region.store)

        ec2.stop_instances(InstanceIds=ids[:1])
        ec2.terminate_instances(InstanceIds=ids)
        wait_until(lambda: names(region) == ["terminated"] * 2)
        ec2.deregister_image(ImageId=image)
        ec2.delete_snapshot(SnapshotId=f"snap-{1:017x}")
        with refused("Unavailable", f"the disk of {disk} is full; make room"):
            ec2.create_security_group(GroupName="new", Description="new")

        assert not host.machines
        filler.unlink()
        region.store.perform(lambda _: None, leads_to_room=True)
        wait_until(lambda: not reserve_of(disk / "region.db").is_let_go)
        ec2.create_security_group(GroupName="new", Description="new")
