"""A whole region on played machines, asked by boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from cotta.region.machines.driver import MachineState
from cotta.region.machines.simulated import Host, SimulatedMachines
from cotta.region.model import InstanceState
from cotta.region.running import limit, restart_all
from cotta.region.store.kinds import ACCOUNTS, INSTANCES
from cotta.region.store.store import StoreError
from tests.support.machine_rooms import MachineRoom
from tests.support.regions import refused, simulated_region, wait_until

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = f"ami-{1:017x}"


def states(ec2: Any) -> list[str]:
    found = ec2.describe_instances()["Reservations"]
    return [one["State"]["Name"] for reservation in found for one in reservation["Instances"]]


def launch(ec2: Any, count: int = 1) -> list[str]:
    started = ec2.run_instances(
        ImageId=IMAGE, InstanceType="t3.micro", MinCount=count, MaxCount=count
    )
    return [one["InstanceId"] for one in started["Instances"]]


def test_instances_run_and_end(tmp_path: Path) -> None:
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        ec2 = region.client("ec2")

        ids = launch(ec2, 2)
        wait_until(lambda: states(ec2) == ["running"] * 2)
        assert ec2.get_console_output(InstanceId=ids[0])["Output"] == f"{ids[0]} login: \n"
        ec2.terminate_instances(InstanceIds=ids)

        wait_until(lambda: states(ec2) == ["terminated"] * 2)


def test_a_region_that_begins_again_finds_its_machines(tmp_path: Path) -> None:
    host = Host()
    with simulated_region(tmp_path, SimulatedMachines(host=host)) as region:
        ec2 = region.client("ec2")
        launch(ec2, 2)
        wait_until(lambda: states(ec2) == ["running"] * 2)
    before = dict(host.machines)
    ended, alive = sorted(before)
    SimulatedMachines(host=host).power_off(ended)

    with simulated_region(tmp_path, SimulatedMachines(host=host)) as region:
        ec2 = region.client("ec2")
        wait_until(lambda: sorted(states(ec2)) == ["running", "stopped"])

    assert host.machines[alive] == before[alive]


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_a_full_disk_is_said_to_be_and_leaves_nothing_half_made(
    tmp_path: Path, failing: int
) -> None:
    commits = [0]

    def fail_once() -> None:
        commits[0] += 1
        if commits[0] == failing + 2:
            raise StoreError("database or disk is full")

    with simulated_region(tmp_path, SimulatedMachines(), fail_once) as region:
        ec2 = region.client("ec2")
        if failing == 1:
            with pytest.raises(ClientError, match="disk is full") as caught:
                launch(ec2, 2)
            assert caught.value.response["Error"]["Code"] == "Unavailable"
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        else:
            launch(ec2, 2)

        wait_until(lambda: states(ec2) == ([] if failing == 1 else ["running"] * 2))


def test_there_is_room_for_so_much_and_no_more(tmp_path: Path) -> None:
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        with region.store.write() as rows:
            account = limit(rows, region.account, 192)
            assert rows.all(ACCOUNTS) == [account]
        assert account.most_instances == 3
        ec2 = region.client("ec2")

        with refused("InsufficientInstanceCapacity"):
            launch(ec2, 2)


def test_all_that_ran_runs_again_after_the_host_was_started_anew(tmp_path: Path) -> None:
    room = MachineRoom(tmp_path)
    one, other = room.launch(2, shutdown_behavior="terminate")
    room.settle()
    room.driver.is_slow = True
    (third,) = room.launch()
    room.settle()
    assert room.instance(third).state is InstanceState.PENDING
    room.driver.is_slow = False

    with room.store.write() as rows:
        restart_all(rows)
    for instance in (one, other, third):
        room.driver.power_off(instance.id)
    room.crash()
    room.settle()

    with room.store.read() as rows:
        assert {it.state for it in rows.all(INSTANCES)} == {InstanceState.RUNNING}
    assert {machine.state for machine in room.host.machines.values()} == {MachineState.RUNNING}
