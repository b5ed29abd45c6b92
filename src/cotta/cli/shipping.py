"""What `ship` does between a build and an apply, and after it: pins that move, and a report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cotta.addrs.resources import Mode
from cotta.clouds.tags import COMMIT_TAG, DIGEST_TAG, KEY_TAG, TEMPLATE_TAG, tags_of
from cotta.images.pins import Pin
from cotta.region.balancer.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from cotta.cli.outcomes import Outcome
    from cotta.clouds.session import Session
    from cotta.fleets.model import Group
    from cotta.images.pins import Pins
    from cotta.states.model import State

_TAGS = {"digest": DIGEST_TAG, "commit": COMMIT_TAG, "key": KEY_TAG}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedImage:
    """An image that a build made or found; what its tags say of it, "" where they don't."""

    build: str
    id: str
    name: str
    is_unchanged: bool
    template: str = ""
    digest: str = ""
    commit: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was shipped: images, groups as they are now, and how long it took.

    `counts` are the requests that load balancers sent the groups meanwhile; None where
    nobody can say: AWS tells them minutes later, in CloudWatch.
    """

    images: tuple[ShippedImage, ...]
    groups: tuple[Group, ...]
    took: timedelta
    counts: Counts | None = None


def makes_images(outcomes: Sequence[Outcome]) -> bool:
    """Say whether any build made or found images of a cloud."""
    return any("ami-" in artifact.id for outcome in outcomes for artifact in outcome.artifacts)


def shipped_images(session: Session, outcomes: Sequence[Outcome]) -> list[ShippedImage]:
    """Return the images of builds that ended well, in the session's region."""
    ids = {
        image: outcome
        for outcome in outcomes
        for artifact in outcome.artifacts
        for region, _, image in (part.partition(":") for part in artifact.id.split(","))
        if image.startswith("ami-") and region == session.region
    }
    if not ids:
        return []
    filters = [{"Name": "image-id", "Values": sorted(ids)}]
    found = session.pages("ec2", "DescribeImages", "Images", Filters=filters)
    return [_shipped(one, ids[one["ImageId"]]) for one in found]


def _shipped(image: Any, outcome: Outcome) -> ShippedImage:
    tags = tags_of(image)
    return ShippedImage(
        build=outcome.build,
        id=image["ImageId"],
        name=image.get("Name", ""),
        is_unchanged=outcome.is_unchanged,
        template=tags.get(TEMPLATE_TAG, ""),
        **{name: tags.get(tag, "") for name, tag in _TAGS.items()},
    )


@dataclass(frozen=True, slots=True)
class Moves:
    """Pins as they are to be, and those that stay though something else was shipped."""

    pins: Pins
    kept: tuple[str, ...] = ()


def move_pins(
    pins: Mapping[str, Pin],
    images: Sequence[ShippedImage],
    templates: Mapping[str, str],
    now: datetime,
) -> Moves:
    """Return pins moved to what was shipped from the same template.

    `templates` names the template of each pinned image.  A pin that a rollback has set away from
    this very image stays: shipping what is unchanged must not bring back what was rolled back.
    """
    newest = {image.template: image for image in images if image.template}
    moved, kept = dict(pins), list[str]()
    for address, pin in pins.items():
        image = newest.get(templates.get(pin.image, ""))
        if image is None or image.id == pin.image:
            continue
        if pin.instead_of == image.id:
            kept.append(address)
            continue
        moved[address] = Pin(image=image.id, name=image.name, since=now, why="shipped")
    return Moves(moved, tuple(kept))


def templates_of_images(session: Session, pins: Mapping[str, Pin]) -> dict[str, str]:
    """Return which template each pinned image was built from, as its tags say."""
    ids = sorted({pin.image for pin in pins.values()})
    if not ids:
        return {}
    filters = [{"Name": "image-id", "Values": ids}]
    found = session.pages("ec2", "DescribeImages", "Images", Filters=filters)
    return {
        one["ImageId"]: tag["Value"]
        for one in found
        for tag in one.get("Tags", ())
        if tag["Key"] == TEMPLATE_TAG
    }


def names_of_groups(state: State) -> list[str]:
    """Return the names of the groups that a state has."""
    return [
        str(instance.current.attributes["id"])
        for address, resource in state.resources.items()
        if address.resource.mode is Mode.MANAGED
        and address.resource.type == "aws_autoscaling_group"
        for instance in resource.instances.values()
        if instance.current is not None and isinstance(instance.current.attributes, dict)
    ]


def render_report(report: Report) -> str:
    """Return the report for people."""
    lines = [f"Shipped in {report.took.total_seconds():.1f} s."]
    for image in report.images:
        how = "unchanged" if image.is_unchanged else "baked"
        lines.append(f"  image    {image.id}  {image.name} ({how} by {image.build})")
        lines += [
            f"  {name:<8} {value}"
            for name, value in (("digest", image.digest), ("commit", image.commit))
            if value
        ]
    for group in report.groups:
        # Those that the roll has just ended are members until they are gone.
        versions = sorted({member.version for member in group.members if member.is_in_service})
        lines.append(
            f"  fleet    {group.name}: {group.in_service} of {group.desired} in service, "
            f"template version {', '.join(versions) or group.version}"
        )
    if report.counts is not None and report.counts.requests:
        failed = (
            f"{report.counts.failed:,} answered with 5xx" if report.counts.failed else "none failed"
        )
        lines.append(f"  requests {report.counts.requests:,} during the apply, {failed}")
    return "\n".join(lines) + "\n"


def counts_of(
    groups: Sequence[Group], before: Mapping[str, Counts], after: Mapping[str, Counts]
) -> Counts:
    """Return what the target groups of `groups` had between two looks at the balancer."""
    names = {
        target.target_group
        for group in groups
        for member in group.members
        for target in member.targets
    }
    nothing = Counts()
    since = (after.get(name, nothing).since(before.get(name, nothing)) for name in names)
    return sum(since, start=nothing)


def encode_report(report: Report) -> dict[str, object]:
    """Return the report as a record."""
    return {
        "images": [asdict(image) for image in report.images],
        "groups": [
            {
                "name": group.name,
                "desired": group.desired,
                "in_service": group.in_service,
                "instances": [
                    {
                        "id": member.id,
                        "image": None if member.image is None else member.image.id,
                        "version": member.version,
                        "in_service": member.is_in_service,
                    }
                    for member in group.members
                ],
            }
            for group in report.groups
        ],
        "requests": None if report.counts is None else asdict(report.counts),
        "seconds": round(report.took.total_seconds(), 1),
    }
