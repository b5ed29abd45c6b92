"""The images of an account, as a cloud has them: what they came from, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.groups import template_of
from cotta.clouds.tags import (
    BASE_TAG,
    COMMIT_TAG,
    DIGEST_TAG,
    KEY_TAG,
    TEMPLATE_TAG,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.clouds.session import Session


class UnknownImageError(Exception):
    """No image of the account is called so; the text says what was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Who uses an image: running instances, versions of launch templates, and groups of these."""

    instances: tuple[str, ...] = ()
    template_versions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nobody uses it."""
        return not (self.instances or self.template_versions or self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueImage:
    """An image; what no tag tells is ""."""

    id: str
    name: str
    state: str
    created: datetime
    description: str = ""
    digest: str = ""
    key: str = ""
    commit: str = ""
    base: str = ""
    template: str = ""
    snapshots: tuple[str, ...] = ()
    deprecated_at: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    use: Use = field(default_factory=Use)


def list_images(session: Session, names: Iterable[str] = ()) -> list[CatalogueImage]:
    """Return the account's own images, newest first; of these names or ids, if there are any.

    Raises `UnknownImageError`, and `CloudError`.
    """
    wanted = list(names)
    found = [
        one
        for one in session.pages("ec2", "DescribeImages", "Images", Owners=["self"])
        if not wanted or one["ImageId"] in wanted or one.get("Name") in wanted
    ]
    known = {text for one in found for text in (one["ImageId"], one.get("Name"))}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise UnknownImageError(", ".join(missing))
    uses = _uses(session)
    images = [_decode(one, uses.get(one["ImageId"], Use())) for one in found]
    return sorted(images, key=lambda one: (one.created, one.id), reverse=True)


def find_image(session: Session, name: str) -> CatalogueImage:
    """Return the account's image of an id, or the newest of a name or a digest's beginning."""
    try:
        return list_images(session, [name])[0]
    except UnknownImageError:
        if len(name) < _SHORTEST_DIGEST:
            raise
    for image in list_images(session):
        if image.digest.startswith(name):
            return image
    raise UnknownImageError(name)


_SHORTEST_DIGEST: Final = 8


def _decode(image: Mapping[str, Any], use: Use) -> CatalogueImage:
    tags = tags_of(image)
    created = datetime.fromisoformat(image["CreationDate"])
    return CatalogueImage(
        id=image["ImageId"],
        name=image.get("Name", ""),
        state=image["State"],
        created=created,
        description=image.get("Description", ""),
        digest=tags.get(DIGEST_TAG, ""),
        key=tags.get(KEY_TAG, ""),
        commit=tags.get(COMMIT_TAG, ""),
        base=tags.get(BASE_TAG, ""),
        template=tags.get(TEMPLATE_TAG, ""),
        snapshots=tuple(
            str(one["Ebs"]["SnapshotId"])
            for one in image.get("BlockDeviceMappings", [])
            if one.get("Ebs", {}).get("SnapshotId")
        ),
        deprecated_at=image.get("DeprecationTime", ""),
        tags=tags,
        use=use,
    )


def _uses(session: Session) -> dict[str, Use]:
    """Return who uses which image: four questions, however many images there are."""
    instances: dict[str, list[str]] = {}
    for reservation in session.pages("ec2", "DescribeInstances", "Reservations"):
        for one in reservation["Instances"]:
            if one["State"]["Name"] != "terminated":
                instances.setdefault(one["ImageId"], []).append(one["InstanceId"])
    versions: dict[str, list[str]] = {}
    image_of: dict[tuple[str, str], str] = {}
    latest: dict[str, dict[str, str]] = {}
    for template in session.pages("ec2", "DescribeLaunchTemplates", "LaunchTemplates"):
        identity = template["LaunchTemplateId"]
        latest[identity] = {
            "$Latest": str(template["LatestVersionNumber"]),
            "$Default": str(template["DefaultVersionNumber"]),
        }
        for one in session.pages(
            "ec2",
            "DescribeLaunchTemplateVersions",
            "LaunchTemplateVersions",
            LaunchTemplateId=identity,
        ):
            image = one["LaunchTemplateData"].get("ImageId")
            if image is not None:
                name = f"{one['LaunchTemplateName']} v{one['VersionNumber']}"
                versions.setdefault(image, []).append(name)
                image_of[identity, str(one["VersionNumber"])] = image
    groups: dict[str, list[str]] = {}
    for group in session.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"):
        chosen = template_of(group)
        if not chosen:
            continue
        identity = chosen["LaunchTemplateId"]
        version = latest.get(identity, {}).get(chosen["Version"], chosen["Version"])
        image = image_of.get((identity, version))
        if image is not None:
            groups.setdefault(image, []).append(group["AutoScalingGroupName"])
    return {
        image: Use(
            instances=tuple(instances.get(image, ())),
            template_versions=tuple(versions.get(image, ())),
            groups=tuple(groups.get(image, ())),
        )
        for image in instances.keys() | versions.keys() | groups.keys()
    }
