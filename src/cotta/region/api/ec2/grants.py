"""With whom images and snapshots are shared, as requests change it and answers show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cotta.region.model import Grant
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MEMBERS: Final = {
    "UserId": "user_id",
    "Group": "group",
    "OrganizationArn": "organization_arn",
    "OrganizationalUnitArn": "organizational_unit_arn",
}
# The members of requests from before there were `Add` and `Remove`.
_OLD_MEMBERS: Final = {
    "UserIds": "UserId",
    "UserGroups": "Group",
    "GroupNames": "Group",
    "OrganizationArns": "OrganizationArn",
    "OrganizationalUnitArns": "OrganizationalUnitArn",
}

EVERYBODY: Final = Grant(group="all")


def change_grants(
    grants: Sequence[Grant], given: Mapping[str, Any], member: str
) -> tuple[Grant, ...]:
    """Return the grants that a request leaves; `member` has what it adds and removes."""
    added, removed = _changes(given, member)
    left = [grant for grant in grants if grant not in removed]
    return tuple(dict.fromkeys([*left, *added]))


def _changes(given: Mapping[str, Any], member: str) -> tuple[list[Grant], list[Grant]]:
    changes = given.get(member, {})
    added = [_read_grant(one) for one in changes.get("Add", ())]
    removed = [_read_grant(one) for one in changes.get("Remove", ())]
    operation = given.get("OperationType")
    if operation is None and member in given:
        # Packer says who it is in both ways, and what is to be done in the new one alone.
        return added, removed
    named = [
        _read_grant({inner: value})
        for outer, inner in _OLD_MEMBERS.items()
        for value in given.get(outer, ())
    ]
    if named and operation not in {"add", "remove"}:
        raise ApiError("InvalidParameterValue", "The operation type must be 'add' or 'remove'.")
    (added if operation == "add" else removed).extend(named)
    return added, removed


def _read_grant(given: Mapping[str, Any]) -> Grant:
    found = {field: given[name] for name, field in _MEMBERS.items() if given.get(name)}
    if len(found) != 1:
        raise ApiError("InvalidParameterCombination", "A permission names one of whom it is for.")
    user = found.get("user_id")
    if user is not None and not re.fullmatch("[0-9]{12}", user):
        raise ApiError(
            "InvalidAMIAttributeItemValue",
            f'Invalid attribute item value "{user}" for userId item type.',
        )
    if found.get("group", "all") != "all":
        raise ApiError(
            "InvalidAMIAttributeItemValue",
            f'Invalid attribute item value "{found["group"]}" for userGroup item type.',
        )
    return Grant(**found)


def encode_grants(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """Return grants as answers show them."""
    return [
        {name: getattr(grant, field) for name, field in _MEMBERS.items() if getattr(grant, field)}
        for grant in grants
    ]
