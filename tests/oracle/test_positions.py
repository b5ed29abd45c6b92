"""Where attributes, blocks and expressions are, in tree-sitter's eyes and in ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tree_sitter_hcl
from tree_sitter import Language, Parser

from bench.parsing import configuration
from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body
from cotta.hcl.parser import parse_file
from tests.support.breaker import GOOD

if TYPE_CHECKING:
    from tree_sitter import Node

    from cotta.diagnostics import SourceRange

Place = tuple[str, int, int]

CORPUS = Path(__file__).parents[1] / "language"
# Tree-sitter's grammar lacks names that aren't ASCII, legacy indices and bare keywords as keys.
TEXTS = {
    **{f"good {at}": text for at, text in enumerate(GOOD)},
    "configuration": configuration(20_000),
    **{
        name: (CORPUS / f"{name}.hcl").read_text(encoding="utf-8")
        for name in ("operators", "conditionals", "loops", "calls", "directives")
    },
}


def theirs(text: str) -> set[Place]:
    parser = Parser(Language(tree_sitter_hcl.language()))
    root = parser.parse(text.encode()).root_node
    assert not root.has_error, "tree-sitter can't read this; choose another text"
    found: set[Place] = set()
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        if node.type in ("attribute", "block"):
            found.add((node.type, node.start_byte, node.end_byte))
        if node.type == "attribute":
            value = node.children[-1]
            found.add(("value", value.start_byte, value.end_byte))
        pending += node.children
    return found


def ours(text: str) -> set[Place]:
    found: set[Place] = set()
    diags = Diagnostics()

    def add(kind: str, place: SourceRange) -> None:
        found.add((kind, place.first.byte, place.last.byte))

    def walk(body: Body) -> None:
        for attribute in body.attributes.values():
            add("attribute", attribute.range)
            add("value", attribute.expression.range)
        for block in body.blocks:
            add("block", block.range)
            assert isinstance(block.body, Body)
            walk(block.body)

    root = parse_file(text.encode(), "f.tf", diags).body
    assert not len(diags)
    assert isinstance(root, Body)
    walk(root)
    return found


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_places_are_tree_sitters(text: str) -> None:
    assert ours(text) == theirs(text)
