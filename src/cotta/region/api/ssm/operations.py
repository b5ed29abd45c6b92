"""The operations of Systems Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.api.ssm import reading, writing

if TYPE_CHECKING:
    from cotta.region.api.calls import Operations

OPERATIONS: Final[Operations] = {
    **reading.OPERATIONS,
    **writing.OPERATIONS,
}
