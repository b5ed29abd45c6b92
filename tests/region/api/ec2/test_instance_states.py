"""Instances started, stopped, rebooted and looked at through boto3."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from cotta.region.model import InstanceState
from cotta.region.store.kinds import ACCOUNTS, INSTANCES
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import RunningRegion

STATES = list(InstanceState)
REFUSED = "IncorrectInstanceState"


def test_an_instance_is_stopped_and_started(region: RunningRegion, ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]

    (stopping,) = ec2.stop_instances(InstanceIds=[instance_id])["StoppingInstances"]
    shown = fleet.find(instance_id)
    fleet.put(instance_id, state=InstanceState.STOPPED)
    (again,) = ec2.stop_instances(InstanceIds=[instance_id])["StoppingInstances"]
    (starting,) = ec2.start_instances(InstanceIds=[instance_id])["StartingInstances"]

    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == (
        "running",
        "stopping",
    )
    assert shown["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert shown["StateTransitionReason"].startswith("User initiated (20")
    assert again["CurrentState"]["Name"] == "stopped"
    assert starting["CurrentState"] == {"Code": 0, "Name": "pending"}
    with region.store.read() as rows:
        instance = rows.find(INSTANCES, instance_id)
    assert instance is not None
    assert instance.boot == 2
    assert "StateReason" not in fleet.find(instance_id)


@pytest.mark.parametrize("state", STATES)
def test_what_can_be_asked_of_each_state(ec2: Any, fleet: Fleet, state: InstanceState) -> None:
    def outcome(ask: Any) -> str:
        instance_id = fleet.run(state)["InstanceId"]
        try:
            ask(InstanceIds=[instance_id])
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return str(fleet.find(instance_id)["State"]["Name"])

    expected = {
        InstanceState.PENDING: ("pending", "stopping", REFUSED, "shutting-down"),
        InstanceState.RUNNING: ("running", "stopping", "running", "shutting-down"),
        InstanceState.STOPPING: (REFUSED, "stopping", REFUSED, "shutting-down"),
        InstanceState.STOPPED: ("pending", "stopped", REFUSED, "shutting-down"),
        InstanceState.SHUTTING_DOWN: (REFUSED, REFUSED, REFUSED, "shutting-down"),
        InstanceState.TERMINATED: (REFUSED, REFUSED, REFUSED, "terminated"),
    }
    found = [
        outcome(ask)
        for ask in (
            ec2.start_instances,
            ec2.stop_instances,
            ec2.reboot_instances,
            ec2.terminate_instances,
        )
    ]
    assert tuple(found) == expected[state]


def test_a_reboot_is_asked_for_by_counting(region: RunningRegion, ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]

    ec2.reboot_instances(InstanceIds=[instance_id])
    ec2.reboot_instances(InstanceIds=[instance_id])

    with region.store.read() as rows:
        instance = rows.find(INSTANCES, instance_id)
    assert instance is not None
    assert (instance.restarts, instance.boot) == (2, 1)


def test_power_is_cut_where_that_is_asked_for(
    region: RunningRegion, ec2: Any, fleet: Fleet
) -> None:
    at_once, later = fleet.run()["InstanceId"], fleet.run()["InstanceId"]
    ec2.stop_instances(InstanceIds=[at_once], Force=True)
    ec2.stop_instances(InstanceIds=[later])

    ec2.stop_instances(InstanceIds=[later], Force=True)

    with region.store.read() as rows:
        assert [one.stop_forced for one in rows.all(INSTANCES)] == [True, True]


def test_stopping_is_refused_where_it_was_forbidden(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run(DisableApiStop=True)["InstanceId"]

    with refused("OperationNotPermitted", "disableApiStop"):
        ec2.stop_instances(InstanceIds=[instance_id])
    with refused("UnsupportedHibernationConfiguration"):
        ec2.stop_instances(InstanceIds=[instance_id], Hibernate=True)


def test_nothing_starts_where_there_is_no_room(
    region: RunningRegion, ec2: Any, fleet: Fleet
) -> None:
    stopped = fleet.run(InstanceState.STOPPED)["InstanceId"]
    with region.store.write() as rows:
        (account,) = rows.all(ACCOUNTS)
        rows.put(ACCOUNTS, replace(account, most_instances=1))
    fleet.run()

    with refused("InsufficientInstanceCapacity", "Terminate"):
        ec2.start_instances(InstanceIds=[stopped])
    with refused("InstanceLimitExceeded", "limit of 1"):
        fleet.run(MinCount=2, MaxCount=2)
    with refused("InsufficientInstanceCapacity", "0 more"):
        fleet.run()


def test_running_instances_have_a_status(ec2: Any, fleet: Fleet) -> None:
    running = fleet.run()["InstanceId"]
    stopped = fleet.run(InstanceState.STOPPED)["InstanceId"]

    (one,) = ec2.describe_instance_status()["InstanceStatuses"]
    both = ec2.describe_instance_status(IncludeAllInstances=True)["InstanceStatuses"]
    filters = [{"Name": "instance-state-name", "Values": ["stopped"]}]
    none = ec2.describe_instance_status(Filters=filters)["InstanceStatuses"]

    assert one["InstanceId"] == running
    assert one["InstanceState"]["Name"] == "running"
    assert one["InstanceStatus"] == {
        "Status": "ok",
        "Details": [{"Name": "reachability", "Status": "passed"}],
    }
    assert {each["InstanceId"]: each["SystemStatus"]["Status"] for each in both} == {
        running: "ok",
        stopped: "not-applicable",
    }
    assert none == []
    with refused("InvalidInstanceID.NotFound"):
        ec2.describe_instance_status(InstanceIds=["i-0"])


def test_monitoring_is_written_down(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]

    (on,) = ec2.monitor_instances(InstanceIds=[instance_id])["InstanceMonitorings"]
    assert on["Monitoring"]["State"] == "enabled"
    assert fleet.find(instance_id)["Monitoring"]["State"] == "enabled"
    (off,) = ec2.unmonitor_instances(InstanceIds=[instance_id])["InstanceMonitorings"]
    assert off["Monitoring"]["State"] == "disabled"
