"""A region with played machines as the command line's local cloud: found by its data folder."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from cotta.region.home import Home, Settings
from cotta.region.machines.simulated import SimulatedMachines
from tests.support.cli import Ended, run_cotta
from tests.support.regions import NETWORK, RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LocalCloud:
    """A region, and the command line with it as its local cloud."""

    def __init__(self, region: RunningRegion, home: Path, machines: SimulatedMachines) -> None:
        self.region = region
        self.machines = machines
        self.environment = {"COTTA_HOME": str(home)}

    def cotta(self, *arguments: str) -> Ended:
        """Run a command in the working folder."""
        return run_cotta(*arguments, environment=self.environment)


@contextlib.contextmanager
def local_cloud(home: Path) -> Iterator[LocalCloud]:
    """Give a local cloud whose data folder is `home`, which is made."""
    home.mkdir(exist_ok=True)
    machines = SimulatedMachines()
    with simulated_region(home, machines) as region:
        port = int(region.endpoint.rpartition(":")[2])
        Home(home).write_settings(Settings(network=NETWORK, port=port))
        yield LocalCloud(region, home, machines)
