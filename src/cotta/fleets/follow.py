"""A refresh followed to its end: what happens meanwhile is told as events."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.fleets.observe import latest_refresh, observe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from cotta.clouds.session import Session
    from cotta.fleets.model import Activity, FleetMember, Group, Refresh
    from cotta.system.clock import Clock

_EVERY: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Advanced:
    """The refresh has another status, share or reason than when it was last told."""

    refresh: Refresh
    group: Group


@dataclass(frozen=True, slots=True)
class Joined:
    """An instance was launched."""

    member: FleetMember


@dataclass(frozen=True, slots=True)
class Serves:
    """An instance is in service now, as its load balancers think too."""

    member: FleetMember


@dataclass(frozen=True, slots=True)
class Suffers:
    """An instance that was in service is so no longer, though nobody ends it."""

    member: FleetMember


@dataclass(frozen=True, slots=True)
class Left:
    """An instance is no member any more; what was last seen of it."""

    member: FleetMember


@dataclass(frozen=True, slots=True)
class Failed:
    """The group tried something that came to nothing."""

    activity: Activity


FleetEvent: TypeAlias = "Advanced | Joined | Serves | Suffers | Left | Failed"


def follow(
    session: Session,
    name: str,
    refresh_id: str,
    *,
    clock: Clock,
    tell: Callable[[FleetEvent], None],
    stopped: Callable[[], bool] = lambda: False,
    every: timedelta = _EVERY,
    before: Group | None = None,
) -> Refresh:
    """Tell what a refresh does until it ends; return it as it was last seen.

    `before` is the group as it was when the refresh had not begun, if that is known.
    It is not final only if `stopped` said so: the refresh goes on without us.  Raises CloudError
    when the cloud can't be asked, UnknownGroupsError when the group is gone.
    """
    while True:
        # In this order: of a refresh that has ended, the group is seen as it was left.
        refresh = latest_refresh(session, name, refresh_id)
        assert refresh is not None, "a refresh that was begun can be described for weeks"
        (group,) = observe(session, [name])
        for event in changes(before, group, refresh):
            tell(event)
        if refresh.status.is_final or stopped():
            return refresh
        before = replace(group, refresh=refresh)
        clock.sleep(every)


def changes(before: Group | None, after: Group, refresh: Refresh) -> Iterator[FleetEvent]:
    """Yield what has happened to a group between two looks; of the first look only the refresh."""
    if before is not None:
        old = {member.id: member for member in before.members}
        new = {member.id: member for member in after.members}
        for id_, member in new.items():
            was = old.get(id_)
            if was is None:
                yield Joined(member)
            if member.is_in_service and (was is None or not was.is_in_service):
                yield Serves(member)
            elif was is not None and _has_fallen_ill(was, member):
                yield Suffers(member)
        yield from (Left(member) for id_, member in old.items() if id_ not in new)
        seen = {activity.id for activity in before.activities if activity.is_failed}
        for activity in reversed(after.activities):
            if activity.is_failed and activity.id not in seen:
                yield Failed(activity)
    if before is None or _told(before.refresh) != _told(refresh):
        yield Advanced(refresh, after)


def _has_fallen_ill(was: FleetMember, now: FleetMember) -> bool:
    return was.is_in_service and not now.is_in_service and now.lifecycle == "InService"


def console_tail(session: Session, instance_id: str, lines: int = 20) -> list[str]:
    """Return the last lines of what a machine has said; none if it has said nothing, or is gone.

    What moves a cursor or changes colours is left out: it is not our terminal that it was for.
    """
    try:
        answer = session.call("ec2", "GetConsoleOutput", InstanceId=instance_id, Latest=True)
    except CloudError as error:
        # `Latest` is for Nitro instances alone.
        if error.code == "UnsupportedOperation":
            answer = session.call("ec2", "GetConsoleOutput", InstanceId=instance_id)
        elif error.is_missing:
            return []
        else:
            raise
    # botocore has decoded it.
    text = _CONTROLS.sub("", answer.get("Output", ""))
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]


# Sequences of a terminal (ECMA-48), and what else is neither text nor the end of a line.
_CONTROLS: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x08\x0b-\x1f\x7f]"
)


def _told(refresh: Refresh | None) -> object:
    if refresh is None:
        return None
    return refresh.id, refresh.status, refresh.percentage, refresh.remaining, refresh.reason
