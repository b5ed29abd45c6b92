"""Drivers that are killed at each act of starting a machine: a program that says what is left.

A process of its own, because only one without threads may fork.  Its arguments: the folders of
a ground, its region's id and range, an image's digest.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Final

from cotta.region.imagestore.store import ImageStore
from cotta.region.machines.driver import MachineState
from cotta.region.networks.bridge import RegionNetwork
from cotta.region.networks.plan import NetworkPlan
from cotta.system.kernel import HostSettings
from tests.support.acts import Trap
from tests.support.real_machines import MachineGround

# Each takes half a second on a busy machine.
_STEP: Final = 3


def main() -> None:
    """Kill one driver after the other, at a later act each; print what is wrong afterwards."""
    folder, region, network, digest = sys.argv[1:]
    ground = MachineGround(
        Path(folder),
        RegionNetwork(
            NetworkPlan(region, network), settings=HostSettings(Path(folder) / "settings")
        ),
        ImageStore(Path(folder) / "images"),
        digest,
    )
    nth = 1
    while _is_killed(ground, nth):
        driver, spec = ground.driver(), ground.spec()
        machine = driver.machines().get(spec.id)
        if machine is not None and machine.state is MachineState.FAILED:
            sys.stdout.write(f"killed at act {nth}: {machine}\n")
        driver.remove(spec.id)
        driver.prepare()
        for left in ground.left():
            sys.stdout.write(f"killed at act {nth}: left {left}\n")
        nth += _STEP
    sys.stdout.write(f"{nth - 1} acts\n")


def _is_killed(ground: MachineGround, nth: int) -> bool:
    child = os.fork()
    if child == 0:
        with Trap().set(nth, kills=True):
            ground.driver().start(ground.spec())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    main()
