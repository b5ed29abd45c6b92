"""What every driver of machines does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest

from cotta.region.machines.driver import MachineError, MachineState
from cotta.region.machines.simulated import Host, SimulatedMachines
from cotta.region.model import InstanceId
from tests.support.machines import a_spec
from tests.support.real_machines import machine_ground

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.machines.driver import MachineDriver, MachineSpec


class Ground(Protocol):
    """Where machines run: drivers come and go on it."""

    def driver(self) -> MachineDriver:
        """Return one more driver of the same ground, as after a restart."""
        ...

    def spec(self, number: int = 1) -> MachineSpec:
        """Return the spec of a machine that can boot here."""
        ...

    def wait_for(self, driver: MachineDriver, instance: InstanceId, state: MachineState) -> None:
        """Return when the machine is in the state."""
        ...


class SimulatedGround:
    """The twin's."""

    def __init__(self) -> None:
        self._host = Host()

    def driver(self) -> MachineDriver:
        """Return one more driver."""
        return SimulatedMachines(host=self._host)

    def spec(self, number: int = 1) -> MachineSpec:
        """Return any spec."""
        return a_spec(number)

    def wait_for(self, driver: MachineDriver, instance: InstanceId, state: MachineState) -> None:
        """Nothing to wait for."""
        assert driver.machines()[instance].state is state


@pytest.fixture(params=["simulated", pytest.param("nspawn", marks=pytest.mark.boot)])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Give a place without machines."""
    if request.param == "simulated":
        yield SimulatedGround()
        return
    with machine_ground(tmp_path, request.getfixturevalue("base_image")) as ground:
        yield ground


def test_nothing_runs_at_first(ground: Ground) -> None:
    driver = ground.driver()

    assert driver.machines() == {}
    assert driver.console(InstanceId("i-1")) == b""


def test_machine_goes_through_its_life(ground: Ground) -> None:
    driver, spec = ground.driver(), ground.spec()

    driver.start(spec)
    ground.wait_for(driver, spec.id, MachineState.RUNNING)
    driver.start(replace(spec, boot=7))
    assert driver.machines()[spec.id].boot == 1, "what runs is left alone"
    assert driver.console(spec.id)

    driver.stop(spec.id, force=False)
    assert driver.machines()[spec.id].state is MachineState.EXITED
    driver.stop(spec.id, force=True)

    driver.start(replace(spec, boot=2))
    ground.wait_for(driver, spec.id, MachineState.RUNNING)
    assert driver.machines()[spec.id].boot == 2

    driver.restart(spec.id)
    ground.wait_for(driver, spec.id, MachineState.RUNNING)
    assert driver.machines()[spec.id].boot == 2

    driver.remove(spec.id)
    assert driver.machines() == {}
    assert driver.console(spec.id) == b""


def test_machine_outlives_its_driver(ground: Ground) -> None:
    driver, spec = ground.driver(), ground.spec()
    driver.start(spec)
    ground.wait_for(driver, spec.id, MachineState.RUNNING)

    another = ground.driver()

    assert another.machines() == driver.machines()
    another.stop(spec.id, force=True)
    assert driver.machines()[spec.id].state is MachineState.EXITED
    another.remove(spec.id)
    assert driver.machines() == {}


def test_acts_on_nothing_are_no_mistake_unless_something_is_needed(ground: Ground) -> None:
    driver, nobody = ground.driver(), InstanceId("i-0000000000000dead")

    driver.stop(nobody, force=False)
    driver.remove(nobody)

    with pytest.raises(MachineError):
        driver.restart(nobody)
    with pytest.raises(MachineError):
        driver.seal(nobody)


def test_nobody_reaches_anything_is_a_rule_too(ground: Ground) -> None:
    driver = ground.driver()

    driver.expose([])
    driver.expose([])
