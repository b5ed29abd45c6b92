"""Taking away what a build has made, whether it is known by its id or only by its name.

Each kind of thing has one function, used at the end of a build and by `-reap`.  They may be
called again, and for what was never made: what is not there is gone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import filters, refused
from cotta.clouds.errors import CloudError
from cotta.clouds.tags import RUN_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.journal import Made
    from cotta.builder.sources.amazon.cloud import Cloud

_ENDING: Final = timedelta(minutes=10)


def remove(cloud: Cloud, made: Made, run_tag: str, *, is_held: bool = False) -> None:
    """Take away what was made; returns when it is gone.  Raises `BuildError`.

    `is_held`: a machine of the build is there and stays, so nothing is gained by waiting for its
    end.
    """
    try:
        cloud.until_answered(lambda: _remove(cloud, made, run_tag, is_held=is_held))
    except CloudError as error:
        raise refused(error) from error


def _remove(cloud: Cloud, made: Made, run_tag: str, *, is_held: bool) -> None:
    if made.kind == "security-group":
        _remove_security_group(cloud, made, run_tag, is_held=is_held)
    else:
        _REMOVERS[made.kind](cloud, made, run_tag)


def is_removable(kind: str) -> bool:
    """Say whether things of a kind can be taken away."""
    return kind in _REMOVERS


def holds_others(made: Made) -> bool:
    """Say whether other things can't be taken away while this is there."""
    return made.kind in ("instance", "fleet")


def _gone(cloud: Cloud, operation: str, **parameters: Any) -> bool:
    """Make a call that takes something away; say whether there was anything."""
    try:
        cloud.ask(operation, **parameters)
    except CloudError as error:
        if not error.is_missing:
            raise
        return False
    return True


# --- on the way -----------------------------------------------------------------------------


def _remove_key_pair(cloud: Cloud, made: Made, _: str) -> None:
    _gone(cloud, "DeleteKeyPair", region=made.region, KeyName=made.name)


def _remove_security_group(
    cloud: Cloud, made: Made, run_tag: str, *, is_held: bool = False
) -> None:
    ids = [made.id] if made.id else _tagged(cloud, made, run_tag, "security-group")
    for group in ids:

        def delete(group: str = group) -> bool:
            return _gone(cloud, "DeleteSecurityGroup", region=made.region, GroupId=group)

        # An interface of an instance that has just ended may still hold it.
        held = [] if is_held else ["DependencyViolation", "InvalidGroup.InUse"]
        cloud.persist(held, delete, f"the end of {group}")


def _remove_instances(cloud: Cloud, made: Made, run_tag: str) -> None:
    """End the instances of a build, and delete the volumes that they leave."""
    ids = set(_tagged(cloud, made, run_tag, "instance"))
    if made.id:
        ids.add(made.id)
    living = [one for one in sorted(ids) if _state(cloud, made.region, one) not in _ENDED]
    kept_devices = set(made.facts.get("kept_devices", "").split())
    kept = {
        volume for one in living for volume in _volumes_on(cloud, made.region, one, kept_devices)
    }
    if living:
        _gone(cloud, "TerminateInstances", region=made.region, InstanceIds=living)
    for one in living:

        def look(one: str = one) -> bool | None:
            return _state(cloud, made.region, one) in _ENDED or None

        cloud.wait(look, f"the end of the instance {one}", _ENDING)
    if kept_devices and not living:
        # Which of the volumes are those that are to stay can't be seen any more.
        return
    by_tag = _by_tag(run_tag)
    for volume in cloud.pages("DescribeVolumes", "Volumes", region=made.region, Filters=by_tag):
        if volume["State"] != "deleting" and volume["VolumeId"] not in kept:
            _delete_volume(cloud, made.region, volume["VolumeId"])


def _volumes_on(cloud: Cloud, region: str, instance: str, devices: set[str]) -> list[str]:
    if not devices:
        return []
    answer = cloud.ask("DescribeInstances", region=region, InstanceIds=[instance])
    return [
        str(device["Ebs"]["VolumeId"])
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
        for device in one.get("BlockDeviceMappings", [])
        if device["DeviceName"] in devices
    ]


def _delete_volume(cloud: Cloud, region: str, volume: str) -> None:
    def delete() -> bool:
        return _gone(cloud, "DeleteVolume", region=region, VolumeId=volume)

    cloud.persist(["VolumeInUse", "IncorrectState"], delete, f"the end of {volume}")


_ENDED: Final = frozenset({"terminated", ""})


def _state(cloud: Cloud, region: str, instance: str) -> str:
    """Return the state of an instance; "" if there is none."""
    try:
        answer = cloud.ask("DescribeInstances", region=region, InstanceIds=[instance])
    except CloudError as error:
        if error.is_missing:
            return ""
        raise
    states = [
        str(one["State"]["Name"])
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
    ]
    return states[0] if states else ""


def _remove_fleet(cloud: Cloud, made: Made, run_tag: str) -> None:
    if made.id:
        fleets = [made.id]
        _gone(cloud, "DeleteFleets", region=made.region, FleetIds=fleets, TerminateInstances=True)
    _remove_instances(cloud, made, run_tag)


def _remove_launch_template(cloud: Cloud, made: Made, _: str) -> None:
    _gone(cloud, "DeleteLaunchTemplate", region=made.region, LaunchTemplateName=made.name)


# --- identities -----------------------------------------------------------------------------


def _remove_role(cloud: Cloud, made: Made, _: str) -> None:
    for policy in _listed(cloud, "ListRolePolicies", "PolicyNames", RoleName=made.name):
        _gone(cloud, "DeleteRolePolicy", service="iam", RoleName=made.name, PolicyName=policy)
    _gone(cloud, "DeleteRole", service="iam", RoleName=made.name)


def _remove_instance_profile(cloud: Cloud, made: Made, _: str) -> None:
    try:
        found = cloud.ask("GetInstanceProfile", service="iam", InstanceProfileName=made.name)
    except CloudError as error:
        if error.is_missing:
            return
        raise
    for role in found["InstanceProfile"]["Roles"]:
        _gone(
            cloud, "RemoveRoleFromInstanceProfile", service="iam",
            InstanceProfileName=made.name, RoleName=role["RoleName"],
        )  # fmt: skip
    _gone(cloud, "DeleteInstanceProfile", service="iam", InstanceProfileName=made.name)


def _listed(cloud: Cloud, operation: str, key: str, **parameters: Any) -> list[str]:
    try:
        return list(cloud.ask(operation, service="iam", **parameters)[key])
    except CloudError as error:
        if error.is_missing:
            return []
        raise


# --- images ---------------------------------------------------------------------------------


def _remove_images(cloud: Cloud, made: Made, run_tag: str) -> None:
    """Forget an image, pending ones too, and delete its snapshots."""
    ids = [made.id] if made.id else []
    if not ids:
        # Tagged by the very call that made it.
        ids = [
            str(one["ImageId"])
            for one in cloud.pages(
                "DescribeImages",
                "Images",
                region=made.region,
                Owners=["self"],
                Filters=[*_by_tag(run_tag), *filters({"name": [made.name]})],
            )
        ]
    for image in ids:
        remove_image(cloud, made.region, image)
    for snapshot in _tagged_snapshots(cloud, made, run_tag):
        delete_snapshot(cloud, made.region, snapshot)


def _tagged_snapshots(cloud: Cloud, made: Made, run_tag: str) -> list[str]:
    """Return snapshots of an image that no image has any more, or had yet."""
    if made.facts.get("has_snapshots") == "no":
        return []
    found = cloud.pages(
        "DescribeSnapshots",
        "Snapshots",
        region=made.region,
        OwnerIds=["self"],
        Filters=_by_tag(run_tag),
    )
    held = {
        snapshot
        for image in cloud.pages("DescribeImages", "Images", region=made.region, Owners=["self"])
        for snapshot in snapshots_of(image)
    }
    return [str(one["SnapshotId"]) for one in found if one["SnapshotId"] not in held]


def remove_image(cloud: Cloud, region: str, image: str, *, keeps_snapshots: bool = False) -> None:
    """Deregister an image; its snapshots go too unless they are to be kept."""
    try:
        found = cloud.ask("DescribeImages", region=region, ImageIds=[image])["Images"]
    except CloudError as error:
        if not error.is_missing:
            raise
        found = []
    if not found:
        return
    _gone(cloud, "DeregisterImage", region=region, ImageId=image)
    if not keeps_snapshots:
        for snapshot in snapshots_of(found[0]):
            delete_snapshot(cloud, region, snapshot)


def snapshots_of(image: Mapping[str, Any]) -> list[str]:
    """Return the snapshots of an image, as it is described."""
    devices = [one.get("Ebs", {}) for one in image.get("BlockDeviceMappings", [])]
    return [str(one["SnapshotId"]) for one in devices if one.get("SnapshotId")]


def delete_snapshot(cloud: Cloud, region: str, snapshot: str) -> None:
    """Delete a snapshot; one that another image has stays."""
    try:
        _gone(cloud, "DeleteSnapshot", region=region, SnapshotId=snapshot)
    except CloudError as error:
        if error.code != "InvalidSnapshot.InUse":
            raise


# --- by tags --------------------------------------------------------------------------------


def _by_tag(run_tag: str) -> list[dict[str, Any]]:
    return filters({f"tag:{RUN_TAG}": [run_tag]})


def _tagged(cloud: Cloud, made: Made, run_tag: str, kind: str) -> list[str]:
    """Return the ids of things of a build: what a call made whose answer was lost."""
    if kind == "instance":
        reservations = cloud.pages(
            "DescribeInstances", "Reservations", region=made.region, Filters=_by_tag(run_tag)
        )
        return [str(one["InstanceId"]) for each in reservations for one in each["Instances"]]
    groups = cloud.pages(
        "DescribeSecurityGroups",
        "SecurityGroups",
        region=made.region,
        Filters=filters({"group-name": [made.name]}),
    )
    return [str(one["GroupId"]) for one in groups]


_REMOVERS: Final[Mapping[str, Callable[[Cloud, Made, str], None]]] = {
    "fleet": _remove_fleet,
    "image": _remove_images,
    "instance": _remove_instances,
    "instance-profile": _remove_instance_profile,
    "key-pair": _remove_key_pair,
    "launch-template": _remove_launch_template,
    "role": _remove_role,
    "security-group": _remove_security_group,
}
NAMES: Final[Mapping[str, str]] = {
    "fleet": "spot fleet",
    "image": "image",
    "instance": "instance",
    "instance-profile": "instance profile",
    "key-pair": "key pair",
    "launch-template": "launch template",
    "role": "role",
    "security-group": "security group",
}


def describe(made: Made) -> str:
    """Return what something is, for a person: `the instance i-1 in us-east-1`."""
    known = made.id if made.id and made.id != made.name else ""
    name = f"{made.name} ({known})" if known and made.kind == "image" else known or made.name
    return f"the {NAMES.get(made.kind, made.kind)} {name} in {made.region}"


def require_known(made: Made) -> None:
    """Raise `BuildError` for a kind that this version does not know."""
    if not is_removable(made.kind):
        raise BuildError(f"{made.kind} {made.name} was made by another version of Cotta.")
