"""How instances go from state to state: the table is the truth.

Requests and the controller both change an instance only by `advance`; what is
not in the table does not happen.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from cotta.region.model.instances import Instance, InstanceState, StateReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Event(Enum):
    """What can happen to an instance: somebody asks, or its machine is seen to change."""

    BOOTED = auto()
    BOOT_FAILED = auto()
    START_REQUESTED = auto()
    STOP_REQUESTED = auto()
    TERMINATE_REQUESTED = auto()
    EXITED = auto()


PENDING: Final = InstanceState.PENDING
RUNNING: Final = InstanceState.RUNNING
STOPPING: Final = InstanceState.STOPPING
STOPPED: Final = InstanceState.STOPPED
SHUTTING_DOWN: Final = InstanceState.SHUTTING_DOWN
TERMINATED: Final = InstanceState.TERMINATED

# fmt: off
TRANSITIONS: Final[Mapping[tuple[InstanceState, Event], InstanceState]] = {
    (PENDING,       Event.BOOTED):              RUNNING,
    (PENDING,       Event.BOOT_FAILED):         SHUTTING_DOWN,  # as AWS: it ends as terminated
    (PENDING,       Event.STOP_REQUESTED):      STOPPING,
    (PENDING,       Event.TERMINATE_REQUESTED): SHUTTING_DOWN,
    (RUNNING,       Event.STOP_REQUESTED):      STOPPING,
    (RUNNING,       Event.EXITED):              STOPPING,       # the guest powered itself off
    (RUNNING,       Event.TERMINATE_REQUESTED): SHUTTING_DOWN,
    (STOPPING,      Event.EXITED):              STOPPED,
    (STOPPING,      Event.TERMINATE_REQUESTED): SHUTTING_DOWN,
    (STOPPED,       Event.START_REQUESTED):     PENDING,
    (STOPPED,       Event.TERMINATE_REQUESTED): SHUTTING_DOWN,  # its layer is still to be removed
    (SHUTTING_DOWN, Event.EXITED):              TERMINATED,
}
# fmt: on

# The API's number for each state.
CODES: Final[Mapping[InstanceState, int]] = {
    PENDING: 0,
    RUNNING: 16,
    SHUTTING_DOWN: 32,
    TERMINATED: 48,
    STOPPING: 64,
    STOPPED: 80,
}


def can(instance: Instance, event: Event) -> bool:
    """Say whether `event` means anything to the instance as it is."""
    return (instance.state, event) in TRANSITIONS


def advance(
    instance: Instance, event: Event, *, now: datetime, reason: StateReason | None = None
) -> Instance:
    """Return the instance after `event`; unchanged if that means nothing to it.

    The reason of an earlier step stays through its consequences: an instance
    that is shutting down because it was asked to is terminated for that.
    """
    state = TRANSITIONS.get((instance.state, event))
    if state is None:
        return instance
    if state in {PENDING, RUNNING}:
        return replace(
            instance, state=state, state_changed_at=now, state_reason=None, transition_reason=""
        )
    kept = reason or instance.state_reason
    return replace(instance, state=state, state_changed_at=now, state_reason=kept)
