"""The end of a role: whatever hangs on it comes off first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.providers.aws.resources.iam_parts import end

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection


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
