"""What clients ask about the account before they make anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.calls import Reads
from cotta.region.api.elbv2.lookups import require_balancer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading

# AWS's own, as of 2025; none of them binds here, where the machine's memory does.
_LIMITS: Final[Mapping[str, str]] = {
    "application-load-balancers": "50",
    "condition-values-per-alb-rule": "5",
    "condition-wildcards-per-alb-rule": "6",
    "listeners-per-application-load-balancer": "50",
    "rules-per-application-load-balancer": "100",
    "target-groups": "3000",
    "target-groups-per-action-on-application-load-balancer": "5",
    "target-groups-per-application-load-balancer": "100",
    "target-id-registrations-per-application-load-balancer": "1000",
    "targets-per-application-load-balancer": "1000",
}


def describe_account_limits(_call: Call, _rows: Reading) -> Answer:
    """List the limits."""
    return {"Limits": [{"Name": name, "Max": most} for name, most in _LIMITS.items()]}


def describe_capacity_reservation(call: Call, rows: Reading) -> Answer:
    """Say that nothing is reserved."""
    require_balancer(rows, call.parameters["LoadBalancerArn"])
    return {"DecreaseRequestsRemaining": 2}


OPERATIONS: Final[Operations] = {
    "DescribeAccountLimits": Reads(describe_account_limits),
    "DescribeCapacityReservation": Reads(describe_capacity_reservation),
}
