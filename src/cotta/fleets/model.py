"""A group and its members, as they were at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from cotta.rollouts import Preferences

if TYPE_CHECKING:
    from datetime import datetime

# AWS's own, for refreshes that say nothing.
USUAL: Final = Preferences()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetImage:
    """An image that members run from; what is None or "" was not told, as when it is gone.

    `commit` is the source's, from the image's tags.
    """

    id: str
    name: str = ""
    created_at: datetime | None = None
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """What a load balancer thinks of a member: AWS's state (`healthy`, `draining`, …), and why."""

    target_group: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMember:
    """An instance of a group.

    `lifecycle` is the group's word (`InService`, `Pending`, …), `health` its verdict, `version` the
    number of the launch template's version.  `drift` are paths of the image's system that
    were changed from inside, as the local region tells.
    """

    id: str
    lifecycle: str
    health: str
    zone: str
    instance_type: str = ""
    version: str = ""
    image: FleetImage | None = None
    private_ip: str = ""
    launched_at: datetime | None = None
    is_protected: bool = False
    targets: tuple[TargetState, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def is_in_service(self) -> bool:
        """Whether the group counts on it: in service, healthy, and taken by its load balancers."""
        return (
            self.lifecycle == "InService"
            and self.health.lower() == "healthy"
            and all(target.state == "healthy" for target in self.targets)
        )


class RefreshStatus(Enum):
    """AWS's words for how an instance refresh is."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    ROLLING_BACK = "RollbackInProgress"
    ROLLED_BACK = "RollbackSuccessful"
    ROLLBACK_FAILED = "RollbackFailed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens."""
        return self in _FINAL


_FINAL = frozenset(
    {
        RefreshStatus.SUCCESSFUL,
        RefreshStatus.FAILED,
        RefreshStatus.CANCELLED,
        RefreshStatus.ROLLED_BACK,
        RefreshStatus.ROLLBACK_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """An instance refresh.  `percentage` is of what is to be replaced; `remaining` is that number.

    `version` is what it rolls to, None where it was started without a desired configuration.
    """

    id: str
    status: RefreshStatus
    reason: str = ""
    percentage: int = 0
    remaining: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    version: str | None = None
    preferences: Preferences = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that a group did: AWS's status, what, and why."""

    id: str
    status: str
    description: str
    cause: str = ""
    message: str = ""
    started_at: datetime | None = None

    @property
    def is_failed(self) -> bool:
        """Whether it came to nothing."""
        return self.status in ("Failed", "Cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An Auto Scaling group.  Members are by zone and launch; activities are the latest first.

    `version` is what the group says, `$Latest` included; `latest_version` is its template's newest.
    """

    name: str
    minimum: int
    maximum: int
    desired: int
    template: str = ""
    version: str = ""
    latest_version: str = ""
    members: tuple[FleetMember, ...] = ()
    refresh: Refresh | None = None
    activities: tuple[Activity, ...] = ()

    @property
    def in_service(self) -> int:
        """How many members count."""
        return sum(member.is_in_service for member in self.members)
