"""The account itself, its one user, and the roles that services have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.iam.names import arn_of, new_unique_id, no_entity, with_tags
from cotta.region.api.iam.roles import SERVICE_PATH, encode_role, require_role
from cotta.region.model import Role
from cotta.region.store.kinds import ACCOUNTS, ROLES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

# The services whose role does not follow from their name.
_ROLE_NAMES: Final[Mapping[str, str]] = {
    "autoscaling.amazonaws.com": "AutoScaling",
    "ecs.amazonaws.com": "ECS",
    "eks.amazonaws.com": "AmazonEKS",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "rds.amazonaws.com": "RDS",
    "spot.amazonaws.com": "EC2Spot",
    "spotfleet.amazonaws.com": "EC2SpotFleet",
    "ssm.amazonaws.com": "AmazonSSM",
}


def get_user(call: Call, rows: Reading) -> Answer:
    """Return the account's root, the only user there is."""
    name = call.parameters.get("UserName")
    if name is not None:
        raise no_entity(f"The user with name {name} cannot be found.")
    root = f"arn:aws:iam::{call.account.id}:root"
    if call.caller.arn != root:
        raise ApiError(
            "ValidationError", "Must specify userName when calling with non-User credentials"
        )
    (account,) = rows.all(ACCOUNTS)
    return {
        "User": {
            "Path": "/",
            "UserName": "root",
            "UserId": account.id,
            "Arn": root,
            "CreateDate": account.created_at,
        }
    }


def list_aliases(_call: Call, _rows: Reading) -> Answer:
    """List the account's aliases: it has none."""
    return {"AccountAliases": [], "IsTruncated": False}


def create_service_role(call: Call, rows: Writing) -> Answer:
    """Make the role by which a service acts."""
    given = call.parameters
    service, suffix = given["AWSServiceName"], given.get("CustomSuffix")
    if not service.endswith(".amazonaws.com"):
        raise ApiError("InvalidInput", f"{service} is not the name of a service.")
    kind = _ROLE_NAMES.get(service) or service.partition(".")[0].title().replace("-", "")
    name = f"AWSServiceRoleFor{kind}{f'_{suffix}' if suffix else ''}"
    if rows.find(ROLES, name) is not None:
        raise ApiError(
            "InvalidInput",
            f"Service role name {name} has been taken in this account, please try a different "
            "suffix.",
        )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    path = f"{SERVICE_PATH}{service}/"
    role = Role(
        name=name,
        id=new_unique_id("AROA", call.ids),
        arn=arn_of(call, "role", path, name),
        created_at=call.now,
        trust_policy=json.dumps(trust),
        path=path,
        description=given.get("Description"),
        tags=with_tags({}, given.get("Tags")),
    )
    rows.add(ROLES, role)
    return {"Role": encode_role(role)}


def delete_service_role(call: Call, rows: Writing) -> Answer:
    """Delete the role of a service; that is done at once."""
    role = require_role(rows, call.parameters["RoleName"])
    if not role.path.startswith(SERVICE_PATH):
        raise no_entity(f"The service role {role.name} cannot be found.")
    rows.remove(ROLES, role.name)
    return {"DeletionTaskId": f"task{role.path}{role.name}/{call.ids.uuid()}"}


def deletion_status(_call: Call, _rows: Reading) -> Answer:
    """Say how far the deletion of a service's role is: done."""
    return {"Status": "SUCCEEDED"}


OPERATIONS: Final[Operations] = {
    "CreateServiceLinkedRole": Writes(create_service_role),
    "DeleteServiceLinkedRole": Writes(delete_service_role),
    "GetServiceLinkedRoleDeletionStatus": Reads(deletion_status),
    "GetUser": Reads(get_user),
    "ListAccountAliases": Reads(list_aliases),
}
