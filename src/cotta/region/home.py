"""The data folder of a region: what is where in it, and what is remembered about it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.networks.plan import NetworkPlan, name_region
from cotta.system.files import FileLockedError, lock_file, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

# What a region is called where nobody says: it answers to any name.
USUAL_NAME: Final = "us-east-1"

_USUAL_FOLDER: Final = "/var/lib/cotta"

# The file in which the kernel names the time since it was started.
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


# The lock of the commands that take the region up and down.
_CHANGING: Final = "daemon.changing"

# What the names of all that is kept in the folder begin with.
_PARTS: Final = ("region.", "images", "machines", "balancer", "daemon.", "boot")


class HomeError(Exception):
    """What the data folder says about itself can't be read: in a sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen at the first `up`, and stays: the range of addresses, and the API's port."""

    network: str
    port: int

    @property
    def endpoint(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Home:
    """A region's data folder; one folder is one region."""

    folder: Path

    @property
    def region(self) -> str:
        """The region's id, by which all that is made on the host is named."""
        return name_region(str(self.folder))

    @property
    def database(self) -> Path:
        """The rows."""
        return self.folder / "region.db"

    @property
    def images(self) -> Path:
        """The image store's folder."""
        return self.folder / "images"

    @property
    def machines(self) -> Path:
        """The machines' folder."""
        return self.folder / "machines"

    @property
    def balancer(self) -> Path:
        """The load balancers' folder."""
        return self.folder / "balancer"

    @property
    def log(self) -> Path:
        """What the daemon says."""
        return self.folder / "daemon.log"

    @property
    def output(self) -> Path:
        """What the daemon's process writes by itself, at a crash say."""
        return self.folder / "daemon.out"

    @property
    def exists(self) -> bool:
        """Whether `up` has ever been here."""
        return self._settings.exists()

    def parts(self) -> list[Path]:
        """Return everything in the folder that is the region's: `reset` removes nothing else."""
        if not self.folder.is_dir():
            return []
        return [one for one in self.folder.iterdir() if one.name.startswith(_PARTS)]

    def strangers(self) -> list[str]:
        """Return the names of what was in the folder before any region.

        An `up` that has only just begun, or was killed then, has left its lock.
        """
        if self.exists or not self.folder.is_dir():
            return []
        return sorted(one.name for one in self.folder.iterdir() if one.name != _CHANGING)

    @property
    def _settings(self) -> Path:
        return self.folder / "region.json"

    @property
    def _lock(self) -> Path:
        return self.folder / "daemon.lock"

    @property
    def _pid(self) -> Path:
        return self.folder / "daemon.pid"

    @property
    def _boot(self) -> Path:
        return self.folder / "boot"

    def read_settings(self) -> Settings | None:
        """Return what was chosen; None before the first `up`."""
        try:
            read = json.loads(self._settings.read_bytes())
            return Settings(network=str(read["network"]), port=int(read["port"]))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError):
            raise HomeError(
                f"{self._settings} was changed, or damaged: it should have a network and a port."
            ) from None

    def write_settings(self, settings: Settings) -> None:
        """Keep what was chosen."""
        written = {"network": settings.network, "port": settings.port}
        write_atomically(self._settings, json.dumps(written, indent=2).encode() + b"\n")

    def plan(self, settings: Settings) -> NetworkPlan:
        """Return the plan of the region's network."""
        return NetworkPlan(region=self.region, network=settings.network)

    @contextlib.contextmanager
    def held(self, *, wait: timedelta) -> Iterator[None]:
        """Be the one process that runs the region, for a block; `FileLockedError` if another is."""
        with lock_file(self._lock, wait=wait):
            yield

    @contextlib.contextmanager
    def changing(self, *, wait: timedelta) -> Iterator[None]:
        """Be the one command that takes the region up or down; `FileLockedError` if another is."""
        with lock_file(self.folder / _CHANGING, wait=wait):
            yield

    def is_held(self) -> bool:
        """Say whether some process runs the region; a process that was killed does not."""
        try:
            with lock_file(self._lock):
                return False
        except FileLockedError:
            return True
        except FileNotFoundError:
            return False

    def write_pid(self, pid: int) -> None:
        """Say which process runs the region."""
        write_atomically(self._pid, f"{pid}\n".encode())

    def read_pid(self) -> int | None:
        """Return the process that runs the region; None if none does."""
        if not self.is_held():
            return None
        try:
            return int(self._pid.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def forget_pid(self) -> None:
        """Say that no process runs the region any more."""
        self._pid.unlink(missing_ok=True)

    def is_same_boot(self) -> bool:
        """Say whether the host has been up ever since this was asked last; remember it.

        The first time it is.
        """
        current = _BOOT_ID.read_text()
        try:
            before = self._boot.read_text()
        except FileNotFoundError:
            before = current
        if not self._boot.exists() or before != current:
            write_atomically(self._boot, current.encode())
        return before == current


def find_home(environment: Mapping[str, str]) -> Home:
    """Return the region that the environment names: `COTTA_HOME`, else the machine's usual one."""
    return Home(Path(environment.get("COTTA_HOME") or _USUAL_FOLDER).resolve())
