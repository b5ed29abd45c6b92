"""Which part of a schema a path in a value leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.paths import AttributePath

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.schemas.model import Attribute, Block
    from cotta.values.paths import Path


def attribute_at(block: Block, path: Path) -> Attribute | None:
    """Return the attribute that `path` ends at; None for a block, or for what is inside a value."""
    current: Block | None = block
    attributes: Mapping[str, Attribute] = block.attributes
    found: Attribute | None = None
    for step in path:
        if not isinstance(step, AttributePath):
            # An element of a collection: what was found so far is not the end.
            if found is not None and found.nested is None:
                return None
            found = None
            continue
        if found is not None and found.nested is None:
            return None
        nested = current.blocks.get(step.name) if current is not None else None
        found = attributes.get(step.name)
        if nested is not None:
            current, attributes, found = nested.block, nested.block.attributes, None
        elif found is None:
            return None
        elif found.nested is not None:
            current, attributes = None, found.nested.attributes
    return found
