"""What a provider complains of, as diagnostics that point at the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostic
from cotta.schemas.ranges import find_range
from cotta.values.paths import render_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.bodies import AnyBody
    from cotta.providers.interface import ProviderDiagnostic
    from cotta.schemas.model import Block


# The title of what a check block complains of.
CHECK_FAILED: Final = "Check block assertion failed"


def report_complaints(
    complaints: Sequence[ProviderDiagnostic],
    address: str,
    schema: Block,
    body: AnyBody | None,
    diags: Diagnostics,
) -> None:
    """Add each complaint once, at the argument it is about, or else at the block's end."""
    for number, complaint in enumerate(complaints):
        if complaint in complaints[:number]:
            # Validating and planning, and planning twice, find the same.
            continue
        place = find_range(body, schema, complaint.path) if body is not None else None
        detail = complaint.detail
        if complaint.path and place is None:
            detail = f"{render_path(complaint.path).lstrip('.')}: {detail}"
        diags.add(
            Diagnostic(
                severity=complaint.severity,
                summary=complaint.summary,
                detail=detail,
                subject=place
                if place is not None
                else body.end_range
                if body is not None
                else None,
                address=address,
            )
        )
