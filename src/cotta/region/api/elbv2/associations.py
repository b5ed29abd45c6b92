"""Which load balancer a target group belongs to: one at most, of its own network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.region.api.elbv2.lookups import arn_of, validation_error
from cotta.region.store.kinds import LOAD_BALANCERS, TARGET_GROUPS
from cotta.region.targets import forwarded_to, groups_in_use
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Call
    from cotta.region.model import Action, LoadBalancerId
    from cotta.region.store.store import Reading


def check_associations(call: Call, rows: Reading, balancer: LoadBalancerId, action: Action) -> None:
    """Refuse an action to a group of another load balancer, or of another network."""
    used = groups_in_use(rows)
    owner = rows.find(LOAD_BALANCERS, balancer)
    for identity in forwarded_to(action):
        arn = arn_of(call, "targetgroup", identity)
        if used.get(identity, balancer) != balancer:
            raise ApiError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load "
                f"balancer: {arn}",
            )
        group = rows.find(TARGET_GROUPS, identity)
        if owner is not None and group is not None and group.vpc_id != owner.vpc_id:
            raise validation_error(
                f"The target group '{arn}' is in the VPC {group.vpc_id}, and the load balancer "
                f"in {owner.vpc_id}"
            )
