"""The policies of a role: those written into it, and those attached to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.documents import check_policy, encode_document
from cotta.region.api.iam.names import answer_page, check_name, no_entity
from cotta.region.api.iam.roles import require_own_role, require_role
from cotta.region.store.kinds import POLICIES, ROLES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

# Those that AWS keeps for everybody: `arn:aws:iam::aws:policy/service-role/AWSLambdaRole`.
_MANAGED: Final = re.compile(r"arn:aws:iam::aws:policy/(?:[!-~]+/)?[\w+=,.@-]+", re.ASCII)
_LONGEST_NAME: Final = 128
_LONGEST_DOCUMENT: Final = 10240
_MOST_ATTACHED: Final = 20


def is_of_aws(arn: str) -> bool:
    """Say whether an ARN is one of the policies that AWS keeps for everybody."""
    return _MANAGED.fullmatch(arn) is not None


def put_role_policy(call: Call, rows: Writing) -> Answer:
    """Write a policy into a role, in the place of the one of that name."""
    given = call.parameters
    role = require_own_role(rows, given["RoleName"])
    name = check_name(given["PolicyName"], "policyName", _LONGEST_NAME)
    document = check_policy(given["PolicyDocument"], _LONGEST_DOCUMENT)
    rows.put(ROLES, replace(role, inline_policies={**role.inline_policies, name: document}))
    return {}


def get_role_policy(call: Call, rows: Reading) -> Answer:
    """Return a policy that was written into a role."""
    role = require_role(rows, call.parameters["RoleName"])
    name = call.parameters["PolicyName"]
    if name not in role.inline_policies:
        raise _no_inline(name)
    document = encode_document(role.inline_policies[name])
    return {"RoleName": role.name, "PolicyName": name, "PolicyDocument": document}


def list_role_policies(call: Call, rows: Reading) -> Answer:
    """List the names of the policies that were written into a role."""
    role = require_role(rows, call.parameters["RoleName"])
    return answer_page(
        call,
        "PolicyNames",
        role.inline_policies,
        key=lambda name: name,
        encode=lambda name: name,
    )


def delete_role_policy(call: Call, rows: Writing) -> Answer:
    """Take a policy out of a role."""
    role = require_own_role(rows, call.parameters["RoleName"])
    name = call.parameters["PolicyName"]
    if name not in role.inline_policies:
        raise _no_inline(name)
    kept = {key: document for key, document in role.inline_policies.items() if key != name}
    rows.put(ROLES, replace(role, inline_policies=kept))
    return {}


def attach_role_policy(call: Call, rows: Writing) -> Answer:
    """Attach a policy of the account's, or one of AWS's own, to a role."""
    role, arn = require_own_role(rows, call.parameters["RoleName"]), call.parameters["PolicyArn"]
    if not is_of_aws(arn) and rows.find(POLICIES, arn) is None:
        raise no_entity(f"Policy {arn} does not exist or is not attachable.")
    if arn in role.attached_policies:
        return {}
    if len(role.attached_policies) >= _MOST_ATTACHED:
        raise ApiError(
            "LimitExceeded",
            f"Cannot exceed quota for PoliciesPerRole: {_MOST_ATTACHED}",
            409,
        )
    rows.put(ROLES, replace(role, attached_policies=(*role.attached_policies, arn)))
    return {}


def detach_role_policy(call: Call, rows: Writing) -> Answer:
    """Detach a policy from a role."""
    role, arn = require_own_role(rows, call.parameters["RoleName"]), call.parameters["PolicyArn"]
    if arn not in role.attached_policies:
        raise no_entity(f"Policy {arn} was not found.")
    kept = tuple(one for one in role.attached_policies if one != arn)
    rows.put(ROLES, replace(role, attached_policies=kept))
    return {}


def list_attached(call: Call, rows: Reading) -> Answer:
    """List the policies that are attached to a role."""
    role = require_role(rows, call.parameters["RoleName"])
    prefix = call.parameters.get("PathPrefix") or "/"
    arns = [arn for arn in role.attached_policies if _path(arn).startswith(prefix)]
    return answer_page(
        call,
        "AttachedPolicies",
        arns,
        key=lambda arn: arn,
        encode=lambda arn: {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn},
    )


def _path(arn: str) -> str:
    """Return the path of a policy: `/` or `/service-role/`."""
    return arn[arn.index(":policy/") + len(":policy") :].rpartition("/")[0] + "/"


def _no_inline(name: str) -> ApiError:
    return no_entity(f"The role policy with name {name} cannot be found.")


OPERATIONS: Final[Operations] = {
    "AttachRolePolicy": Writes(attach_role_policy),
    "DeleteRolePolicy": Writes(delete_role_policy),
    "DetachRolePolicy": Writes(detach_role_policy),
    "GetRolePolicy": Reads(get_role_policy),
    "ListAttachedRolePolicies": Reads(list_attached),
    "ListRolePolicies": Reads(list_role_policies),
    "PutRolePolicy": Writes(put_role_policy),
}
