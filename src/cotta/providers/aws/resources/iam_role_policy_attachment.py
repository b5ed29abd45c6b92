"""`aws_iam_role_policy_attachment`: a managed policy counts for a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.checks import is_arn
from cotta.providers.aws.declare import Resource, either, required
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _create(on: Connection, wanted: Fields) -> str:
    role = wanted["role"]
    # Attached twice is attached, so a repetition does no harm.
    on.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=wanted["policy_arn"])
    return on.unique_name(f"{role}-")


def _read(on: Connection, prior: Fields) -> Fields | None:
    try:
        pages = on.pages(
            "iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=prior["role"]
        )
        attached = [one["PolicyArn"] for one in pages]
    except CloudError as error:
        if not error.is_missing:
            raise
        return None
    return {} if prior["policy_arn"] in attached else None


def _delete(on: Connection, prior: Fields) -> None:
    on.call("iam", "DetachRolePolicy", RoleName=prior["role"], PolicyArn=prior["policy_arn"])


def _find(id_: str) -> Fields:
    role, _, arn = id_.partition("/")
    if not role or not arn.startswith("arn:"):
        raise ValueError(
            'The id of an aws_iam_role_policy_attachment is "role/policy-arn", and this is '
            f'"{id_}".'
        )
    return {"id": f"{role}-{arn}", "policy_arn": arn, "role": role}


RESOURCE: Final = Resource(
    name="aws_iam_role_policy_attachment",
    fields={
        "id": either(STRING),
        "policy_arn": required(STRING, is_arn, replaces=True),
        "role": required(STRING, replaces=True),
    },
    create=_create,
    read=_read,
    delete=_delete,
    find=_find,
)
