"""Regions for tests: a fresh store behind a real server on loopback, and boto3 clients of it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cotta.region.api.dispatch import Api
from cotta.region.api.services import SERVICES
from cotta.region.balancer.simulated import SimulatedBalancer
from cotta.region.founding import found
from cotta.region.model import Image, ImageDevice, ImageId, Snapshot, SnapshotId
from cotta.region.running import Region
from cotta.region.server import Server
from cotta.region.store.kinds import IMAGES, SNAPSHOTS
from cotta.region.store.store import Store
from cotta.system.clock import SystemClock
from cotta.system.ids import RandomIds
from tests.support.balancing import NotedAddresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.region.machines.simulated import SimulatedMachines
    from cotta.region.model import Account

NETWORK: Final = "172.31.0.0/16"

# One try: a test that meets a refusal wants to see it.
_CONFIG: Final = Config(retries={"total_max_attempts": 1}, parameter_validation=True)

# Models are loaded once for all tests of a process.
_SESSION: Final = boto3.Session()


@dataclass(frozen=True, slots=True)
class RunningRegion:
    """A region that answers at `endpoint`."""

    store: Store
    account: Account
    endpoint: str

    def client(self, service: str, region: str = "us-east-1", **changes: Any) -> Any:
        """Return a boto3 client of the region."""
        credentials = {
            "aws_access_key_id": self.account.access_key,
            "aws_secret_access_key": self.account.secret_key,
        }
        return _SESSION.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            config=changes.pop("config", _CONFIG),
            **{**credentials, **changes},
        )


def fresh_store(path: Path, **hooks: Any) -> tuple[Store, Account]:
    """Return a new store with what a region has from the start."""
    store = Store(path / "region.db", **hooks)
    clock = SystemClock()
    with store.write() as rows:
        account = found(rows, network=NETWORK, ids=RandomIds(), now=clock.now())
    return store, account


@contextlib.contextmanager
def running_region(
    path: Path, *, console: Callable[[str], bytes] = lambda _: b""
) -> Iterator[RunningRegion]:
    """Give a region without machines: its API alone."""
    store, account = fresh_store(path)
    api = Api(store, SERVICES, clock=SystemClock(), ids=RandomIds(), console=console)
    server = Server(api.handle, ("127.0.0.1", 0))
    server.start()
    try:
        yield RunningRegion(store, account, f"http://127.0.0.1:{server.port}")
    finally:
        server.stop()
        store.close()


@contextlib.contextmanager
def simulated_region(
    path: Path, driver: SimulatedMachines, before_commit: Callable[[], None] = lambda: None
) -> Iterator[RunningRegion]:
    """Give a whole region on played machines: its API, its controller, and one image.

    On the same folder and the driver of the same host it is the same region again.
    """
    region = Region(
        path / "region.db",
        driver,
        SimulatedBalancer(),
        NotedAddresses(),
        network=NETWORK,
        port=0,
        clock=SystemClock(),
        ids=RandomIds(),
        before_commit=before_commit,
    )
    put_image(region.store)
    region.start()
    try:
        yield RunningRegion(region.store, region.account, f"http://127.0.0.1:{region.port}")
    finally:
        region.stop()


def wait_until(condition: Callable[[], object], *, seconds: float = 30.0) -> None:
    """Return when a condition is true; no test is to wait so long for something that comes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@contextlib.contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """Expect a client's call to be refused with an error code, and words in its message."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for word in words:
        assert word in error["Message"], error


def an_image(**changes: Any) -> Image:
    """Return an image that instances can be started from."""
    number = changes.pop("number", 1)
    snapshot = SnapshotId(f"snap-{number:017x}")
    plain: dict[str, Any] = {
        "id": ImageId(f"ami-{number:017x}"),
        "name": f"image-{number}",
        "owner_id": "111122223333",
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "digest": f"{number:064x}",
        "devices": (ImageDevice(device_name="/dev/sda1", size_gib=8, snapshot_id=snapshot),),
    }
    return Image(**{**plain, **changes})


def put_image(store: Store, **changes: Any) -> Image:
    """Write an image, and the snapshots of its devices; return the image."""
    image = an_image(**changes)
    with store.write() as rows:
        rows.put(IMAGES, image)
        for device in image.devices:
            if device.snapshot_id is not None:
                snapshot = Snapshot(
                    id=device.snapshot_id,
                    owner_id=image.owner_id,
                    started_at=image.created_at,
                    size_gib=device.size_gib,
                    digest=image.digest,
                )
                rows.put(SNAPSHOTS, snapshot)
    return image
