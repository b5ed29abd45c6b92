"""What the simulated machines play on request; the rest is in the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.driver import MachineError, MachineState
from cotta.region.machines.simulated import SimulatedMachines
from tests.support.machines import a_spec, failing_at

if TYPE_CHECKING:
    from collections.abc import Callable


def test_broken_image_fails_and_says_why() -> None:
    driver, spec = SimulatedMachines(), a_spec()
    driver.broken.add(spec.image_digest)

    driver.start(spec)

    machine = driver.machines()[spec.id]
    assert (machine.state, bool(machine.detail)) == (MachineState.FAILED, True)


def test_slow_machine_boots_when_it_is_told() -> None:
    driver, spec = SimulatedMachines(), a_spec()
    driver.is_slow = True

    driver.start(spec)
    assert driver.machines()[spec.id].state is MachineState.BOOTING

    driver.boot(spec.id)
    assert driver.machines()[spec.id].state is MachineState.RUNNING


def test_stopped_machine_keeps_its_image_and_its_drift() -> None:
    driver, spec = SimulatedMachines(), a_spec()
    driver.start(spec)
    driver.write(spec.id, "/usr/bin/vi")
    driver.power_off(spec.id)

    driver.start(replace(spec, boot=2, image_digest="1" * 64))

    assert driver.specs[spec.id].image_digest == spec.image_digest
    assert driver.machines()[spec.id].drift == ("/usr/bin/vi",)


@pytest.mark.parametrize("act", ["start", "stop", "restart", "remove", "seal", "expose"])
def test_every_act_can_be_made_to_fail_and_changes_nothing_then(act: str) -> None:
    driver, spec = SimulatedMachines(), a_spec()
    driver.start(spec)
    before = driver.machines(), driver.exposures
    driver.before_act = failing_at([act], MachineError("no"))
    acts: dict[str, Callable[[], object]] = {
        "start": lambda: driver.start(a_spec(2)),
        "stop": lambda: driver.stop(spec.id, force=True),
        "restart": lambda: driver.restart(spec.id),
        "remove": lambda: driver.remove(spec.id),
        "seal": lambda: driver.seal(spec.id),
        "expose": lambda: driver.expose([]),
    }

    with pytest.raises(MachineError):
        acts[act]()

    assert (driver.machines(), driver.exposures) == before
