"""What the `build` blocks of a template have, by name, without resolving anything in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.builder.templates.steps import Step
    from cotta.builder.templates.uses import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOutline:
    """One `build` block: its sources as `type.name`, and its steps as `type` or `type.name`."""

    name: str
    description: str
    sources: tuple[str, ...]
    provisioners: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]


def outline_of(
    name: str, description: str, uses: Iterable[Use], steps: Iterable[Step]
) -> BlockOutline:
    """Return what a block has."""
    steps = list(steps)
    return BlockOutline(
        name=name,
        description=description,
        sources=tuple(use.key for use in uses),
        provisioners=tuple(_label(step) for step in steps if step.kind == "provisioner"),
        chains=tuple(
            tuple(_label(link) for link in (step.links or (step,)))
            for step in steps
            if step.kind in ("post-processor", "post-processors")
        ),
    )


def _label(step: Step) -> str:
    return f"{step.type}.{step.name}" if step.name else step.type
