"""Groups as a cloud reports them now: few calls, whatever the number of members."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.groups import template_of
from cotta.clouds.tags import COMMIT_TAG, tags_of
from cotta.fleets.model import (
    Activity,
    FleetImage,
    FleetMember,
    Group,
    Refresh,
    RefreshStatus,
    TargetState,
)
from cotta.rollouts import Preferences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cotta.clouds.session import Session

# AWS takes so many values of a filter at most.
_VALUES: Final = 200
_ACTIVITIES: Final = 5
DRIFT_TAG: Final = "cotta:drift"


class UnknownGroupsError(Exception):
    """Groups that were asked for are not there; `names` are those."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def observe(
    session: Session, names: Sequence[str] = (), *, activities: int = _ACTIVITIES
) -> list[Group]:
    """Return the groups with these names, all of them if none are given, by name.

    `activities` of each are asked for at most.  Raises UnknownGroupsError for names that nobody
    has, CloudError for what the cloud refuses.
    """
    found = list(_described_groups(session, names))
    missing = set(names) - {one["AutoScalingGroupName"] for one in found}
    if missing:
        raise UnknownGroupsError(tuple(sorted(missing)))
    known = _Surroundings.of(session, found)
    groups = [
        _group(
            one,
            known,
            _latest_refresh(session, one["AutoScalingGroupName"]),
            tuple(_activities(session, one["AutoScalingGroupName"], activities)),
        )
        for one in found
    ]
    return sorted(groups, key=lambda group: group.name)


def latest_refresh(session: Session, name: str, refresh_id: str | None = None) -> Refresh | None:
    """Return a group's refresh of that id, the latest if none is given; None if there is none."""
    return _latest_refresh(session, name, refresh_id)


def _described_groups(session: Session, names: Sequence[str]) -> Iterator[Any]:
    if not names:
        yield from session.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
        return
    for some in _batches(names, 50):
        yield from session.pages(
            "autoscaling",
            "DescribeAutoScalingGroups",
            "AutoScalingGroups",
            AutoScalingGroupNames=some,
        )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What else is known of the members of all groups, each kind asked for once."""

    instances: dict[str, Any] = field(default_factory=dict)
    images: dict[str, FleetImage] = field(default_factory=dict)
    targets: dict[str, list[TargetState]] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, groups: Sequence[Any]) -> _Surroundings:
        """Ask the cloud about the members of described groups."""
        ids = [member["InstanceId"] for group in groups for member in group["Instances"]]
        # By filter: an instance that has just gone must not make the whole call fail.
        instances = {
            one["InstanceId"]: one
            for reservation in _filtered(
                session, "DescribeInstances", "Reservations", "instance-id", ids
            )
            for one in reservation["Instances"]
        }
        image_ids = sorted({one["ImageId"] for one in instances.values()})
        images = {
            one["ImageId"]: _image(one)
            for one in _filtered(session, "DescribeImages", "Images", "image-id", image_ids)
        }
        template_ids = sorted({t["LaunchTemplateId"] for g in groups if (t := template_of(g))})
        newest = {
            one["LaunchTemplateId"]: str(one["LatestVersionNumber"])
            for one in _templates(session, template_ids)
        }
        return cls(instances, images, _target_states(session, groups), newest)


def _filtered(
    session: Session, operation: str, key: str, name: str, values: Sequence[str]
) -> Iterator[Any]:
    for some in _batches(values, _VALUES):
        yield from session.pages("ec2", operation, key, Filters=[{"Name": name, "Values": some}])


def _templates(session: Session, ids: Sequence[str]) -> Iterator[Any]:
    for some in _batches(ids, _VALUES):
        try:
            yield from session.pages(
                "ec2", "DescribeLaunchTemplates", "LaunchTemplates", LaunchTemplateIds=some
            )
        except CloudError as error:
            # A template may be gone while its group is still there.
            if not error.is_missing:
                raise


def _target_states(session: Session, groups: Sequence[Any]) -> dict[str, list[TargetState]]:
    found: dict[str, list[TargetState]] = defaultdict(list)
    for arn in sorted({arn for group in groups for arn in group.get("TargetGroupARNs", [])}):
        try:
            answer = session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn)
        except CloudError as error:
            if error.is_missing:
                continue
            raise
        for one in answer["TargetHealthDescriptions"]:
            health = one["TargetHealth"]
            state = TargetState(
                target_group=arn.split(":targetgroup/")[-1].split("/")[0],
                state=health["State"],
                reason=health.get("Description", ""),
            )
            found[one["Target"]["Id"]].append(state)
    return found


def _group(
    one: Any, known: _Surroundings, refresh: Refresh | None, activities: tuple[Activity, ...]
) -> Group:
    template = template_of(one)
    members = sorted(
        (_member(each, known) for each in one["Instances"]),
        key=lambda member: (member.zone, member.launched_at or _LONG_AGO, member.id),
    )
    return Group(
        name=one["AutoScalingGroupName"],
        minimum=one["MinSize"],
        maximum=one["MaxSize"],
        desired=one["DesiredCapacity"],
        template=template.get("LaunchTemplateName", ""),
        version=str(template.get("Version", "")),
        latest_version=known.newest.get(template.get("LaunchTemplateId", ""), ""),
        members=tuple(members),
        refresh=refresh,
        activities=activities,
    )


_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _member(one: Any, known: _Surroundings) -> FleetMember:
    id_ = one["InstanceId"]
    seen = known.instances.get(id_, {})
    tags = tags_of(seen)
    image_id = seen.get("ImageId", "")
    image = known.images.get(image_id) or (FleetImage(id=image_id) if image_id else None)
    return FleetMember(
        id=id_,
        lifecycle=one["LifecycleState"],
        health=one["HealthStatus"],
        zone=one["AvailabilityZone"],
        instance_type=one.get("InstanceType", seen.get("InstanceType", "")),
        version=str(one.get("LaunchTemplate", {}).get("Version", "")),
        image=image,
        private_ip=seen.get("PrivateIpAddress", ""),
        launched_at=seen.get("LaunchTime"),
        is_protected=bool(one.get("ProtectedFromScaleIn", False)),
        targets=tuple(known.targets.get(id_, ())),
        drift=tuple(path for path in tags.get(DRIFT_TAG, "").split(" ") if path),
    )


def _image(one: Any) -> FleetImage:
    created = one.get("CreationDate", "")
    return FleetImage(
        id=one["ImageId"],
        name=one.get("Name", ""),
        created_at=datetime.fromisoformat(created) if created else None,
        commit=tags_of(one).get(COMMIT_TAG, ""),
    )


def _latest_refresh(session: Session, name: str, refresh_id: str | None = None) -> Refresh | None:
    answer = session.call(
        "autoscaling",
        "DescribeInstanceRefreshes",
        AutoScalingGroupName=name,
        InstanceRefreshIds=[refresh_id] if refresh_id else None,
        MaxRecords=1,
    )
    found = answer["InstanceRefreshes"]
    return _refresh(found[0]) if found else None


def _refresh(one: Any) -> Refresh:
    template = one.get("DesiredConfiguration", {}).get("LaunchTemplate", {})
    version = template.get("Version")
    return Refresh(
        id=one["InstanceRefreshId"],
        status=RefreshStatus(one["Status"]),
        reason=one.get("StatusReason", ""),
        percentage=int(one.get("PercentageComplete", 0)),
        remaining=int(one.get("InstancesToUpdate", 0)),
        started_at=one.get("StartTime"),
        ended_at=one.get("EndTime"),
        version=None if version is None else str(version),
        preferences=_preferences(one.get("Preferences", {})),
    )


def _preferences(given: Any) -> Preferences:
    most = given.get("MaxHealthyPercentage")
    return Preferences(
        min_healthy=int(given.get("MinHealthyPercentage", 90)),
        max_healthy=None if most is None else int(most),
        warmup=timedelta(seconds=int(given.get("InstanceWarmup", 0))),
        checkpoints=tuple(int(one) for one in given.get("CheckpointPercentages", ())),
        checkpoint_delay=timedelta(seconds=int(given.get("CheckpointDelay", 3600))),
        skip_matching=bool(given.get("SkipMatching", False)),
        auto_rollback=bool(given.get("AutoRollback", False)),
        bake_time=timedelta(seconds=int(given.get("BakeTime", 0))),
    )


def _activities(session: Session, name: str, count: int) -> Iterator[Activity]:
    if not count:
        return
    answer = session.call(
        "autoscaling", "DescribeScalingActivities", AutoScalingGroupName=name, MaxRecords=count
    )
    for one in answer["Activities"][:count]:
        yield Activity(
            id=one["ActivityId"],
            status=one["StatusCode"],
            description=one["Description"],
            cause=one.get("Cause", ""),
            message=one.get("StatusMessage", ""),
            started_at=one.get("StartTime"),
        )


def _batches(values: Iterable[str], size: int) -> Iterator[list[str]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
