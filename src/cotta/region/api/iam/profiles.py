"""Instance profiles: what hands a role to instances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.names import (
    answer_page,
    arn_of,
    check_name,
    check_path,
    encode_tags,
    exists_already,
    in_use,
    is_below,
    new_unique_id,
    no_entity,
    with_tags,
    without_tags,
)
from cotta.region.api.iam.roles import encode_member, require_role
from cotta.region.model import InstanceProfile
from cotta.region.store.kinds import INSTANCE_PROFILES, ROLES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

_LONGEST_NAME: Final = 128


def create_profile(call: Call, rows: Writing) -> Answer:
    """Make an instance profile."""
    given = call.parameters
    name = check_name(given["InstanceProfileName"], "instanceProfileName", _LONGEST_NAME)
    path = check_path(given.get("Path"))
    if rows.find(INSTANCE_PROFILES, name) is not None:
        raise exists_already(f"Instance Profile {name} already exists.")
    profile = InstanceProfile(
        name=name,
        id=new_unique_id("AIPA", call.ids),
        arn=arn_of(call, "instance-profile", path, name),
        created_at=call.now,
        path=path,
        tags=with_tags({}, given.get("Tags")),
    )
    rows.add(INSTANCE_PROFILES, profile)
    return {"InstanceProfile": _encode(profile, rows)}


def get_profile(call: Call, rows: Reading) -> Answer:
    """Return an instance profile."""
    return {"InstanceProfile": _encode(_require(call, rows), rows)}


def list_profiles(call: Call, rows: Reading) -> Answer:
    """List instance profiles below a path."""
    profiles = rows.all(INSTANCE_PROFILES)
    return _list(call, rows, [profile for profile in profiles if is_below(profile.path, call)])


def list_profiles_for_role(call: Call, rows: Reading) -> Answer:
    """List the instance profiles that a role is in."""
    role = require_role(rows, call.parameters["RoleName"])
    profiles = rows.all(INSTANCE_PROFILES)
    return _list(call, rows, [profile for profile in profiles if role.name in profile.roles])


def delete_profile(call: Call, rows: Writing) -> Answer:
    """Delete an instance profile that has no role."""
    profile = _require(call, rows)
    if profile.roles:
        raise in_use("Cannot delete entity, must remove roles from instance profile first.")
    rows.remove(INSTANCE_PROFILES, profile.name)
    return {}


def add_role(call: Call, rows: Writing) -> Answer:
    """Put a role into an instance profile, which has room for one."""
    profile = _require(call, rows)
    role = require_role(rows, call.parameters["RoleName"])
    if profile.roles:
        raise ApiError(
            "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409
        )
    rows.put(INSTANCE_PROFILES, replace(profile, roles=(role.name,)))
    return {}


def remove_role(call: Call, rows: Writing) -> Answer:
    """Take a role out of an instance profile."""
    profile, name = _require(call, rows), call.parameters["RoleName"]
    if name not in profile.roles:
        raise no_entity(f"The role with name {name} cannot be found.")
    kept = tuple(role for role in profile.roles if role != name)
    rows.put(INSTANCE_PROFILES, replace(profile, roles=kept))
    return {}


def tag_profile(call: Call, rows: Writing) -> Answer:
    """Add tags to an instance profile."""
    profile = _require(call, rows)
    tags = with_tags(profile.tags, call.parameters["Tags"])
    rows.put(INSTANCE_PROFILES, replace(profile, tags=tags))
    return {}


def untag_profile(call: Call, rows: Writing) -> Answer:
    """Take tags from an instance profile."""
    profile = _require(call, rows)
    tags = without_tags(profile.tags, call.parameters["TagKeys"])
    rows.put(INSTANCE_PROFILES, replace(profile, tags=tags))
    return {}


def list_profile_tags(call: Call, rows: Reading) -> Answer:
    """List an instance profile's tags."""
    return answer_page(
        call,
        "Tags",
        encode_tags(_require(call, rows).tags),
        key=lambda tag: tag["Key"],
        encode=lambda tag: tag,
    )


def _require(call: Call, rows: Reading) -> InstanceProfile:
    name = call.parameters["InstanceProfileName"]
    profile = rows.find(INSTANCE_PROFILES, name)
    if profile is None:
        raise no_entity(f"Instance Profile {name} cannot be found.")
    return profile


def _list(call: Call, rows: Reading, profiles: Iterable[InstanceProfile]) -> Answer:
    return answer_page(
        call,
        "InstanceProfiles",
        profiles,
        key=INSTANCE_PROFILES.key,
        encode=lambda profile: _encode(profile, rows),
    )


def _encode(profile: InstanceProfile, rows: Reading) -> dict[str, Any]:
    roles = [rows.find(ROLES, name) for name in profile.roles]
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": profile.created_at,
        "Roles": [encode_member(role) for role in roles if role is not None],
        "Tags": encode_tags(profile.tags) or None,
    }


OPERATIONS: Final[Operations] = {
    "AddRoleToInstanceProfile": Writes(add_role),
    "CreateInstanceProfile": Writes(create_profile),
    "DeleteInstanceProfile": Writes(delete_profile),
    "GetInstanceProfile": Reads(get_profile),
    "ListInstanceProfileTags": Reads(list_profile_tags),
    "ListInstanceProfiles": Reads(list_profiles),
    "ListInstanceProfilesForRole": Reads(list_profiles_for_role),
    "RemoveRoleFromInstanceProfile": Writes(remove_role),
    "TagInstanceProfile": Writes(tag_profile),
    "UntagInstanceProfile": Writes(untag_profile),
}
