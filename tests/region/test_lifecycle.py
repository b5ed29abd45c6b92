"""How instances go from state to state."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cotta.region.lifecycle import CODES, TRANSITIONS, Event, advance, can
from cotta.region.model import (
    ImageId,
    Instance,
    InstanceId,
    InstanceState,
    NetworkInterfaceId,
    StateReason,
    SubnetId,
    VpcId,
)
from tests.support.times import NOON

LATER = NOON + timedelta(minutes=1)
ASKED = StateReason("Client.UserInitiatedShutdown", "asked for")


def an_instance(state: InstanceState = InstanceState.PENDING) -> Instance:
    return Instance(
        id=InstanceId("i-1"),
        image_id=ImageId("ami-1"),
        instance_type="t3.micro",
        state=state,
        launched_at=NOON,
        reservation_id="r-1",
        zone="a",
        subnet_id=SubnetId("subnet-1"),
        vpc_id=VpcId("vpc-1"),
        network_interface_id=NetworkInterfaceId("eni-1"),
        private_ip="172.31.0.4",
        mac="02:00:00:00:00:01",
    )


def test_a_life_from_launch_to_termination() -> None:
    instance, seen = an_instance(), []
    for event in (
        Event.BOOTED,
        Event.STOP_REQUESTED,
        Event.EXITED,
        Event.START_REQUESTED,
        Event.BOOTED,
        Event.TERMINATE_REQUESTED,
        Event.EXITED,
    ):
        instance = advance(instance, event, now=LATER)
        seen.append(instance.state.value)

    assert seen == [
        "running",
        "stopping",
        "stopped",
        "pending",
        "running",
        "shutting-down",
        "terminated",
    ]


def test_a_reason_stays_through_its_consequences_and_goes_with_a_start() -> None:
    running = an_instance(InstanceState.RUNNING)

    stopping = advance(running, Event.STOP_REQUESTED, now=LATER, reason=ASKED)
    stopped = advance(stopping, Event.EXITED, now=LATER)
    pending = advance(stopped, Event.START_REQUESTED, now=LATER)

    assert (stopping.state_changed_at, stopping.state_reason) == (LATER, ASKED)
    assert stopped.state_reason == ASKED
    assert pending.state_reason is None


@given(st.sampled_from(InstanceState), st.lists(st.sampled_from(Event), max_size=12))
def test_only_the_table_happens_and_termination_is_the_end(
    state: InstanceState, events: list[Event]
) -> None:
    instance = an_instance(state)
    for event in events:
        after = advance(instance, event, now=LATER)
        if can(instance, event):
            assert after.state is TRANSITIONS[instance.state, event]
        else:
            assert after == instance
        if instance.state is InstanceState.TERMINATED:
            assert after == instance
        instance = after


def test_every_state_can_end_and_has_a_number() -> None:
    for state in InstanceState:
        instance = an_instance(state)
        for event in (Event.TERMINATE_REQUESTED, Event.EXITED):
            instance = advance(instance, event, now=LATER)
        assert instance.state is InstanceState.TERMINATED
    assert CODES.keys() == set(InstanceState)
