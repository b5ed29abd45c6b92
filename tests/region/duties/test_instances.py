"""Instances and played machines, brought together: the lives they lead, and what goes wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.region.consoles import KEPT_BYTES, keep_console, kept_console
from cotta.region.lifecycle import Event
from cotta.region.machines.driver import MachineError, MachineState
from cotta.region.model import ImageState, InstanceState, StateReason
from cotta.region.reconcile.instances import Stop, reconcile_instances
from cotta.region.store.kinds import IMAGES, NETWORK_INTERFACES, VOLUMES
from tests.support.machine_rooms import MachineRoom
from tests.support.machines import failing_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cotta.region.model import Instance

S: Final = InstanceState


@pytest.fixture
def room(tmp_path: Path) -> MachineRoom:
    return MachineRoom(tmp_path)


def running(room: MachineRoom, **wanted: Any) -> Instance:
    """Return an instance that runs."""
    (instance,) = room.launch(**wanted)
    room.settle()
    assert room.instance(instance).state is S.RUNNING
    return room.instance(instance)


def test_launched_instance_gets_a_machine_of_its_type_and_runs(room: MachineRoom) -> None:
    (instance,) = room.launch()

    room.settle()

    spec = room.driver.specs[instance.id]
    assert room.instance(instance).state is S.RUNNING
    assert (spec.memory_mib, spec.cpus, spec.image_digest) == (1024, 2.0, room.image.digest)
    assert spec.host_name == "ip-" + instance.private_ip.replace(".", "-")
    assert spec.network_cidr.endswith("/16")
    assert spec.subnet_cidr.endswith("/20")


def test_instance_starts_from_an_image_that_was_deregistered_meanwhile(room: MachineRoom) -> None:
    (instance,) = room.launch()
    with room.store.write() as rows:
        rows.remove(IMAGES, room.image.id)

    room.settle()

    assert room.instance(instance).state is S.RUNNING
    assert room.driver.specs[instance.id].image_digest == room.image.digest


def test_power_is_cut_where_that_was_asked_for(room: MachineRoom) -> None:
    instance = running(room)
    forced = replace(room.instance(instance), state=S.STOPPING, stop_forced=True)

    decision = reconcile_instances([forced], room.driver.machines(), [], {}, now=room.now)

    assert decision.steps == (Stop(instance.id, force=True),)


def test_booting_is_pending_and_looked_at_soon(room: MachineRoom) -> None:
    room.driver.is_slow = True
    (instance,) = room.launch()

    room.settle()

    outlook = room.duties[0].look(room.now)
    assert room.instance(instance).state is S.PENDING
    assert outlook.again is not None
    assert outlook.again - room.now < timedelta(seconds=1)
    room.driver.boot(instance.id)
    room.settle()
    assert room.instance(instance).state is S.RUNNING


def test_image_that_does_not_boot_ends_the_instance_with_its_console(room: MachineRoom) -> None:
    room.driver.broken.add(room.image.digest or "")
    (instance,) = room.launch()

    room.settle()

    ended = room.instance(instance)
    assert ended.state is S.TERMINATED
    assert ended.state_reason == StateReason(
        "Client.InternalError", "Client.InternalError: The console ends with: Kernel panic"
    )
    assert room.machine(instance) is None


def test_machine_that_can_not_be_started_is_given_up(room: MachineRoom) -> None:
    tries: list[str] = []

    def refuse(name: str) -> None:
        if name == "start":
            tries.append(name)
            raise MachineError("No space left on device")

    room.before_act = refuse
    (instance,) = room.launch()

    room.settle()

    ended = room.instance(instance)
    assert ended.state is S.TERMINATED
    assert ended.state_reason == StateReason(
        "Server.InternalError", "Server.InternalError: No space left on device"
    )
    assert len(tries) == 3


def test_terminated_instance_leaves_nothing_but_a_row_for_an_hour(room: MachineRoom) -> None:
    instance = running(room)
    room.terminate(instance)

    room.settle()

    ended = room.instance(instance)
    assert ended.state is S.TERMINATED
    assert ended.state_reason is not None
    assert ended.state_reason.code == "Client.UserInitiatedShutdown"
    assert room.machine(instance) is None
    with room.store.read() as rows:
        assert rows.all(VOLUMES) == []
        assert rows.find(NETWORK_INTERFACES, instance.network_interface_id) is not None
    room.wait(timedelta(minutes=59))
    with room.store.read() as rows:
        assert rows.all(NETWORK_INTERFACES) == []
    assert room.find(instance) is not None
    room.wait(timedelta(minutes=2))
    assert room.find(instance) is None


def test_stopped_instance_starts_again_on_its_layer(room: MachineRoom) -> None:
    instance = running(room)
    room.driver.write(instance.id, "/usr/bin/vi")
    room.ask(instance, Event.STOP_REQUESTED)
    room.settle()
    assert room.instance(instance).state is S.STOPPED
    machine = room.machine(instance)
    assert machine is not None
    assert machine.state is MachineState.EXITED

    room.ask(instance, Event.START_REQUESTED)
    room.settle()

    machine = room.machine(instance)
    assert machine is not None
    assert (room.instance(instance).state, machine.boot) == (S.RUNNING, 2)
    assert machine.drift == ("/usr/bin/vi",)


def test_instance_that_does_not_start_again_is_stopped_again(room: MachineRoom) -> None:
    instance = running(room)
    room.ask(instance, Event.STOP_REQUESTED)
    room.settle()
    room.before_act = failing_at(["start"], MachineError("no memory"))

    room.ask(instance, Event.START_REQUESTED)
    room.settle()

    stopped = room.instance(instance)
    assert stopped.state is S.STOPPED
    assert stopped.state_reason == StateReason(
        "Server.InternalError", "Server.InternalError: no memory"
    )
    room.before_act = lambda _: None
    room.ask(instance, Event.START_REQUESTED)
    room.settle()
    assert room.instance(instance).state is S.RUNNING


def test_reboot_is_done_once(room: MachineRoom) -> None:
    instance = running(room)
    acts: list[str] = []
    room.before_act = acts.append

    room.reboot(instance)
    room.settle()

    assert [act for act in acts if act != "expose"] == ["restart"]
    assert room.instance(instance).state is S.RUNNING


@pytest.mark.parametrize(
    ("behavior", "expected"), [("stop", S.STOPPED), ("terminate", S.TERMINATED)]
)
def test_guest_that_powers_itself_off(
    room: MachineRoom, behavior: str, expected: InstanceState
) -> None:
    instance = running(room, shutdown_behavior=behavior)

    room.driver.power_off(instance.id)
    room.settle()

    ended = room.instance(instance)
    assert ended.state is expected
    assert ended.state_reason is not None
    assert ended.state_reason.code == "Client.InstanceInitiatedShutdown"


def test_lost_machine_ends_its_instance(room: MachineRoom) -> None:
    instance = running(room)

    room.driver.lose(instance.id)
    room.settle()

    ended = room.instance(instance)
    assert ended.state is S.TERMINATED
    assert ended.state_reason is not None
    assert ended.state_reason.code == "Server.InternalError"


def test_drift_is_shown_and_tagged(room: MachineRoom) -> None:
    instance = running(room, tags={"instance": {"Name": "web"}})

    room.driver.write(instance.id, "/etc/passwd")
    room.driver.write(instance.id, "/usr/bin/vi")
    room.settle()

    drifted = room.instance(instance)
    assert drifted.drift == ("/etc/passwd", "/usr/bin/vi")
    assert drifted.tags == {"Name": "web", "cotta:drift": "/etc/passwd /usr/bin/vi"}


def test_long_drift_fits_into_a_tag(room: MachineRoom) -> None:
    instance = running(room)

    for number in range(60):
        room.driver.write(instance.id, f"/usr/share/doc/{number}")
    room.settle()

    tag = room.instance(instance).tags["cotta:drift"]
    assert len(tag) <= 256
    assert tag.endswith("…")


# --- images ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("no_reboot", "acts"), [(False, ["stop", "seal", "restart"]), (True, ["seal"])]
)
def test_image_of_a_running_instance(room: MachineRoom, no_reboot: bool, acts: list[str]) -> None:
    instance = running(room)
    done: list[str] = []
    room.before_act = done.append
    states = set()

    image = room.create_image(instance, no_reboot=no_reboot)
    for _ in range(10):
        room.look()
        states.add(room.instance(instance).state)

    sealed = room.image_now(image)
    machine = room.machine(instance)
    assert (sealed.state, len(sealed.digest or "")) == (ImageState.AVAILABLE, 64)
    assert [act for act in done if act != "expose"] == acts
    assert states == {S.RUNNING}
    assert machine is not None
    assert machine.state is MachineState.RUNNING


def test_image_of_a_stopped_instance_leaves_it_stopped(room: MachineRoom) -> None:
    instance = running(room)
    room.ask(instance, Event.STOP_REQUESTED)
    room.settle()

    image = room.create_image(instance)
    room.settle()

    assert room.image_now(image).state is ImageState.AVAILABLE
    assert room.instance(instance).state is S.STOPPED


def test_image_is_made_before_the_machine_is_removed(room: MachineRoom) -> None:
    instance = running(room)

    image = room.create_image(instance)
    room.terminate(instance)
    room.settle()

    assert room.image_now(image).state is ImageState.AVAILABLE
    assert room.instance(instance).state is S.TERMINATED
    assert room.machine(instance) is None


def test_image_that_can_not_be_sealed_fails_and_the_instance_goes_on(room: MachineRoom) -> None:
    instance = running(room)
    room.before_act = failing_at(["seal"], MachineError("No space left on device"))

    image = room.create_image(instance)
    room.settle()

    failed, machine = room.image_now(image), room.machine(instance)
    assert failed.state is ImageState.FAILED
    assert failed.state_reason == StateReason(
        "Client.InternalError", "Client.InternalError: No space left on device"
    )
    assert machine is not None
    assert machine.state is MachineState.RUNNING


def test_image_of_an_instance_that_is_gone_fails(room: MachineRoom) -> None:
    instance = running(room)
    room.terminate(instance)
    room.settle()

    image = room.create_image(instance)
    room.settle()

    assert room.image_now(image).state is ImageState.FAILED


# --- whatever happens -----------------------------------------------------------------


def test_machines_of_nobody_are_removed(room: MachineRoom) -> None:
    instance = running(room)
    room.host.machines["i-stray"] = replace(room.host.machines[instance.id], id="i-stray")  # type: ignore[index,arg-type]  # a text

    room.settle()

    assert set(room.host.machines) == {instance.id}


EVENTS: Final[dict[str, Callable[[MachineRoom, Instance], object]]] = {
    "terminate": lambda room, instance: room.terminate(instance),
    "stop": lambda room, instance: room.ask(instance, Event.STOP_REQUESTED),
    "start": lambda room, instance: room.ask(instance, Event.START_REQUESTED),
    "reboot": lambda room, instance: room.reboot(instance),
    "image": lambda room, instance: room.create_image(instance),
    "image, running on": lambda room, instance: room.create_image(instance, no_reboot=True),
    "power off": lambda room, instance: room.driver.power_off(instance.id),
    "lose": lambda room, instance: room.driver.lose(instance.id),
    "launch": lambda room, _: room.launch(),
    "crash": lambda room, _: room.crash(),
    "look": lambda room, _: room.look(),
    "look again": lambda room, _: room.look(),
}


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    happening=st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.integers(0, 3)), max_size=14),
    failing=st.sets(st.integers(0, 25), max_size=6),
)
def test_whatever_happens_it_comes_to_rest(
    tmp_path_factory: pytest.TempPathFactory,
    happening: list[tuple[str, int]],
    failing: set[int],
) -> None:
    room = MachineRoom(tmp_path_factory.mktemp("room"))
    count = [0]

    def fail_at_some(_: str) -> None:
        count[0] += 1
        if count[0] - 1 in failing:
            raise MachineError("this one fails")

    room.before_act = fail_at_some
    room.launch(2)
    for name, number in happening:
        instances = room.instances()
        EVENTS[name](room, instances[number % len(instances)])

    room.settle()

    room.store.close()
    assert_at_rest(room)


def assert_at_rest(room: MachineRoom) -> None:
    """Every machine is as its instance says, and no image is still to be made."""
    machines = dict(room.host.machines)
    for instance in room.instances():
        machine = machines.pop(instance.id, None)
        match instance.state:
            case S.RUNNING:
                assert machine is not None
                assert (machine.state, machine.boot) == (MachineState.RUNNING, instance.boot)
            case S.STOPPED:
                assert machine is None or machine.state is not MachineState.RUNNING
            case _:
                assert (instance.state, machine) == (S.TERMINATED, None)
    assert machines == {}
    assert all(image.state is not ImageState.PENDING for image in room.images())
    running = {one.private_ip for one in room.instances() if one.state is S.RUNNING}
    assert {one.private_ip for one in room.host.exposures} == running


@pytest.mark.parametrize("seed", range(12))
def test_a_crash_at_any_act_loses_nothing(tmp_path: Path, seed: int) -> None:
    class Crashed(BaseException):
        """The process ends here."""

    chance = random.Random(seed)
    room = MachineRoom(tmp_path)
    instances = room.launch(3)
    image = None
    for step in range(12):
        room.before_act = _crash_at(chance.randrange(3), Crashed)
        try:
            if step == 3:
                image = room.create_image(instances[0])
            if step == 5:
                room.terminate(instances[1])
            if step == 6:
                room.ask(instances[2], Event.STOP_REQUESTED)
            room.look()
        except Crashed:
            room.crash()
    room.before_act = lambda _: None

    room.settle()

    assert_at_rest(room)
    assert image is not None
    assert room.image_now(image).state is ImageState.AVAILABLE
    states = [room.instance(one).state for one in instances]
    assert states == [S.RUNNING, S.TERMINATED, S.STOPPED]


def _crash_at(number: int, error: type[BaseException]) -> Callable[[str], None]:
    left = [number]

    def before_act(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise error

    return before_act


def test_console_is_kept_until_the_instance_is_forgotten(room: MachineRoom) -> None:
    instance = running(room)

    room.terminate(instance)
    room.settle()

    assert room.driver.console(instance.id) == b""
    with room.store.read() as rows:
        assert kept_console(rows, instance.id) == f"{instance.id} login: \n".encode()
    room.now += timedelta(days=1)
    room.settle()
    with room.store.read() as rows:
        assert kept_console(rows, instance.id) == b""


def test_much_that_was_said_is_kept_by_its_end(room: MachineRoom) -> None:
    instance = running(room)

    keep_console(room.store, instance.id, b"first" + bytes(KEPT_BYTES) + b"last")

    with room.store.read() as rows:
        kept = kept_console(rows, instance.id)
    assert (len(kept), kept[-4:]) == (KEPT_BYTES, b"last")
