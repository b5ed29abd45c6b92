"""Arguments that say something about a block itself: texts, lists, numbers, durations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cotta.builder.options.durations import parse_duration
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.values.convert import ConversionError, convert
from cotta.values.types import BOOL, NUMBER, STRING, ListType
from cotta.values.value import ListValue, is_wholly_known, unmark_deep

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression
    from cotta.hcl.scope import Scope
    from cotta.values.types import Type
    from cotta.values.value import Unmarked


def _evaluate(
    expression: Expression, name: str, wanted: Type, scope: Scope, diags: Diagnostics
) -> Unmarked | None:
    """Return a known value of a type; None after a mistake, or where it isn't known yet."""
    before = len(diags)
    value = evaluate(expression, scope, diags)
    if len(diags) > before:
        return None
    try:
        bare, _marks = unmark_deep(convert(value, wanted))
    except ConversionError as error:
        diags.error(
            "Incorrect argument value type",
            f'Inappropriate value for "{name}": {error.describe()}.',
            expression.range,
            values=describe_values(expression, scope),
        )
        return None
    return bare if is_wholly_known(bare) else None


def evaluate_text(expression: Expression, name: str, scope: Scope, diags: Diagnostics) -> str:
    """Return a text; "" after a mistake."""
    found = _evaluate(expression, name, STRING, scope, diags)
    return found if isinstance(found, str) else ""


def evaluate_texts(
    expression: Expression, name: str, scope: Scope, diags: Diagnostics
) -> tuple[str, ...]:
    """Return a list of texts; an empty one after a mistake."""
    found = _evaluate(expression, name, ListType(STRING), scope, diags)
    if not isinstance(found, ListValue):
        return ()
    return tuple(each for each in found.elements if isinstance(each, str))


def evaluate_flag(
    expression: Expression, name: str, scope: Scope, diags: Diagnostics
) -> bool | None:
    """Return a flag; None where it is null, or after a mistake."""
    found = _evaluate(expression, name, BOOL, scope, diags)
    return found if isinstance(found, bool) else None


def evaluate_count(expression: Expression, name: str, scope: Scope, diags: Diagnostics) -> int:
    """Return a number of times; 0 after a mistake."""
    found = _evaluate(expression, name, NUMBER, scope, diags)
    if found is None:
        return 0
    if not isinstance(found, int) or found < 0:
        diags.error(
            "Incorrect count", f'"{name}" must be a whole number, 0 or more.', expression.range
        )
        return 0
    return found


def evaluate_duration(
    expression: Expression, name: str, scope: Scope, diags: Diagnostics
) -> timedelta | None:
    """Return a stretch of time; None after a mistake."""
    found = _evaluate(expression, name, STRING, scope, diags)
    if not isinstance(found, str):
        return None
    duration = parse_duration(found)
    if duration is None or duration < timedelta():
        diags.error(
            "Incorrect duration",
            f'"{found}" is no duration for "{name}". One is a number with a unit, such as 30s, 5m '
            "or 1h30m.",
            expression.range,
        )
        return None
    return duration
