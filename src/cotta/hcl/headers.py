"""The header of the block around a place, for the line above a snippet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import Body
from cotta.hcl.parser import parse_source

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceFile, SourceRange
    from cotta.hcl.ast import Block


class Headers:
    """Finds headers; each file is parsed at its first question, which only a mistake asks."""

    def __init__(self) -> None:
        self._bodies: dict[str, tuple[SourceFile, Body | None]] = {}

    def enclosing(self, place: SourceRange) -> str | None:
        """Return the header of the outermost block around `place`: `resource "a" "b"`.

        What begins with the block itself is not in it.

        None where there is no block, or the file is not in the native syntax.
        A name in angle brackets is that of no file: what was typed has no blocks.
        """
        body = self._body(place.file)
        if body is None:
            return None
        for block in body.blocks:
            if block.range.start < place.start < block.range.end:
                return render_header(block)
        return None

    def _body(self, source: SourceFile) -> Body | None:
        known = self._bodies.get(source.name)
        if known is not None and known[0] is source:
            return known[1]
        body = None
        if not source.name.endswith(".json") and not source.name.startswith("<"):
            parsed = parse_source(source, Diagnostics()).body
            body = parsed if isinstance(parsed, Body) else None
        self._bodies[source.name] = (source, body)
        return body


def render_header(block: Block) -> str:
    """Return a block's type and labels as they would be written."""
    return " ".join([block.type, *(f'"{label}"' for label in block.labels)])
