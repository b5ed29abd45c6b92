"""Conversion of values to a wanted type, after cty's `convert` package.

`convert` either returns a value of the type or raises `ConversionError`,
whose message completes a sentence such as "Inappropriate value for …: ".
Nulls convert to nulls, unknowns to unknowns that keep what is certain about
them, and marks stay where they were.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.values.numbers import BigFloat, format_number, parse_number
from cotta.values.paths import AttributePath, IndexPath, render_path
from cotta.values.sets import has_known_length, make_set
from cotta.values.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    DynamicType,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    constraint_name,
)
from cotta.values.unify import can_convert, resolve_dynamic, unify
from cotta.values.value import (
    UNREFINED,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    items,
    type_of,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.values.paths import Path
    from cotta.values.value import Container


class ConversionError(Exception):
    """A value can't be converted; `path` leads from it to the part at fault."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def describe(self) -> str:
        """Return the message, with the place inside the value before it, if any."""
        return f"{render_path(self.path)}: {self.message}" if self.path else self.message


def convert(value: Value, target: Type) -> Value:
    """Return `value` as one of type `target`; raise `ConversionError` if it can't be.

    Place-holders in `target` accept what is there; attributes that it calls
    optional become null where the value has none.
    """
    source = type_of(value)
    if source is target or target is DYNAMIC:
        return value
    if source == target:
        return value
    if not can_convert(source, target):
        raise ConversionError(explain_mismatch(source, target))
    return _convert(value, target, ())


def _convert(value: Value, target: Type, path: Path) -> Value:
    if target == DYNAMIC:
        return value
    if type(value) is Marked:
        return with_marks(_convert(value.value, target, path), value.marks)
    if type(value) is Null:
        return Null(resolve_dynamic(value.type, target))
    if type(value) is Unknown:
        return _convert_unknown(value, target)
    match target:
        case ListType(element):
            return _to_list(value, element, path)
        case SetType(element):
            return _to_set(value, element, path)
        case MapType(element):
            return _to_map(value, element, path)
        case ObjectType():
            return _to_object(value, target, path)
        case TupleType(elements):
            return _to_tuple(value, elements, path)
        case _:
            return _to_primitive(value, target, path)


def _convert_unknown(value: Unknown, target: Type) -> Value:
    refinement = value.refinement
    wanted = resolve_dynamic(value.type, target)
    if refinement is UNREFINED or value.type == wanted:
        return Unknown(wanted, refinement)
    if isinstance(value.type, ListType | SetType | MapType) and isinstance(
        wanted, ListType | SetType | MapType
    ):
        # Equal elements may become one on the way to a set.
        shortest = refinement.shortest
        if isinstance(wanted, SetType) and shortest > 1:
            shortest = 1
        return Unknown(wanted, replace(refinement, shortest=shortest))
    return Unknown(wanted, Refinement(not_null=refinement.not_null))


def _to_primitive(value: Value, target: Type, path: Path) -> Value:
    if target == STRING:
        if type(value) is bool:
            return "true" if value else "false"
        if type(value) is int or type(value) is BigFloat:
            return format_number(value)
    elif type(value) is str:
        if target == NUMBER:
            try:
                return parse_number(value)
            except ValueError:
                raise ConversionError("a number is required", path) from None
        return _parse_bool(value, path)
    return value


_BOOLS: Final = {"true": True, "false": False, "1": True, "0": False}


def _parse_bool(text: str, path: Path) -> bool:
    if text in _BOOLS:
        return _BOOLS[text]
    if text in ("True", "TRUE", "False", "FALSE"):
        raise ConversionError(
            f'a bool is required; to convert from string, use lowercase "{text.lower()}"', path
        )
    raise ConversionError("a bool is required", path)


def _elements(value: Value, element: Type, path: Path) -> list[Value]:
    """Return the elements of a list, set or tuple, each converted."""
    assert type(value) is ListValue or type(value) is SetValue or type(value) is TupleValue
    if type(value) is TupleValue and element == DYNAMIC:
        element = unify(value.type.elements) or DYNAMIC
    if element == DYNAMIC:
        return list(value.elements)
    return _unified(
        [
            item if type_of(item) == element else _convert(item, element, (*path, IndexPath(at)))
            for at, item in enumerate(value.elements)
        ],
        path,
    )


def _unified(elements: list[Value], path: Path) -> list[Value]:
    """Return elements of one type, where a place-holder let them differ."""
    kinds = dict.fromkeys(map(type_of, elements))
    if len(kinds) <= 1:
        return elements
    common = unify(kinds)
    if common is None or (common == DYNAMIC and len(kinds.keys() - {DYNAMIC}) > 1):
        raise ConversionError("collection elements cannot be unified", path)
    return [_convert(item, common, path) for item in elements]


def _element_type(elements: list[Value], wanted: Type, source: Type) -> Type:
    """Return the type of converted elements; with none, the most precise one certain."""
    for item in elements:
        found = type_of(item)
        if found != DYNAMIC:
            return found
    if elements:
        return DYNAMIC
    if wanted == DYNAMIC and isinstance(source, ListType | SetType | MapType):
        return source.element
    return resolve_dynamic(DYNAMIC, wanted)


def _to_list(value: Value, element: Type, path: Path) -> Value:
    if type(value) is SetValue and not has_known_length(value):
        # Unknown elements may turn out equal to others, so the length is not known.
        return Unknown(ListType(resolve_dynamic(value.element_type, element)), _some_of(value))
    elements = _elements(value, element, path)
    return ListValue(_element_type(elements, element, type_of(value)), tuple(elements))


def _some_of(value: SetValue) -> Refinement:
    return Refinement(not_null=True, shortest=1, longest=len(value.elements))


def _to_set(value: Value, element: Type, path: Path) -> Value:
    elements = _elements(value, element, path)
    return make_set(elements, _element_type(elements, element, type_of(value)))


def _to_map(value: Value, element: Type, path: Path) -> Value:
    assert type(value) is MapValue or type(value) is ObjectValue
    wanted = element
    if type(value) is ObjectValue and element == DYNAMIC:
        wanted = unify(value.type.attributes.values()) or DYNAMIC
    pairs = value.elements if type(value) is MapValue else value.attributes
    converted = [
        item if type_of(item) == wanted else _convert(item, wanted, (*path, IndexPath(key)))
        for key, item in pairs.items()
    ]
    elements = _unified(converted, path)
    return MapValue(
        _element_type(elements, element, type_of(value)), dict(zip(pairs, elements, strict=True))
    )


def _to_object(value: Value, target: ObjectType, path: Path) -> Value:
    assert type(value) is MapValue or type(value) is ObjectValue
    given = dict(_string_items(value))
    converted: dict[str, Value] = {}
    for name, wanted in target.attributes.items():
        if name in given:
            step = AttributePath(name) if type(value) is ObjectValue else IndexPath(name)
            converted[name] = _convert(given[name], wanted, (*path, step))
        elif name in target.optional:
            converted[name] = Null(resolve_dynamic(DYNAMIC, wanted))
        else:
            raise ConversionError(f'map element "{name}" is required', path)
    return ObjectValue(converted)


def _string_items(value: Container) -> list[tuple[str, Value]]:
    return [(key, item) for key, item in items(value) if type(key) is str]


def _to_tuple(value: Value, elements: tuple[Type, ...], path: Path) -> Value:
    assert type(value) is TupleValue
    return TupleValue(
        tuple(
            _convert(item, wanted, (*path, IndexPath(at)))
            for at, (item, wanted) in enumerate(zip(value.elements, elements, strict=True))
        )
    )


# --- why not ------------------------------------------------------------------


def explain_mismatch(got: Type, want: Type) -> str:
    """Return why no value of type `got` converts to `want`, as a clause."""
    match got, want:
        case ObjectType(), ObjectType():
            return _explain_objects(got, want)
        case (TupleType(), ListType(DynamicType())):
            return "all list elements must have the same type"
        case (TupleType(), SetType(DynamicType())):
            return "all set elements must have the same type"
        case (ObjectType(), MapType(DynamicType())):
            return "all map elements must have the same type"
        case (TupleType(inners), ListType(wanted) | SetType(wanted)):
            return _explain_elements(enumerate(inners), wanted)
        case (ObjectType(), MapType(wanted)):
            quoted = ((f'"{name}"', t) for name, t in got.attributes.items())
            return _explain_elements(quoted, wanted)
        case (ListType(inner) | SetType(inner), ListType(wanted)):
            return f"incorrect list element type: {explain_mismatch(inner, wanted)}"
        case (ListType(inner) | SetType(inner), SetType(wanted)):
            return f"incorrect set element type: {explain_mismatch(inner, wanted)}"
        case (MapType(inner), MapType(wanted)):
            return f"incorrect map element type: {explain_mismatch(inner, wanted)}"
        case _:
            return f"{constraint_name(want)} required"


def _explain_elements(elements: Iterable[tuple[object, Type]], wanted: Type) -> str:
    for key, given in elements:
        if not can_convert(given, wanted):
            return f"element {key}: {explain_mismatch(given, wanted)}"
    return f"all elements must be {constraint_name(wanted)}"


def _explain_objects(got: ObjectType, want: ObjectType) -> str:
    missing = [
        f'"{name}"'
        for name in want.attributes
        if name not in got.attributes and name not in want.optional
    ]
    if len(missing) == 1:
        return f"attribute {missing[0]} is required"
    if len(missing) == 2:
        return f"attributes {missing[0]} and {missing[1]} are required"
    if missing:
        return f"attributes {', '.join(missing[:-1])}, and {missing[-1]} are required"
    for unsafe in (True, False):
        for name, wanted in want.attributes.items():
            given = got.attributes.get(name, wanted)
            if not can_convert(given, wanted, unsafe=unsafe):
                return f'attribute "{name}": {explain_mismatch(given, wanted)}'
    return "incorrect object attributes"
