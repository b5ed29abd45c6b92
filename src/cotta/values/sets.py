"""Sets: distinct elements in canonical order.

Strings stand in code-point order, numbers by size, false before true, nulls
after them and unknowns last.  Elements of other types stand in the order of
the text that cty hashes them by, which is what Terraform shows.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from cotta.values.decimals import format_decimal
from cotta.values.numbers import compare
from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING
from cotta.values.value import (
    MapValue,
    Marks,
    Null,
    ObjectValue,
    SetValue,
    Unknown,
    Value,
    children,
    is_container,
    is_wholly_known,
    type_of,
    unmark_deep,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.values.types import Type
    from cotta.values.value import Unmarked

_by_size = cmp_to_key(compare)


def make_set(elements: Iterable[Value], element_type: Type) -> Value:
    """Return the set of `elements`, with all their marks on it.

    Equal elements become one; two unknowns never count as equal.
    """
    marks: Marks = frozenset()
    bare: list[Unmarked] = []
    for element in elements:
        unmarked, found = unmark_deep(element)
        marks |= found
        bare.append(unmarked)
    if element_type == DYNAMIC and bare:
        element_type = next((t for t in map(type_of, bare) if t != DYNAMIC), DYNAMIC)
    ordered = sort_elements(_distinct(bare), element_type)
    return with_marks(SetValue(element_type, tuple(ordered)), marks)


def has_known_length(value: SetValue) -> bool:
    """Say whether no unknown element may turn out to be equal to another."""
    return len(value.elements) < 2 or is_wholly_known(value)


def _distinct(elements: list[Unmarked]) -> list[Unmarked]:
    seen: set[object] = set()
    kept = []
    for element in elements:
        key = identity(element)
        if key is not None:
            if key in seen:
                continue
            seen.add(key)
        kept.append(element)
    return kept


def identity(value: Value) -> object:
    """Return a hashable that two values of one type share exactly if they are equal.

    None for a value that is not wholly known, which equals nothing.
    """
    if type(value) is Unknown:
        return None
    if type(value) is Null:
        return Null
    if is_container(value):
        keys = tuple(map(identity, children(value)))
        if None in keys:
            return None
        if type(value) is MapValue:
            return (*value.elements, *keys)
        return keys
    return value


def sort_elements(elements: list[Unmarked], element_type: Type) -> list[Unmarked]:
    """Return the elements in the canonical order of a set of `element_type`."""
    known = [e for e in elements if type(e) is not Unknown and type(e) is not Null]
    if element_type in (STRING, BOOL):
        known.sort()
    elif element_type == NUMBER:
        known.sort(key=_by_size)  # type: ignore[arg-type]  # all are numbers
    else:
        known.sort(key=_hash_text)
    nulls = [e for e in elements if type(e) is Null]
    unknowns = [e for e in elements if type(e) is Unknown]
    return [*known, *nulls, *unknowns]


def _hash_text(value: Value) -> str:
    """Return the text that cty hashes a set element by; it decides the order shown."""
    if type(value) is Unknown:
        return "?"
    if type(value) is Null:
        return "~"
    if type(value) is bool:
        return "T" if value else "F"
    if type(value) is str:
        return quote(value)
    if is_container(value):
        if type(value) is MapValue:
            pairs = (f"{quote(k)}:{_hash_text(v)};" for k, v in value.elements.items())
            return "{" + "".join(pairs) + "}"
        inside = "".join(_hash_text(child) + ";" for child in children(value))
        return f"<{inside}>" if type(value) in _ANGLED else f"[{inside}]"
    return format_decimal(value, "g", 10)  # type: ignore[arg-type]  # only numbers are left


_ANGLED = frozenset({ObjectValue})


def quote(text: str) -> str:
    """Return the text as Go's `%q` writes it."""
    return '"' + "".join(map(_quote_character, text)) + '"'


_SHORT_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def _quote_character(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
