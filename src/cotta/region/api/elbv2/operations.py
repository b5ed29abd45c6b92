"""The operations of Elastic Load Balancing v2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.elbv2 import (
    attributes,
    limits,
    listeners,
    load_balancers,
    rules,
    tags,
    target_groups,
    targets,
)

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **attributes.OPERATIONS,
    **limits.OPERATIONS,
    **listeners.OPERATIONS,
    **load_balancers.OPERATIONS,
    **rules.OPERATIONS,
    **tags.OPERATIONS,
    **target_groups.OPERATIONS,
    **targets.OPERATIONS,
}
