"""Policies of the account's own, and their versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.documents import check_policy, encode_document
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
from cotta.region.api.iam.role_policies import is_of_aws
from cotta.region.model import Policy, PolicyVersion
from cotta.region.store.kinds import POLICIES, ROLES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Role
    from cotta.region.store.store import Reading, Writing

_LONGEST_NAME: Final = 128
_LONGEST_DOCUMENT: Final = 6144
_MOST_VERSIONS: Final = 5


def create_policy(call: Call, rows: Writing) -> Answer:
    """Make a policy, with its first version."""
    given = call.parameters
    name = check_name(given["PolicyName"], "policyName", _LONGEST_NAME)
    path = check_path(given.get("Path"))
    arn = arn_of(call, "policy", path, name)
    if any(policy.name == name for policy in rows.all(POLICIES)):
        raise exists_already(
            f"A policy called {name} already exists. Duplicate names are not allowed."
        )
    document = check_policy(given["PolicyDocument"], _LONGEST_DOCUMENT)
    policy = Policy(
        name=name,
        id=new_unique_id("ANPA", call.ids),
        arn=arn,
        created_at=call.now,
        updated_at=call.now,
        versions=(PolicyVersion(id="v1", document=document, created_at=call.now),),
        path=path,
        description=given.get("Description"),
        tags=with_tags({}, given.get("Tags")),
    )
    rows.add(POLICIES, policy)
    return {"Policy": _encode(policy, rows, with_tags_too=True)}


def get_policy(call: Call, rows: Reading) -> Answer:
    """Return a policy."""
    policy = _require(rows, call.parameters["PolicyArn"])
    return {"Policy": _encode(policy, rows, with_tags_too=True)}


def list_policies(call: Call, rows: Reading) -> Answer:
    """List the account's policies; AWS's own are not kept here."""
    given = call.parameters
    found = [
        policy
        for policy in rows.all(POLICIES)
        if is_below(policy.path, call)
        and (not given.get("OnlyAttached") or _roles_with(rows, policy.arn))
    ]
    return answer_page(
        call,
        "Policies",
        found if given.get("Scope") != "AWS" else [],
        key=POLICIES.key,
        encode=lambda policy: _encode(policy, rows),
    )


def delete_policy(call: Call, rows: Writing) -> Answer:
    """Delete a policy that is attached to nobody and has only its default version."""
    policy = _require(rows, call.parameters["PolicyArn"])
    if _roles_with(rows, policy.arn):
        raise in_use("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise in_use(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    rows.remove(POLICIES, policy.arn)
    return {}


# --- versions -------------------------------------------------------------------------


def create_version(call: Call, rows: Writing) -> Answer:
    """Add a version to a policy."""
    given = call.parameters
    policy = _require(rows, given["PolicyArn"])
    if len(policy.versions) >= _MOST_VERSIONS:
        raise ApiError(
            "LimitExceeded",
            f"A managed policy can have up to {_MOST_VERSIONS} versions. Before you create a new "
            "version, you must delete an existing version.",
            409,
        )
    number = policy.last_number + 1
    version = PolicyVersion(
        id=f"v{number}",
        document=check_policy(given["PolicyDocument"], _LONGEST_DOCUMENT),
        created_at=call.now,
    )
    policy = replace(
        policy,
        versions=(*policy.versions, version),
        last_number=number,
        updated_at=call.now,
        default_version=version.id if given.get("SetAsDefault") else policy.default_version,
    )
    rows.put(POLICIES, policy)
    return {"PolicyVersion": _encode_version(policy, version)}


def get_version(call: Call, rows: Reading) -> Answer:
    """Return a version of a policy, with its document."""
    policy = _require(rows, call.parameters["PolicyArn"])
    version = _require_version(policy, call.parameters["VersionId"])
    document = encode_document(version.document)
    return {"PolicyVersion": {**_encode_version(policy, version), "Document": document}}


def list_versions(call: Call, rows: Reading) -> Answer:
    """List the versions of a policy."""
    policy = _require(rows, call.parameters["PolicyArn"])
    return answer_page(
        call,
        "Versions",
        policy.versions,
        key=lambda version: f"{_number(version.id):06}",
        encode=lambda version: _encode_version(policy, version),
    )


def set_default_version(call: Call, rows: Writing) -> Answer:
    """Have another version of a policy count."""
    policy = _require(rows, call.parameters["PolicyArn"])
    version = _require_version(policy, call.parameters["VersionId"])
    rows.put(POLICIES, replace(policy, default_version=version.id, updated_at=call.now))
    return {}


def delete_version(call: Call, rows: Writing) -> Answer:
    """Delete a version of a policy that is not the default one."""
    policy = _require(rows, call.parameters["PolicyArn"])
    version = _require_version(policy, call.parameters["VersionId"])
    if version.id == policy.default_version:
        raise in_use("Cannot delete the default version of a policy.")
    kept = tuple(one for one in policy.versions if one.id != version.id)
    rows.put(POLICIES, replace(policy, versions=kept, updated_at=call.now))
    return {}


# --- tags, and who has it ---------------------------------------------------------------


def tag_policy(call: Call, rows: Writing) -> Answer:
    """Add tags to a policy."""
    policy = _require(rows, call.parameters["PolicyArn"])
    rows.put(POLICIES, replace(policy, tags=with_tags(policy.tags, call.parameters["Tags"])))
    return {}


def untag_policy(call: Call, rows: Writing) -> Answer:
    """Take tags from a policy."""
    policy = _require(rows, call.parameters["PolicyArn"])
    tags = without_tags(policy.tags, call.parameters["TagKeys"])
    rows.put(POLICIES, replace(policy, tags=tags))
    return {}


def list_policy_tags(call: Call, rows: Reading) -> Answer:
    """List a policy's tags."""
    policy = _require(rows, call.parameters["PolicyArn"])
    return answer_page(
        call,
        "Tags",
        encode_tags(policy.tags),
        key=lambda tag: tag["Key"],
        encode=lambda tag: tag,
    )


def list_entities(call: Call, rows: Reading) -> Answer:
    """List the roles that a policy is attached to; there are neither users nor groups."""
    arn = call.parameters["PolicyArn"]
    if not is_of_aws(arn):
        _require(rows, arn)
    wanted = call.parameters.get("EntityFilter", "Role") == "Role"
    answer = answer_page(
        call,
        "PolicyRoles",
        _roles_with(rows, arn) if wanted else [],
        key=ROLES.key,
        encode=lambda role: {"RoleName": role.name, "RoleId": role.id},
    )
    return {**answer, "PolicyUsers": [], "PolicyGroups": []}


def _require(rows: Reading, arn: str) -> Policy:
    policy = rows.find(POLICIES, arn)
    if policy is not None:
        return policy
    if is_of_aws(arn):
        raise no_entity(
            f"Policy {arn} is AWS's own: it can be attached here, but what it says is not kept."
        )
    raise no_entity(f"Policy {arn} was not found.")


def _require_version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise no_entity(
        f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
    )


def _roles_with(rows: Reading, arn: str) -> list[Role]:
    return [role for role in rows.all(ROLES) if arn in role.attached_policies]


def _number(version_id: str) -> int:
    return int(version_id.removeprefix("v"))


def _encode(policy: Policy, rows: Reading, *, with_tags_too: bool = False) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": len(_roles_with(rows, policy.arn)),
        "PermissionsBoundaryUsageCount": sum(
            role.permissions_boundary == policy.arn for role in rows.all(ROLES)
        ),
        "IsAttachable": True,
        "Description": policy.description,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "Tags": encode_tags(policy.tags) if with_tags_too else None,
    }


def _encode_version(policy: Policy, version: PolicyVersion) -> dict[str, Any]:
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version,
        "CreateDate": version.created_at,
    }


OPERATIONS: Final[Operations] = {
    "CreatePolicy": Writes(create_policy),
    "CreatePolicyVersion": Writes(create_version),
    "DeletePolicy": Writes(delete_policy),
    "DeletePolicyVersion": Writes(delete_version),
    "GetPolicy": Reads(get_policy),
    "GetPolicyVersion": Reads(get_version),
    "ListEntitiesForPolicy": Reads(list_entities),
    "ListPolicies": Reads(list_policies),
    "ListPolicyTags": Reads(list_policy_tags),
    "ListPolicyVersions": Reads(list_versions),
    "SetDefaultPolicyVersion": Writes(set_default_version),
    "TagPolicy": Writes(tag_policy),
    "UntagPolicy": Writes(untag_policy),
}
