"""The end of a role: whatever hangs on it comes off first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.resources.iam_parts import CONFLICT, end

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection

# IAM knows only after a while that what hung on a role is gone.
_PROPAGATION: Final = timedelta(minutes=2)


def strip_role(on: Connection, role: str, *, managed: bool, inline: bool) -> None:
    """Take a role out of its instance profiles; managed and inline policies too if so told."""
    profiles = on.pages("iam", "ListInstanceProfilesForRole", "InstanceProfiles", RoleName=role)
    for profile in list(profiles):
        name = profile["InstanceProfileName"]
        end(on, "RemoveRoleFromInstanceProfile", RoleName=role, InstanceProfileName=name)
    if managed:
        attached = on.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=role)
        for policy in list(attached):
            arn = policy["PolicyArn"]
            end(on, "DetachRolePolicy", RoleName=role, PolicyArn=arn)
    if inline:
        for name in list(on.pages("iam", "ListRolePolicies", "PolicyNames", RoleName=role)):
            end(on, "DeleteRolePolicy", RoleName=role, PolicyName=name)


def delete_when_free(on: Connection, operation: str, **parameters: Any) -> None:
    """Delete a thing of IAM, again and again while it is said to be in use.  Raises CloudError."""
    refusals: list[CloudError] = []

    def attempt() -> bool | None:
        try:
            on.call("iam", operation, **parameters)
        except CloudError as error:
            if error.code != CONFLICT:
                raise
            refusals.append(error)
            if on.clock.now() - start >= _PROPAGATION:
                raise
            return None
        return True

    start = on.clock.now()
    on.wait(attempt, f"the end of {next(iter(parameters.values()))}", at_most=_PROPAGATION * 2)
