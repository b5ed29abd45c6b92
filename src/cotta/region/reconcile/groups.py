"""An Auto Scaling group as it is seen, and what can be done to it: the words of its reconcilers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cotta.region.model import LifecycleState

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.model import (
        AutoScalingGroup,
        GroupInstance,
        InstanceId,
        InstanceRefresh,
        InstanceState,
        LaunchedFrom,
        SubnetId,
        TargetGroupId,
        TargetHealth,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A member, and what is seen of it; `instance` None if there is no such instance any more.

    `health` is what each target group that has it says; `missing` are those that it is to be put
    into.  While one that ends `is_registered` anywhere, requests may be under way to it.
    """

    member: GroupInstance
    instance: InstanceState | None
    reason: str = ""
    health: tuple[TargetHealth, ...] = ()
    missing: tuple[TargetGroupId, ...] = ()
    is_registered: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether it counts for the group's capacity."""
        return self.member.state in {LifecycleState.PENDING, LifecycleState.IN_SERVICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a group may launch: a zone's letter, and a subnet unless it is the default one."""

    zone: str
    subnet: SubnetId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A group and all that matters for what to do next.

    `current` is the template version that its configuration means now, `wanted` the one that the
    active refresh's does; None if it means none.
    """

    group: AutoScalingGroup
    members: tuple[Seen, ...] = ()
    places: tuple[Place, ...] = ()
    refresh: InstanceRefresh | None = None
    current: LaunchedFrom | None = None
    wanted: LaunchedFrom | None = None


@dataclass(frozen=True, slots=True)
class EnterService:
    """A launched instance is up."""

    instance: InstanceId


@dataclass(frozen=True, slots=True)
class FailLaunch:
    """A launched instance did not come up."""

    instance: InstanceId
    reason: str


@dataclass(frozen=True, slots=True)
class Register:
    """Put a member into target groups that it is not in."""

    instance: InstanceId
    groups: tuple[TargetGroupId, ...]


@dataclass(frozen=True, slots=True)
class Complain:
    """A member is not healthy, because of `complaint`."""

    instance: InstanceId
    complaint: str


@dataclass(frozen=True, slots=True)
class End:
    """Take a member out of service, and out of the group."""

    instance: InstanceId
    cause: str


@dataclass(frozen=True, slots=True)
class TerminateInstance:
    """No request is under way to a member any more: terminate its instance."""

    instance: InstanceId


@dataclass(frozen=True, slots=True)
class Forget:
    """A member's instance is gone."""

    instance: InstanceId


@dataclass(frozen=True, slots=True)
class Launch:
    """Launch an instance, for the active refresh's configuration or the group's own."""

    place: Place
    cause: str
    for_refresh: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Keep what has become of the refresh; `adopts` if its configuration is the group's now."""

    refresh: InstanceRefresh
    adopts: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """The desired capacity is there: who wished for it is no cause any more."""


@dataclass(frozen=True, slots=True)
class Delete:
    """The group was to go with all its members, and they have gone."""


Action: TypeAlias = (
    EnterService
    | FailLaunch
    | Register
    | Complain
    | End
    | TerminateInstance
    | Forget
    | Launch
    | Note
    | Settle
    | Delete
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, in order, and when to decide again at the latest."""

    actions: tuple[Action, ...] = ()
    again: datetime | None = None
