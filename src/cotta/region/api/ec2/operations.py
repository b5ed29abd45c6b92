"""The operations of EC2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.ec2 import instances, vpcs

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **instances.OPERATIONS,
    **vpcs.OPERATIONS,
}
