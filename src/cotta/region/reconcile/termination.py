"""Choose which members of a group to terminate when it shrinks, by its termination policies.

The law is the user guide of EC2 Auto Scaling, "Configure termination policies": the zone with the
most members first, in it what the first policy prefers, the next one breaking ties.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from cotta.region.model import LifecycleState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cotta.region.model import GroupInstance, LaunchedFrom
    from cotta.region.reconcile.groups import Seen

_HOUR: Final = 3600

# What makes a member go first; given the template version that the group launches now.
Preference = "Callable[[GroupInstance, LaunchedFrom | None], Any]"


def choose_to_end(
    members: Sequence[Seen],
    count: int,
    *,
    policies: Sequence[str],
    current: LaunchedFrom | None,
) -> list[GroupInstance]:
    """Return the `count` members to end when a group shrinks, or as many as may be.

    Those that are protected from scale-in stay; those that serve nobody yet go first.
    """
    able = [seen.member for seen in members if seen.is_alive and not seen.member.is_protected]
    in_zone = Counter(seen.member.zone for seen in members if seen.is_alive)

    def order(member: GroupInstance) -> tuple[Any, ...]:
        return (
            member.state is not LifecycleState.PENDING,
            -in_zone[member.zone],
            *(POLICIES[policy](member, current) for policy in policies),
            member.joined_at,
            member.id,
        )

    chosen: list[GroupInstance] = []
    while able and len(chosen) < count:
        first = min(able, key=order)
        able.remove(first)
        in_zone[first.zone] -= 1
        chosen.append(first)
    return chosen


def _age_of_template(member: GroupInstance, current: LaunchedFrom | None) -> tuple[bool, int]:
    """Return what sorts other templates' instances first, then lower versions."""
    source = member.launched_from
    if source is None or current is None:
        return source is not None, 0
    return source.template_id == current.template_id, source.version


def _default(member: GroupInstance, current: LaunchedFrom | None) -> Any:
    # The next step of AWS's default, closeness to the billing hour, it applies
    # only where instances are billed by the hour.
    return _age_of_template(member, current)


POLICIES: Final[Mapping[str, Callable[[GroupInstance, LaunchedFrom | None], Any]]] = {
    "Default": _default,
    # There is one purchase option here, so nothing to allocate between.
    "AllocationStrategy": lambda _member, _current: 0,
    "OldestInstance": lambda member, _current: member.joined_at.timestamp(),
    "NewestInstance": lambda member, _current: -member.joined_at.timestamp(),
    "OldestLaunchTemplate": _age_of_template,
    # Nothing here is launched from a launch configuration.
    "OldestLaunchConfiguration": lambda _member, _current: 0,
    # By the minute and second of its launch: the one whose hour is up next.
    "ClosestToNextInstanceHour": lambda member, _current: -(member.joined_at.timestamp() % _HOUR),
}
