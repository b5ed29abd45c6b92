"""Which images a launch template has had, and which of them last ran healthy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cotta.clouds.errors import CloudError
from cotta.clouds.groups import template_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from cotta.clouds.session import Session


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A version of a launch template and its image; `image` is "" where it names none."""

    number: int
    image: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateHistory:
    """A launch template's versions, and what has become of fleets that ran them.

    `versions` are by number; `serving` counts the members of groups in service on each;
    `succeeded` are targets of refreshes that ended well, the latest first, `failed` of those that
    did not; `target` is what groups are meant to run, the newest version if there are none.
    """

    template_id: str
    name: str
    versions: tuple[TemplateVersion, ...]
    serving: Mapping[int, int] = field(default_factory=dict)
    succeeded: tuple[int, ...] = ()
    failed: frozenset[int] = frozenset()
    target: int = 0

    def image_of(self, number: int) -> str:
        """Return the image of a version; "" if the version is gone."""
        return next((one.image for one in self.versions if one.number == number), "")

    @property
    def newest(self) -> TemplateVersion:
        """The version with the highest number."""
        return self.versions[-1]


def previous_images(history: TemplateHistory) -> list[str]:
    """Return the images to go back to, the best first: all but the newest version's, each once.

    First those that members in service still run from, as after a roll that failed or stands at a
    checkpoint; then those a refresh ended well with, the latest first; then those of older
    versions, the newest first, since a group's first version was never rolled to; last of all
    what a refresh failed with.
    """
    bad = history.newest.image
    serving = sorted(history.serving, key=lambda number: -history.serving[number])
    older = [one.number for one in reversed(history.versions)]
    order = [
        *serving,
        *history.succeeded,
        *(number for number in older if number not in history.failed),
        *older,
    ]
    images = (history.image_of(number) for number in order)
    return list(dict.fromkeys(image for image in images if image and image != bad))


def read_history(session: Session, template_id: str) -> TemplateHistory:
    """Return what a cloud knows of a launch template; raise CloudError if it is not there."""
    versions = [
        TemplateVersion(
            int(one["VersionNumber"]),
            one["LaunchTemplateData"].get("ImageId", ""),
            one["CreateTime"],
        )
        for one in session.pages(
            "ec2",
            "DescribeLaunchTemplateVersions",
            "LaunchTemplateVersions",
            LaunchTemplateId=template_id,
        )
    ]
    versions.sort(key=lambda one: one.number)
    name = ""
    serving: dict[int, int] = {}
    succeeded: list[tuple[datetime, int]] = []
    failed: set[int] = set()
    target = versions[-1].number
    for group in _groups_of(session, template_id):
        name = template_of(group)["LaunchTemplateName"]
        for number in _serving(group, template_id):
            serving[number] = serving.get(number, 0) + 1
        said = str(template_of(group).get("Version", ""))
        target = int(said) if said.isdecimal() else target
        for refresh in _refreshes(session, group["AutoScalingGroupName"]):
            rolled_to = _target_of(refresh)
            if rolled_to is None:
                continue
            if refresh["Status"] == "Successful":
                succeeded.append((refresh["StartTime"], rolled_to))
            elif refresh["Status"] in ("Failed", "RollbackSuccessful", "RollbackFailed"):
                failed.add(rolled_to)
    latest_first = [number for _, number in sorted(succeeded, reverse=True)]
    return TemplateHistory(
        template_id=template_id,
        name=name,
        versions=tuple(versions),
        serving=serving,
        succeeded=tuple(dict.fromkeys(latest_first)),
        failed=frozenset(failed - set(latest_first)),
        target=target,
    )


def names_of_images(session: Session, images: Sequence[str]) -> dict[str, str]:
    """Return the names of those images that are still there."""
    if not images:
        return {}
    found = session.pages(
        "ec2", "DescribeImages", "Images", Filters=[{"Name": "image-id", "Values": list(images)}]
    )
    return {one["ImageId"]: one.get("Name", "") for one in found}


def _groups_of(session: Session, template_id: str) -> Iterator[Any]:
    for group in session.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"):
        if template_of(group).get("LaunchTemplateId") == template_id:
            yield group


def _serving(group: Any, template_id: str) -> Iterator[int]:
    for member in group["Instances"]:
        template = member.get("LaunchTemplate", {})
        is_well = member["LifecycleState"] == "InService" and member["HealthStatus"] == "Healthy"
        if is_well and template.get("LaunchTemplateId") == template_id:
            yield int(template["Version"])


def _refreshes(session: Session, group: str) -> Iterator[Any]:
    try:
        yield from session.pages(
            "autoscaling",
            "DescribeInstanceRefreshes",
            "InstanceRefreshes",
            AutoScalingGroupName=group,
        )
    except CloudError as error:
        # The group was there a moment ago.
        if not error.is_missing:
            raise


def _target_of(refresh: Any) -> int | None:
    """Return the version that a refresh rolled to; None where it named no number."""
    template = refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {})
    version = str(template.get("Version", ""))
    return int(version) if version.isdecimal() else None
