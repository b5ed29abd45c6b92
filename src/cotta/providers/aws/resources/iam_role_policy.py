"""`aws_iam_role_policy`: a policy that belongs to one role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource, either, required
from cotta.providers.aws.policies.equivalence import are_equivalent
from cotta.providers.aws.policies.forms import is_policy, policy_text, version_first
from cotta.providers.aws.resources.iam_parts import ask, name_checks
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _put(on: Connection, role: str, name: str, policy: str) -> None:
    on.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=policy)


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)
    # Whether it is made or made again is the same to IAM, so a repetition does no harm.
    _put(on, wanted["role"], name, wanted["policy"])
    return f"{wanted['role']}:{name}"


def _read(on: Connection, prior: Fields) -> Fields | None:
    role, _, name = prior["id"].partition(":")
    found = ask(on, "GetRolePolicy", RoleName=role, PolicyName=name)
    if found is None:
        return None
    return {
        "name": name,
        "name_prefix": prefix_of(name),
        "policy": version_first(policy_text(found["PolicyDocument"])),
        "role": role,
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    role, _, name = prior["id"].partition(":")
    _put(on, role, name, wanted["policy"])


def _delete(on: Connection, prior: Fields) -> None:
    role, _, name = prior["id"].partition(":")
    on.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


def _find(id_: str) -> Fields:
    role, _, name = id_.partition(":")
    if not role or not name:
        raise ValueError(f'The id of an aws_iam_role_policy is "role:policy", and this is "{id_}".')
    return {"id": id_}


def _is_name(text: str) -> str | None:
    if text.startswith("arn:"):
        return f'needs the name of a role, and this is an ARN: "{text}"'
    return None


RESOURCE: Final = Resource(
    name="aws_iam_role_policy",
    fields={
        "id": either(STRING),
        "name": either(STRING, *name_checks(128), replaces=True, conflicts_with=("name_prefix",)),
        "name_prefix": either(STRING, *name_checks(102), replaces=True),
        "policy": required(STRING, is_policy, form=version_first, same=are_equivalent),
        "role": required(STRING, _is_name, replaces=True),
    },
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    find=_find,
)
