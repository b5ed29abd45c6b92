"""Templates with something in them that isn't plain: marks, unknowns, mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.describe import describe_values
from cotta.values.convert import ConversionError, convert
from cotta.values.graphemes import clusters
from cotta.values.types import STRING
from cotta.values.value import (
    NO_MARKS,
    Null,
    Refinement,
    Unknown,
    make_string,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression
    from cotta.hcl.scope import Scope
    from cotta.values.value import Value

# As much of a known beginning is kept as Terraform keeps.
_LONGEST_PREFIX_BYTES: Final = 128

# After these characters no combining one can change what went before.
_CLOSED_ENDS: Final = frozenset("-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'")


def join_template(
    node: Expression,
    head: str,
    parts: Iterable[tuple[Expression, Value]],
    scope: Scope,
    diags: Diagnostics,
) -> Value:
    """Return `head` and the parts as one string, marked as they are.

    If any part is unknown so is the string, but for how it begins.
    """
    marks = NO_MARKS
    texts = [head]
    known = valid = True
    for expression, part in parts:
        value, found = unmark(part)
        marks |= found
        if type(value) is Unknown:
            known = False
            continue
        try:
            if type(value) is Null:
                raise ConversionError("it is null, and a string can't include that")
            text = convert(value, STRING)
        except ConversionError as error:
            diags.error(
                "Invalid template interpolation value",
                f"This can't be included in a string template: {error.describe()}.",
                expression.range,
                context=node.range,
                values=describe_values(expression, scope),
            )
            valid = False
            continue
        if known and valid:
            assert type(text) is str
            texts.append(text)
    if not valid:
        return with_marks(Unknown(STRING, Refinement(not_null=True)), marks)
    if known:
        return with_marks(make_string("".join(texts)), marks)
    prefix = safe_prefix("".join(texts))
    return with_marks(Unknown(STRING, Refinement(not_null=True, prefix=prefix)), marks)


def safe_prefix(text: str) -> str:
    """Return as much of `text` as whatever follows can't change."""
    text = make_string(text)
    if len(text.encode()) > _LONGEST_PREFIX_BYTES:
        text = text.encode()[:_LONGEST_PREFIX_BYTES].decode(errors="ignore")
    if not text or text[-1] in _CLOSED_ENDS:
        return text
    if text.isascii():
        return text[:-1]
    return "".join(clusters(text)[:-1])
