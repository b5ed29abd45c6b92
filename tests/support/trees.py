"""What a file means, as far as its tree says: nodes without their places."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from cotta.diagnostics import Diagnostics, SourceFile, SourceRange
from cotta.hcl.ast import Attribute, Block, Body, Parentheses, TemplateWrap
from cotta.hcl.parser import parse_expression, parse_source

# What formatting makes of the types of variables as they were once written.
_TYPES = {
    '"string"': "string",
    '"list"': "list(string)",
    '"map"': "map(string)",
    "list": "list(any)",
    "map": "map(any)",
    "set": "set(any)",
}


def meaning(text: str) -> object:
    """Return the shape of a file's tree, comparable with `==`; None if there are mistakes.

    Old spellings that formatting replaces have the shape of the new ones.
    """
    diags = Diagnostics()
    file = parse_source(SourceFile("main.tf", text), diags)
    if diags.has_errors:
        return None
    assert isinstance(file.body, Body)
    return _body(file.body, ())


def _body(body: Body, inside: tuple[str, ...]) -> object:
    return (
        [_attribute(attribute, inside) for attribute in body.attributes.values()],
        [_block(block, inside) for block in body.blocks],
    )


def _attribute(attribute: Attribute, inside: tuple[str, ...]) -> object:
    node = attribute.expression
    if inside == ("variable",) and attribute.name == "type":
        modern = _TYPES.get(node.range.text)
        if modern is not None:
            node = parse_expression(SourceFile("main.tf", modern), Diagnostics())
    while isinstance(node, TemplateWrap | Parentheses):
        node = node.wrapped if isinstance(node, TemplateWrap) else node.inner
    return attribute.name, shape(node)


def _block(block: Block, inside: tuple[str, ...]) -> object:
    assert isinstance(block.body, Body)
    return block.type, block.labels, _body(block.body, (*inside, block.type))


def shape(node: object) -> object:
    """Return what a node is without any places."""
    if isinstance(node, SourceRange):
        return None
    if is_dataclass(node):
        return type(node).__name__, *(shape(getattr(node, one.name)) for one in fields(node))
    if isinstance(node, tuple | list):
        return [shape(one) for one in node]
    return node
