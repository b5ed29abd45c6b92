"""Expressions for machines: their constant value, or what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.references import (
    ModuleOutputSubject,
    ModuleSubject,
    ResourceSubject,
    references_in,
)
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import JsonString, Literal, ObjectExpression, TupleExpression
from cotta.hcl.bodies import partial_content
from cotta.hcl.describe import render_traversal
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.schemas.model import Nesting
from cotta.values.codec_json import encode_plain
from cotta.values.value import ObjectValue, TupleValue, has_marks, is_wholly_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.references import Reference
    from cotta.hcl.ast import Expression
    from cotta.hcl.bodies import AnyBody
    from cotta.schemas.model import Block
    from cotta.values.json_text import Json
    from cotta.values.value import Value

_NOTHING = Scope()


def render_expression(expression: Expression) -> dict[str, Json]:
    """Return the constant value of an expression, or its references; neither for calls."""
    rendered: dict[str, Json] = {}
    found = Diagnostics()
    value = _as_written(expression)
    if value is None:
        value = evaluate(expression, _NOTHING, found)
    if not found.has_errors and is_wholly_known(value) and not has_marks(value):
        rendered["constant_value"] = encode_plain(value)
    names: list[Json] = [
        name for reference in references_in(expression, Diagnostics()) for name in _names(reference)
    ]
    if names:
        rendered["references"] = names
    return rendered


def _as_written(expression: Expression) -> Value | None:
    """Return what stands in JSON, templates and all; None for what isn't in JSON.

    Terraform takes strings of the JSON syntax for constants that begin with "${".
    """
    match expression:
        case JsonString(text=text):
            return text
        case TupleExpression(items=items):
            elements = [_as_written(item) for item in items]
            if elements and all(element is not None for element in elements):
                return TupleValue(tuple([e for e in elements if e is not None]))
        case ObjectExpression(items=pairs):
            members = {}
            for pair in pairs:
                key, value = _as_written(pair.key.wrapped), _as_written(pair.value)
                if not isinstance(key, str) or value is None:
                    return None
                members[key] = value
            return ObjectValue(members) if members else None
        case Literal(value=value):
            return value
    return None


def _names(reference: Reference) -> Iterator[str]:
    """Yield a reference with all its steps, then with fewer and fewer, then what is around it."""
    subject, steps = reference.subject, reference.steps
    for length in range(len(steps), 0, -1):
        yield render_traversal(str(subject), steps[:length])
    yield str(subject)
    match subject:
        case ModuleSubject(name, key) if key is not None:
            yield f"module.{name}"
        case ModuleOutputSubject(call):
            yield str(call)
        case ResourceSubject(resource, key) if key is not None:
            yield str(resource)


def render_body(body: AnyBody, block: Block) -> dict[str, Json]:
    """Return the arguments and blocks of a body; `dynamic` blocks are left out."""
    content, _ = partial_content(body, block.body_schema, Diagnostics())
    rendered: dict[str, Json] = {
        name: render_expression(argument.expression)
        for name, argument in content.attributes.items()
    }
    for written in content.blocks:
        nested = block.blocks[written.type]
        inner = render_body(written.body, nested.block)
        match nested.nesting:
            case Nesting.SINGLE | Nesting.GROUP:
                rendered[written.type] = inner
            case Nesting.LIST | Nesting.SET:
                _append(rendered, written.type, inner)
            case Nesting.MAP:
                by_label = rendered.setdefault(written.type, {})
                assert isinstance(by_label, dict)
                by_label[written.labels[0]] = inner
    return dict(sorted(rendered.items()))


def _append(rendered: dict[str, Json], name: str, inner: Json) -> None:
    blocks = rendered.setdefault(name, [])
    assert isinstance(blocks, list)
    blocks.append(inner)
