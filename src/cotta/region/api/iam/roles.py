"""Roles, with their tags and trust policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.documents import check_trust, encode_document
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
from cotta.region.model import Role
from cotta.region.store.kinds import INSTANCE_PROFILES, ROLES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

LONGEST_NAME: Final = 64
SERVICE_PATH: Final = "/aws-service-role/"
_USUAL_SESSION_SECONDS: Final = 3600


def require_role(rows: Reading, name: str) -> Role:
    """Return a role; `ApiError` if there is none of that name."""
    role = rows.find(ROLES, name)
    if role is None:
        raise no_entity(f"The role with name {name} cannot be found.")
    return role


def require_own_role(rows: Reading, name: str) -> Role:
    """Return a role that people may change; `ApiError` for one that belongs to a service."""
    role = require_role(rows, name)
    if role.path.startswith(SERVICE_PATH):
        raise ApiError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{name}' - this role is only "
            "modifiable by AWS",
        )
    return role


def create_role(call: Call, rows: Writing) -> Answer:
    """Make a role."""
    given = call.parameters
    name, path = (
        check_name(given["RoleName"], "roleName", LONGEST_NAME),
        check_path(given.get("Path")),
    )
    if rows.find(ROLES, name) is not None:
        raise exists_already(f"Role with name {name} already exists.")
    role = Role(
        name=name,
        id=new_unique_id("AROA", call.ids),
        arn=arn_of(call, "role", path, name),
        created_at=call.now,
        trust_policy=check_trust(given["AssumeRolePolicyDocument"]),
        path=path,
        description=given.get("Description"),
        max_session_seconds=given.get("MaxSessionDuration", _USUAL_SESSION_SECONDS),
        permissions_boundary=given.get("PermissionsBoundary"),
        tags=with_tags({}, given.get("Tags")),
    )
    rows.add(ROLES, role)
    return {"Role": encode_role(role)}


def get_role(call: Call, rows: Reading) -> Answer:
    """Return a role."""
    return {"Role": encode_role(require_role(rows, call.parameters["RoleName"]))}


def list_roles(call: Call, rows: Reading) -> Answer:
    """List roles below a path."""
    roles = [role for role in rows.all(ROLES) if is_below(role.path, call)]
    return answer_page(call, "Roles", roles, key=ROLES.key, encode=_encode_listed)


def update_role(call: Call, rows: Writing) -> Answer:
    """Change a role's description and how long its sessions may last."""
    given = call.parameters
    role = require_own_role(rows, given["RoleName"])
    seconds = given.get("MaxSessionDuration", role.max_session_seconds)
    description = given.get("Description", role.description)
    rows.put(ROLES, replace(role, description=description, max_session_seconds=seconds))
    return {}


def update_role_description(call: Call, rows: Writing) -> Answer:
    """Change a role's description."""
    role = require_own_role(rows, call.parameters["RoleName"])
    role = replace(role, description=call.parameters["Description"])
    rows.put(ROLES, role)
    return {"Role": encode_role(role)}


def update_trust(call: Call, rows: Writing) -> Answer:
    """Change who may take a role."""
    role = require_own_role(rows, call.parameters["RoleName"])
    trust = check_trust(call.parameters["PolicyDocument"])
    rows.put(ROLES, replace(role, trust_policy=trust))
    return {}


def put_boundary(call: Call, rows: Writing) -> Answer:
    """Set the boundary of a role's permissions."""
    role = require_own_role(rows, call.parameters["RoleName"])
    boundary = call.parameters["PermissionsBoundary"]
    rows.put(ROLES, replace(role, permissions_boundary=boundary))
    return {}


def delete_boundary(call: Call, rows: Writing) -> Answer:
    """Take the boundary of a role's permissions away."""
    role = require_own_role(rows, call.parameters["RoleName"])
    if role.permissions_boundary is None:
        raise no_entity(f"Role {role.name} does not have a permissions boundary.")
    rows.put(ROLES, replace(role, permissions_boundary=None))
    return {}


def delete_role(call: Call, rows: Writing) -> Answer:
    """Delete a role that has no policies and is in no instance profile."""
    role = require_own_role(rows, call.parameters["RoleName"])
    if role.attached_policies:
        raise in_use("Cannot delete entity, must detach all policies first.")
    if role.inline_policies:
        raise in_use("Cannot delete entity, must delete policies first.")
    if any(role.name in profile.roles for profile in rows.all(INSTANCE_PROFILES)):
        raise in_use("Cannot delete entity, must remove roles from instance profile first.")
    rows.remove(ROLES, role.name)
    return {}


def list_role_tags(call: Call, rows: Reading) -> Answer:
    """List a role's tags."""
    role = require_role(rows, call.parameters["RoleName"])
    return answer_page(
        call,
        "Tags",
        encode_tags(role.tags),
        key=lambda tag: tag["Key"],
        encode=lambda tag: tag,
    )


def tag_role(call: Call, rows: Writing) -> Answer:
    """Add tags to a role."""
    role = require_own_role(rows, call.parameters["RoleName"])
    rows.put(ROLES, replace(role, tags=with_tags(role.tags, call.parameters["Tags"])))
    return {}


def untag_role(call: Call, rows: Writing) -> Answer:
    """Take tags from a role."""
    role = require_own_role(rows, call.parameters["RoleName"])
    rows.put(ROLES, replace(role, tags=without_tags(role.tags, call.parameters["TagKeys"])))
    return {}


def encode_role(role: Role) -> dict[str, Any]:
    """Return a role as the API has it by itself."""
    boundary = role.permissions_boundary
    return {
        **_encode_listed(role),
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary,
        }
        if boundary is not None
        else None,
        "Tags": encode_tags(role.tags) or None,
        "RoleLastUsed": {},
    }


def _encode_listed(role: Role) -> dict[str, Any]:
    """Return a role as lists have it, and instance profiles."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": encode_document(role.trust_policy),
        "Description": role.description,
        "MaxSessionDuration": role.max_session_seconds,
    }


def encode_member(role: Role) -> dict[str, Any]:
    """Return a role as an instance profile has it."""
    shown = _encode_listed(role)
    del shown["MaxSessionDuration"]
    return shown


OPERATIONS: Final[Operations] = {
    "CreateRole": Writes(create_role),
    "DeleteRole": Writes(delete_role),
    "DeleteRolePermissionsBoundary": Writes(delete_boundary),
    "GetRole": Reads(get_role),
    "ListRoleTags": Reads(list_role_tags),
    "ListRoles": Reads(list_roles),
    "PutRolePermissionsBoundary": Writes(put_boundary),
    "TagRole": Writes(tag_role),
    "UntagRole": Writes(untag_role),
    "UpdateAssumeRolePolicy": Writes(update_trust),
    "UpdateRole": Writes(update_role),
    "UpdateRoleDescription": Writes(update_role_description),
}
