"""Which functions make an expression answer otherwise each time, looked for through locals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import AttributeStep
from cotta.hcl.parser import parse_expression
from cotta.hcl.references import calls_in, variables_in

if TYPE_CHECKING:
    from cotta.builder.templates.declared import Template
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression

_IMPURE: Final = frozenset({"timestamp", "legacy_isotime", "legacy_strftime", "uuidv4", "bcrypt"})
_IN_LAYER: Final = re.compile(r"\{\{[^}]*\b(timestamp|isotime|strftime|uuid)\b[^}]*\}\}")


def impure_names(place: SourceRange, template: Template) -> tuple[str, ...]:
    """Return what an expression depends on, as it is written: `timestamp()`, `{{timestamp}}`.

    `place` is an expression's, or that of anything that may have some in it.
    """
    found: dict[str, None] = {}
    pending = [_expression_at(place)]
    seen: set[str] = set()
    found.update(dict.fromkeys(_layer_names(place.text)))
    while pending:
        expression = pending.pop()
        if expression is None:
            continue
        for call in calls_in(expression):
            if call.name in _IMPURE:
                found[f"{call.name}()"] = None
        for variable in variables_in(expression):
            step = variable.steps[0] if variable.steps else None
            if variable.name != "local" or not isinstance(step, AttributeStep):
                continue
            local = template.locals.get(step.name)
            if local is not None and step.name not in seen:
                seen.add(step.name)
                found.update(dict.fromkeys(_layer_names(local.expression.range.text)))
                pending.append(local.expression)
    return tuple(found)


def _layer_names(text: str) -> list[str]:
    return [f"{{{{{name}}}}}" for name in _IN_LAYER.findall(text)]


def _expression_at(place: SourceRange) -> Expression | None:
    diags = Diagnostics()
    expression = parse_expression(place.file, diags, start=place.start, end=place.end)
    return None if diags.has_errors else expression
