"""Answers of the console, as text and as JSON records.

A record has the `line` of the expression and either `diagnostics`, or a
`type` and a `value`.  What can't be told is null in `value`; `unknown` and
`sensitive` then say where, as a plan does: true for the whole, or an object
or array with true at those places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never, cast

from cotta.cli.answers import Refusal, TypeAnswer, ValueAnswer
from cotta.cli.views.diagnostics import encode_diagnostics
from cotta.cli.views.values import render_type_listing, render_value
from cotta.diagnostics.diagnostics import Diagnostic
from cotta.values.codec_json import CodecError, encode_plain, encode_type
from cotta.values.value import (
    ANY_NULL,
    MapValue,
    Marked,
    ObjectValue,
    Unknown,
    children,
    is_container,
    rebuild,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cotta.cli.answers import Answer
    from cotta.values.json_text import Json
    from cotta.values.value import Value


def render_answer(found: ValueAnswer | TypeAnswer) -> str:
    """Return an answer as text, its newline included."""
    match found:
        case ValueAnswer(value):
            return render_value(value) + "\n"
        case TypeAnswer(kind):
            return render_type_listing(kind) + "\n"
    assert_never(found)


def encode_answer(found: Answer, *, line: int) -> dict[str, Json]:
    """Return the record of an answer, or of the reason for none."""
    record: dict[str, Json] = {"line": line}
    match found:
        case Refusal(diagnostics):
            record |= _encode_refusal(diagnostics)
        case TypeAnswer(kind):
            record |= {"type": "type", "value": encode_type(kind)}
        case ValueAnswer(value):
            record |= _encode_value(value)
        case _:
            assert_never(found)
    return record


def _encode_refusal(diagnostics: Iterable[Diagnostic]) -> dict[str, Json]:
    # The records are typed more closely than JSON is.
    return {"diagnostics": cast("list[Json]", encode_diagnostics(diagnostics))}


_INFINITE: Final = Diagnostic(
    summary="Value without a JSON form",
    detail="The value holds an infinite number, which JSON can't write. Ask without -json.",
)


def _encode_value(value: Value) -> dict[str, Json]:
    try:
        shown = encode_plain(_hidden(value))
    except CodecError:
        return _encode_refusal([_INFINITE])
    record: dict[str, Json] = {"type": encode_type(type_of(value)), "value": shown}
    for name, is_so in (("unknown", _is_unknown), ("sensitive", _is_marked)):
        places = _places(value, is_so)
        if places is not None:
            record[name] = places
    return record


def _hidden(value: Value) -> Value:
    """Return the value with null for whatever is unknown or marked."""
    if type(value) is Marked or type(value) is Unknown:
        return ANY_NULL
    if is_container(value):
        return rebuild(value, [_hidden(child) for child in children(value)])
    return value


def _places(value: Value, is_so: Callable[[Value], bool]) -> Json:
    """Return where in `value` something is so; None if nowhere."""
    if is_so(value):
        return True
    inner = value.value if type(value) is Marked else value
    if not is_container(inner):
        return None
    found = [_places(child, is_so) for child in children(inner)]
    if all(place is None for place in found):
        return None
    if type(inner) is ObjectValue or type(inner) is MapValue:
        names = inner.attributes if type(inner) is ObjectValue else inner.elements
        return {k: place for k, place in zip(names, found, strict=True) if place is not None}
    return [place if place is not None else False for place in found]


def _is_unknown(value: Value) -> bool:
    return type(value) is Unknown or (type(value) is Marked and type(value.value) is Unknown)


def _is_marked(value: Value) -> bool:
    return type(value) is Marked
