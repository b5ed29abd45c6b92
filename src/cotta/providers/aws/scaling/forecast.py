"""What a plan says of a roll before it begins: simulated by the rules that it will go by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.session import is_local
from cotta.providers.aws.plain import UNKNOWN, has_unknown
from cotta.providers.aws.scaling.keeping import keeping
from cotta.providers.aws.scaling.rolls import causes
from cotta.providers.interface import PlanNote
from cotta.rollouts import Preferences, Protected, Standby, simulate

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft
    from cotta.providers.aws.scaling.keeping import Keeping
    from cotta.rollouts import Course

# From a launch until an instance is in service: measured in the local region, and a usual AMI.
_LOCAL_BOOT: Final = timedelta(seconds=1)
_AWS_BOOT: Final = timedelta(seconds=45)
# AWS's own, where neither a warmup nor a grace period is given.
_GRACE: Final = 300
_MANY: Final = 90


def foretell(draft: Draft) -> None:
    """Add to a plan what the roll that it starts will be like, and warn of an outage."""
    refresh = draft.planned["instance_refresh"]
    if draft.is_new or draft.replace or not refresh or refresh is UNKNOWN:
        return
    _warn_of_triggers(draft)
    if not causes(draft.prior, draft.planned):
        _warn_of_word(draft)
        return
    size = draft.planned["desired_capacity"]
    if size is UNKNOWN or size is None or has_unknown(refresh):
        draft.notes.append(PlanNote(lines=("rolling all instances",)))
        return
    if not size:
        return
    kept = _kept(draft)
    already = min(kept.instances, size) if kept is not None else 0
    preferences = _as_carried_out(draft, preferences_of(draft.planned))
    if kept is not None and kept.is_way_back:
        preferences = replace(preferences, checkpoints=())
    boot = _LOCAL_BOOT if is_local(draft.on.session) else _AWS_BOOT
    course = simulate(size, preferences, boots=lambda _: boot, replaced=already)
    lines = _lines(draft, size, size - already, course) if already < size else []
    if kept is not None:
        lines.append(kept.words())
    draft.notes.append(PlanNote(lines=tuple(lines)))
    if course.lowest_in_service <= 0:
        draft.warnings.append(("The roll is an outage", _remedy(size)))


def preferences_of(planned: Fields) -> Preferences:
    """Return the preferences of a group's refresh, as it will be started."""
    blocks = planned["instance_refresh"][0]["preferences"]
    warmup = planned["default_instance_warmup"]
    if warmup is None or warmup is UNKNOWN:
        grace = planned["health_check_grace_period"]
        warmup = _GRACE if grace is None or grace is UNKNOWN else grace
    if not blocks:
        policy = planned["instance_maintenance_policy"]
        bounds: Fields = policy[0] if isinstance(policy, list) and policy else {}
        return Preferences(
            min_healthy=bounds.get("min_healthy_percentage", 90),
            max_healthy=bounds.get("max_healthy_percentage"),
            warmup=timedelta(seconds=warmup),
        )
    given = blocks[0]
    return Preferences(
        min_healthy=given["min_healthy_percentage"],
        max_healthy=given["max_healthy_percentage"],
        warmup=timedelta(seconds=int(given["instance_warmup"] or warmup)),
        checkpoints=tuple(given["checkpoint_percentages"] or ()),
        checkpoint_delay=timedelta(seconds=int(given["checkpoint_delay"] or 3600)),
        skip_matching=bool(given["skip_matching"]),
        standby=Standby(given["standby_instances"]),
        protected=Protected(given["scale_in_protected_instances"]),
    )


def _kept(draft: Draft) -> Keeping | None:
    """Return what the roll will leave alone, as far as that is known of a version not yet made."""
    if not draft.on.options.waits or causes(draft.prior, draft.planned) != ["launch_template"]:
        return None
    template = draft.planned["launch_template"]
    if has_unknown(template) or not template or not str(template[0]["version"]).isdecimal():
        return None
    id_, version = template[0]["id"], str(template[0]["version"])
    named = {"LaunchTemplateId": id_, "Version": version}
    return keeping(
        draft.on, draft.prior, draft.config, named, draft.on.promised.get((id_, version))
    )


def _as_carried_out(draft: Draft, preferences: Preferences) -> Preferences:
    """Return the preferences by which the cloud in question really goes.

    AWS ends an instance before its successor is there wherever less than
    100 % have to be healthy and no more than 100 % may be there; the local
    region launches first, so that nothing is missing.
    """
    if is_local(draft.on.session):
        return preferences
    if preferences.min_healthy < 100 and preferences.max_healthy == 100:
        return replace(preferences, max_healthy=None)
    return preferences


def _lines(draft: Draft, size: int, going: int, course: Course) -> list[str]:
    order = "launch first" if course.lowest_in_service >= size else "end first"
    lowest = max(course.lowest_in_service, 0)
    instances = "1 instance" if size == 1 else f"{size} instances"
    if going < size:
        instances = f"{going} of {instances}"
    floor = f"never fewer than {lowest} in service" if lowest else "none in service for a while"
    lines = [f"rolling {instances}, {order}, {floor}, about {_duration(course.duration)}"]
    if not draft.on.options.waits:
        lines.append("apply does not wait for its end (-no-wait)")
    return lines


def _duration(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    if seconds < _MANY:
        return f"{max(seconds, 1)} s"
    if seconds < _MANY * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _remedy(size: int) -> str:
    what = "the instance is" if size == 1 else f"the {size} instances are"
    return (
        f"While {what} replaced there is a moment with none in service. To have successors "
        "launched first, set min_healthy_percentage = 100 in the preferences of instance_refresh "
        "(and max_healthy_percentage above 100 to replace several at a time)."
    )


def _warn_of_word(draft: Draft) -> None:
    """Say that a new version of the template replaces nothing where a word stands for it.

    `$Latest` is the same word before and after, so the group does not change; the official
    provider, which starts no refresh either, does not say so.
    """
    template = draft.planned["launch_template"]
    if not isinstance(template, list) or not template:
        return
    id_, version = template[0]["id"], template[0]["version"]
    if version not in ("$Latest", "$Default") or (id_, version) not in draft.on.promised:
        return
    detail = (
        f'The group {draft.prior["id"]} names its version "{version}", which stays the same word, '
        "so no refresh is started: its instances stay as they are, and those launched later are of "
        "the new version. To have a new version replace the instances, set version to the "
        "latest_version of the aws_launch_template."
    )
    summary = "The new version of the launch template is not rolled out"
    draft.warnings.append((summary, detail))


def _warn_of_triggers(draft: Draft) -> None:
    triggers: Any = draft.planned["instance_refresh"][0]["triggers"]
    for trigger in triggers if isinstance(triggers, list) else ():
        if trigger in ("launch_configuration", "launch_template", "mixed_instances_policy"):
            draft.warnings.append(
                (
                    "Redundant trigger",
                    f"{trigger} always triggers an instance refresh: take it out of triggers.",
                )
            )
