"""`aws_iam_role`: what an instance may do, once it has taken the role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import between, each, is_arn, length
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import (
    Resource,
    block_set,
    computed,
    either,
    optional,
    required,
)
from cotta.providers.aws.policies.equivalence import are_equivalent
from cotta.providers.aws.policies.forms import (
    is_policy,
    policy_text,
    sorted_form,
    version_first,
)
from cotta.providers.aws.resources.iam_endings import strip_role
from cotta.providers.aws.resources.iam_parts import (
    ask,
    date_text,
    end,
    name_checks,
    update_iam_tags,
)
from cotta.providers.aws.retrying import delete_when_free
from cotta.providers.aws.tags import TAGS, as_dict, as_list
from cotta.values.types import BOOL, NUMBER, STRING, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)

    def make() -> str:
        answer = on.call(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=wanted["assume_role_policy"],
            Path=wanted["path"],
            Description=wanted["description"] or None,
            MaxSessionDuration=wanted["max_session_duration"],
            PermissionsBoundary=wanted["permissions_boundary"] or None,
            Tags=as_list(wanted["tags_all"]) or None,
        )
        return str(answer["Role"]["RoleName"])

    def find() -> str | None:
        found = _get(on, name)
        same = (
            found is not None
            and found["Path"] == wanted["path"]
            and as_dict(found.get("Tags")) == (wanted["tags_all"] or {})
            and are_equivalent(
                policy_text(found["AssumeRolePolicyDocument"]), wanted["assume_role_policy"]
            )
        )
        return name if same else None

    return make_or_adopt(make, find)


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    _put_policies(on, id_, [], wanted["inline_policy"])
    for arn in wanted["managed_policy_arns"] or ():
        on.call("iam", "AttachRolePolicy", RoleName=id_, PolicyArn=arn)


def _get(on: Connection, name: str) -> Any:
    return (ask(on, "GetRole", RoleName=name) or {}).get("Role")


def _read(on: Connection, prior: Fields) -> Fields | None:
    role = _get(on, prior["id"])
    if role is None:
        return None
    name = role["RoleName"]
    return {
        "arn": role["Arn"],
        "assume_role_policy": sorted_form(policy_text(role["AssumeRolePolicyDocument"])),
        "create_date": date_text(role["CreateDate"]),
        "description": role.get("Description", ""),
        "inline_policy": _inline_policies(on, name),
        "managed_policy_arns": _managed_policies(on, name),
        "max_session_duration": role.get("MaxSessionDuration", 3600),
        "name": name,
        "name_prefix": prefix_of(name),
        "path": role["Path"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn", ""
        ),
        "unique_id": role["RoleId"],
        **on.tags.found(as_dict(role.get("Tags")), prior),
    }


def _inline_policies(on: Connection, role: str) -> list[Fields]:
    found = []
    for name in list(on.pages("iam", "ListRolePolicies", "PolicyNames", RoleName=role)):
        answer = ask(on, "GetRolePolicy", RoleName=role, PolicyName=name)
        if answer is not None:
            text = version_first(policy_text(answer["PolicyDocument"]))
            found.append({"name": name, "policy": text})
    return found


def _managed_policies(on: Connection, role: str) -> list[str]:
    pages = on.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=role)
    return sorted(one["PolicyArn"] for one in pages)


def _update_plain(on: Connection, prior: Fields, wanted: Fields) -> None:
    was, description = prior["description"] or "", wanted["description"] or ""
    duration = wanted["max_session_duration"]
    if (was, prior["max_session_duration"]) != (description, duration):
        # Both in one call: there are services that take what is left out for taken away.
        on.call(
            "iam",
            "UpdateRole",
            RoleName=prior["id"],
            Description=description,
            MaxSessionDuration=duration,
        )


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    name = prior["id"]
    if wanted["assume_role_policy"] != prior["assume_role_policy"]:
        on.call(
            "iam",
            "UpdateAssumeRolePolicy",
            RoleName=name,
            PolicyDocument=wanted["assume_role_policy"],
        )
    _update_plain(on, prior, wanted)
    _update_boundary(on, prior, wanted)
    _put_policies(on, name, prior["inline_policy"], wanted["inline_policy"])
    before, after = (
        set(prior["managed_policy_arns"] or ()),
        set(wanted["managed_policy_arns"] or ()),
    )
    for arn in sorted(before - after):
        end(on, "DetachRolePolicy", RoleName=name, PolicyArn=arn)
    for arn in sorted(after - before):
        on.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    update_iam_tags(on, "Role", prior, wanted)


def _update_boundary(on: Connection, prior: Fields, wanted: Fields) -> None:
    before, after = prior["permissions_boundary"] or "", wanted["permissions_boundary"] or ""
    if after and after != before:
        on.call(
            "iam",
            "PutRolePermissionsBoundary",
            RoleName=prior["id"],
            PermissionsBoundary=after,
        )
    elif before and not after:
        on.call("iam", "DeleteRolePermissionsBoundary", RoleName=prior["id"])


def _put_policies(on: Connection, role: str, before: Any, after: Any) -> None:
    """Have a role carry inline policies: what is new is put first, what is not wanted goes then."""
    had = {one["name"]: one["policy"] for one in before or () if one["name"]}
    wanted = {one["name"]: one["policy"] for one in after or () if one["name"]}
    for name, policy in wanted.items():
        if had.get(name) != policy:
            on.call(
                "iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=policy or ""
            )
    for name in had.keys() - wanted.keys():
        end(on, "DeleteRolePolicy", RoleName=role, PolicyName=name)


def _delete(on: Connection, prior: Fields) -> None:
    force = bool(prior["force_detach_policies"])
    strip_role(
        on,
        prior["id"],
        managed=force or bool(prior["managed_policy_arns"]),
        inline=force or bool(prior["inline_policy"]),
    )
    delete_when_free(on, "iam", "DeleteRole", "DeleteConflict", RoleName=prior["id"])


def _customise(draft: Draft) -> None:
    wanted = draft.planned["inline_policy"]
    # One empty block says that there shall be none, which is how there are none.
    if wanted == [{"name": None, "policy": None}] and not draft.prior.get("inline_policy"):
        draft.planned["inline_policy"] = []


RESOURCE: Final = Resource(
    name="aws_iam_role",
    fields={
        "arn": computed(STRING),
        "assume_role_policy": required(STRING, is_policy, form=sorted_form, same=are_equivalent),
        "create_date": computed(STRING),
        "description": optional(STRING, length(0, 1000)),
        "force_detach_policies": optional(BOOL, default=False),
        "id": either(STRING),
        "inline_policy": block_set(
            {
                "name": optional(STRING, *name_checks(128)),
                "policy": optional(STRING, is_policy, form=version_first, same=are_equivalent),
            },
            computed=True,
            instead="aws_iam_role_policy",
        ),
        "managed_policy_arns": either(
            SetType(STRING), each(is_arn), deprecated=True, instead="aws_iam_role_policy_attachment"
        ),
        "max_session_duration": optional(NUMBER, between(3600, 43200), default=3600),
        "name": either(STRING, *name_checks(64), replaces=True, conflicts_with=("name_prefix",)),
        "name_prefix": either(STRING, *name_checks(38), replaces=True),
        "path": optional(STRING, length(0, 512), replaces=True, default="/"),
        "permissions_boundary": optional(STRING, is_arn),
        "unique_id": computed(STRING),
        **TAGS,
    },
    create=_create,
    settle=_settle,
    read=_read,
    update=_update,
    delete=_delete,
    customise=_customise,
)
