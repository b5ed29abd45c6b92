"""`aws_iam_instance_profile`: what gives a role to instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource, computed, either, optional
from cotta.providers.aws.resources.iam_parts import (
    ask,
    date_text,
    end,
    name_checks,
    update_iam_tags,
)
from cotta.providers.aws.tags import TAGS, as_dict, as_list
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)

    def make() -> str:
        on.call(
            "iam",
            "CreateInstanceProfile",
            InstanceProfileName=name,
            Path=wanted["path"],
            Tags=as_list(wanted["tags_all"]) or None,
        )
        return name

    def find() -> str | None:
        found = _get(on, name)
        same = (
            found is not None
            and not found["Roles"]
            and found["Path"] == wanted["path"]
            and as_dict(found.get("Tags")) == (wanted["tags_all"] or {})
        )
        return name if same else None

    return make_or_adopt(make, find)


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    if wanted["role"]:
        _add(on, id_, wanted["role"])


def _add(on: Connection, profile: str, role: str) -> None:
    try:
        on.call("iam", "AddRoleToInstanceProfile", InstanceProfileName=profile, RoleName=role)
    except CloudError as error:
        # A profile has one role at most: a second try is refused, and finds it done.
        if not error.is_repeated or role not in _roles(_get(on, profile)):
            raise


def _remove(on: Connection, profile: str, role: str) -> None:
    end(on, "RemoveRoleFromInstanceProfile", InstanceProfileName=profile, RoleName=role)


def _get(on: Connection, name: str) -> Any:
    found = ask(on, "GetInstanceProfile", InstanceProfileName=name) or {}
    return found.get("InstanceProfile")


def _roles(profile: Any) -> list[str]:
    return [one["RoleName"] for one in (profile or {}).get("Roles", [])]


def _read(on: Connection, prior: Fields) -> Fields | None:
    found = _get(on, prior["id"])
    if found is None:
        return None
    name = found["InstanceProfileName"]
    return {
        "arn": found["Arn"],
        "create_date": date_text(found["CreateDate"]),
        "name": name,
        "name_prefix": prefix_of(name),
        "path": found["Path"],
        "role": next(iter(_roles(found)), None),
        "unique_id": found["InstanceProfileId"],
        **on.tags.found(as_dict(found.get("Tags")), prior),
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    before, after = prior["role"], wanted["role"]
    if before != after:
        if before:
            _remove(on, prior["id"], before)
        if after:
            _add(on, prior["id"], after)
    update_iam_tags(on, "InstanceProfile", prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    if prior["role"]:
        _remove(on, prior["id"], prior["role"])
    on.call("iam", "DeleteInstanceProfile", InstanceProfileName=prior["id"])


RESOURCE: Final = Resource(
    name="aws_iam_instance_profile",
    fields={
        "arn": computed(STRING),
        "create_date": computed(STRING),
        "id": either(STRING),
        "name": either(STRING, *name_checks(128), replaces=True, conflicts_with=("name_prefix",)),
        "name_prefix": either(STRING, *name_checks(102), replaces=True),
        "path": optional(STRING, replaces=True, default="/"),
        "role": optional(STRING),
        "unique_id": computed(STRING),
        **TAGS,
    },
    create=_create,
    settle=_settle,
    read=_read,
    update=_update,
    delete=_delete,
)
