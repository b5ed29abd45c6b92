"""How a region is, gathered for people and programs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.launching import ALIVE
from cotta.region.store.kinds import IMAGES, INSTANCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from cotta.region.home import Home, Settings
    from cotta.region.store.store import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceStatus:
    """One instance, as it is."""

    id: str
    name: str
    state: str
    instance_type: str
    image_id: str
    private_ip: str
    launched_at: datetime
    reason: str
    drift: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionStatus:
    """A region, as it is.

    `daemon` is its process, None if it does not run; memory is what the instances that are
    alive may use by their types, disk what the region's folder takes.
    """

    folder: str
    region: str
    daemon: int | None
    endpoint: str
    network: str
    instances: tuple[InstanceStatus, ...]
    images: int
    memory_mib: int
    disk_mib: int
    disk_free_mib: int


def status_of(home: Home, settings: Settings, rows: Reading) -> RegionStatus:
    """Return how a region is; instances in the order of their launches."""
    instances = sorted(rows.all(INSTANCES), key=lambda one: (one.launched_at, one.id))
    alive = [one for one in instances if one.state in ALIVE]
    return RegionStatus(
        folder=str(home.folder),
        region=home.region,
        daemon=home.read_pid(),
        endpoint=settings.endpoint,
        network=settings.network,
        instances=tuple(
            InstanceStatus(
                id=one.id,
                name=one.tags.get("Name", ""),
                state=one.state.value,
                instance_type=one.instance_type,
                image_id=one.image_id,
                private_ip=one.private_ip,
                launched_at=one.launched_at,
                reason=one.state_reason.message if one.state_reason is not None else "",
                drift=one.drift,
            )
            for one in instances
        ),
        images=len(rows.all(IMAGES)),
        memory_mib=sum(INSTANCE_TYPES[one.instance_type].memory_mib for one in alive),
        disk_mib=sum(_sizes(home.folder)) // 1024**2,
        disk_free_mib=shutil.disk_usage(home.folder).free // 1024**2,
    )


def _sizes(folder: Path) -> Iterator[int]:
    """Yield what each file below a folder takes on its disk; other disks mounted there aside."""
    device = folder.stat().st_dev
    pending = [os.fspath(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    if status.st_dev != device:
                        continue
                    yield status.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except FileNotFoundError:
            # A machine that has just ended.
            continue
