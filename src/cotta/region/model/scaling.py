"""Auto Scaling groups: their members, what was done to them and why, and their rollouts.

Lifecycle hooks, warm pools, scaling policies and scheduled actions follow later: a record for each,
by the name of its group, and a state more for members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cotta.region.model.ids import InstanceId, LaunchTemplateId, SubnetId, TargetGroupId
from cotta.region.model.instances import LaunchedFrom
from cotta.rollouts import Preferences, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a group launches: a launch template in a version, `$Latest` or `$Default` too.

    With `is_mixed` it was given as a mixed instances policy: the first of `overrides`
    changes the template, and `distribution` is only shown again.
    """

    template_id: LaunchTemplateId
    template_name: str
    version: str = "$Default"
    is_mixed: bool = False
    overrides: tuple[Mapping[str, object], ...] = ()
    distribution: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTag:
    """A tag of a group, and whether the instances that it launches get it too."""

    key: str
    value: str
    propagates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoScalingGroup:
    """A group of instances that is kept at `desired_capacity`.

    `id` is the part of its ARN that no other group of the same name has had; `zones` are letters.
    `wish` says who has changed the desired capacity last, for the cause of what follows.
    Launches that fail are tried again at `retry_at`, later each time.
    """

    name: str
    id: str
    created_at: datetime
    configuration: Configuration
    min_size: int
    max_size: int
    desired_capacity: int
    zones: tuple[str, ...]
    subnets: tuple[SubnetId, ...] = ()
    wish: str = ""
    default_cooldown: int = 300
    health_check_type: str = "EC2"
    health_check_grace_seconds: int = 0
    default_instance_warmup_seconds: int | None = None
    target_groups: tuple[TargetGroupId, ...] = ()
    termination_policies: tuple[str, ...] = ("Default",)
    protects_new_instances: bool = False
    service_linked_role: str | None = None
    max_instance_lifetime_seconds: int | None = None
    capacity_rebalance: bool = False
    desired_capacity_type: str | None = None
    context: str | None = None
    # The instance maintenance policy.
    min_healthy: int | None = None
    max_healthy: int | None = None
    # Why each process is suspended, by its name.
    suspended: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    tags: tuple[GroupTag, ...] = ()
    is_deleting: bool = False
    failed_launches: int = 0
    retry_at: datetime | None = None


class LifecycleState(Enum):
    """Where in its life a member of a group is, by AWS's names."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    STANDBY = "Standby"
    TERMINATING = "Terminating"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInstance:
    """An instance as a member of a group.

    `refresh_id` is the instance refresh that launched it for its desired configuration.
    `activity_id` is the activity that launches or terminates it, as long as that goes on.
    """

    id: InstanceId
    group: str
    zone: str
    instance_type: str
    joined_at: datetime
    state: LifecycleState = LifecycleState.PENDING
    in_service_at: datetime | None = None
    is_healthy: bool = True
    # Why it is not healthy, as the cause of its end.
    complaint: str = ""
    is_protected: bool = False
    launched_from: LaunchedFrom | None = None
    refresh_id: str | None = None
    activity_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that was done to a group, and why.  `group_id` tells groups of one name apart."""

    id: str
    group: str
    group_id: str
    started_at: datetime
    description: str
    cause: str
    status: str = "InProgress"
    status_message: str | None = None
    progress: int = 50
    ended_at: datetime | None = None
    subnet_id: SubnetId | None = None
    zone: str | None = None


class RefreshStatus(Enum):
    """The states of an instance refresh, by AWS's names."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    ROLLBACK_IN_PROGRESS = "RollbackInProgress"
    ROLLBACK_SUCCESSFUL = "RollbackSuccessful"
    ROLLBACK_FAILED = "RollbackFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """How far an instance refresh was when it was turned round, and why it was."""

    started_at: datetime
    reason: str
    percentage: int
    to_update: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRefresh:
    """The replacement of a group's instances, one after the other.

    With a desired `configuration`, that becomes the group's own when it is successful.
    `progress` is of the way back once there is a `rollback`.
    """

    id: str
    group: str
    group_id: str
    requested_at: datetime
    preferences: Preferences
    configuration: Configuration | None = None
    status: RefreshStatus = RefreshStatus.PENDING
    reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    percentage: int = 0
    to_update: int = 0
    progress: Progress | None = None
    rollback: Rollback | None = None
