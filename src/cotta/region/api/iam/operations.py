"""The operations of IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.iam import identities, policies, profiles, role_policies, roles

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **identities.OPERATIONS,
    **policies.OPERATIONS,
    **profiles.OPERATIONS,
    **role_policies.OPERATIONS,
    **roles.OPERATIONS,
}
