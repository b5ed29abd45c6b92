"""The operations of EC2 Auto Scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.autoscaling import (
    activities,
    balancing,
    groups,
    members,
    processes,
    refreshes,
    tags,
)

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **activities.OPERATIONS,
    **balancing.OPERATIONS,
    **groups.OPERATIONS,
    **members.OPERATIONS,
    **processes.OPERATIONS,
    **refreshes.OPERATIONS,
    **tags.OPERATIONS,
}
