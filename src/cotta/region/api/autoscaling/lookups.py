"""Find the groups and members that a request names, or say in AWS's words what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from cotta.region.api import pages
from cotta.region.store.kinds import AUTO_SCALING_GROUPS, GROUP_INSTANCES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.region.api.calls import Call
    from cotta.region.model import AutoScalingGroup, GroupInstance
    from cotta.region.store.store import Reading

R = TypeVar("R")

_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 100


def invalid(message: str) -> ApiError:
    """Return the error for parameters that are wrong, whatever is wrong with them."""
    return ApiError("ValidationError", message)


def require_group(rows: Reading, name: str) -> AutoScalingGroup:
    """Return a group that can be changed; `ApiError` if there is none."""
    group = find_group(rows, name)
    if group.is_deleting:
        raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup {name} is being deleted")
    return group


def find_group(rows: Reading, name: str) -> AutoScalingGroup:
    """Return a group, be it on its way out; `ApiError` if there is none."""
    group = rows.find(AUTO_SCALING_GROUPS, name)
    if group is None:
        raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")
    return group


def require_members(
    rows: Reading, group: AutoScalingGroup, ids: Sequence[str]
) -> list[GroupInstance]:
    """Return a group's members; `ApiError` if an instance is none."""
    found = []
    for instance_id in ids:
        member = require_member(rows, instance_id)
        if member.group != group.name:
            raise invalid(
                f"The instance {instance_id} is not part of Auto Scaling group {group.name}."
            )
        found.append(member)
    return found


def require_member(rows: Reading, instance_id: str) -> GroupInstance:
    """Return an instance as the member that it is of some group; `ApiError` if it is none."""
    member = rows.find(GROUP_INSTANCES, instance_id)
    if member is None:
        raise invalid(
            "Instance Id not found - No managed instance found for instance ID: " + instance_id
        )
    return member


def page(
    records: Iterable[R], given: Mapping[str, Any], *, key: Callable[[R], str]
) -> tuple[list[R], str | None]:
    """Return the page of records that a request asks for, and the next one's token."""
    most = given.get("MaxRecords") or _DEFAULT_PAGE
    if not 1 <= most <= _LARGEST_PAGE:
        raise invalid(
            f"1 validation error detected: Value '{most}' at 'maxRecords' failed to satisfy "
            f"constraint: Member must have value less than or equal to {_LARGEST_PAGE}"
        )
    return pages.page(
        records, key=key, token=given.get("NextToken"), most=most, refusal="InvalidNextToken"
    )


def group_arn(call: Call, group: AutoScalingGroup) -> str:
    """Return a group's ARN."""
    return call.arn("autoscaling", f"autoScalingGroup:{group.id}:autoScalingGroupName/{group.name}")


def target_group_arn(call: Call, target_group: str) -> str:
    """Return the ARN of a target group by its id."""
    return call.arn("elasticloadbalancing", f"targetgroup/{target_group}")
