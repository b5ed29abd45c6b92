"""Type expressions: `list(object({ name = string, size = optional(number, 1) }))`.

They look like values but are read, not evaluated.  The defaults that
`optional` names are kept beside the type and filled into a value before it is
converted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cotta.hcl.ast import Call, JsonString, ObjectExpression, TupleExpression
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.hcl.traversals import as_keyword
from cotta.values.convert import ConversionError, convert
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
)
from cotta.values.value import (
    ListValue,
    MapValue,
    ObjectValue,
    SetValue,
    TupleValue,
    is_null,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression
    from cotta.values.types import Type
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class Defaults:
    """What `optional` gives to the attributes of an object, and the same further inside.

    `inside` leads on from an attribute of an object, a place of a tuple, or
    None for every element of a collection.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    inside: Mapping[str | int | None, Defaults] = field(default_factory=dict)

    def apply(self, value: Value) -> Value:
        """Return the value with defaults for what is missing or null in it.

        A value that is null or unknown itself stays as it is.  The result is
        structural, to be converted to the type that the defaults belong to.
        """
        bare, marks = unmark(value)
        match bare:
            case ListValue(elements=elements) | SetValue(elements=elements):
                filled = tuple(self._inner(None, element) for element in elements)
            case TupleValue(elements=elements):
                filled = tuple(self._inner(at, element) for at, element in enumerate(elements))
            case MapValue(elements=members) | ObjectValue(attributes=members):
                return with_marks(self._fill(members), marks)
            case _:
                return value
        return with_marks(TupleValue(filled), marks)

    def _inner(self, key: str | int | None, value: Value) -> Value:
        child = self.inside.get(key, self.inside.get(None))
        return value if child is None else child.apply(value)

    def _fill(self, members: Mapping[str, Value]) -> Value:
        given = {name: value for name, value in members.items() if not is_null(value)}
        nulls = {name: value for name, value in members.items() if is_null(value)}
        return ObjectValue(
            {
                name: self._inner(name, value)
                for name, value in {**nulls, **self.values, **given}.items()
            }
        )


_PRIMITIVES: Final[Mapping[str, Type]] = {"string": STRING, "number": NUMBER, "bool": BOOL}
_COLLECTIONS: Final[Mapping[str, Callable[[Type], Type]]] = {
    "list": ListType,
    "set": SetType,
    "map": MapType,
}
_NOWHERE: Final = Scope()


def parse_type_constraint(
    expression: Expression, diags: Diagnostics
) -> tuple[Type, Defaults | None]:
    """Return the type that an expression spells, and the defaults in it if there are any.

    What can't be read counts as any type, after a diagnostic.
    """
    if isinstance(expression, JsonString):
        place = expression.range
        expression = parse_expression(place.file, diags, start=place.start + 1, end=place.end - 1)
    word = as_keyword(expression)
    if word is not None:
        return _keyword(word, expression.range, diags), None
    if isinstance(expression, Call):
        return _call(expression, diags)
    _refuse(
        "A type is one of string, number, bool and any, or made of others, like list(string).",
        expression.range,
        diags,
    )
    return DYNAMIC, None


def _refuse(detail: str, place: SourceRange, diags: Diagnostics) -> None:
    diags.error("Invalid type specification", detail, place)


def _keyword(word: str, place: SourceRange, diags: Diagnostics) -> Type:
    if word == "any":
        return DYNAMIC
    found = _PRIMITIVES.get(word)
    if found is not None:
        return found
    if word in _COLLECTIONS:
        _refuse(f"{word} needs the type of its elements: {word}(string).", place, diags)
    elif word == "object":
        _refuse("object needs its attributes: object({ name = string }).", place, diags)
    elif word == "tuple":
        _refuse("tuple needs the types of its elements: tuple([string, number]).", place, diags)
    else:
        _refuse(f'There is no type "{word}".', place, diags)
    return DYNAMIC


def _call(call: Call, diags: Diagnostics) -> tuple[Type, Defaults | None]:
    name, arguments = call.name, call.arguments
    inside = call.open_range.to(call.close_range)
    if name in _PRIMITIVES or name == "any":
        _refuse(f'"{name}" is a whole type: nothing follows it in parentheses.', inside, diags)
        return DYNAMIC, None
    if name == "optional":
        _refuse("optional is for the attributes of object types only.", call.name_range, diags)
        return DYNAMIC, None
    if name not in _COLLECTIONS and name not in ("object", "tuple"):
        _refuse(f'Nothing called "{name}" makes types.', call.range, diags)
        return DYNAMIC, None
    if len(arguments) != 1:
        place = arguments[1].range.to(arguments[-1].range) if arguments else inside
        _refuse(f"{name} takes one argument in its parentheses.", place, diags)
        return DYNAMIC, None
    if name == "object":
        return _object(arguments[0], diags)
    if name == "tuple":
        return _tuple(arguments[0], diags)
    element, defaults = parse_type_constraint(arguments[0], diags)
    type_ = _COLLECTIONS[name](element)
    return type_, None if defaults is None else Defaults(inside={None: defaults})


def _tuple(argument: Expression, diags: Diagnostics) -> tuple[Type, Defaults | None]:
    if not isinstance(argument, TupleExpression):
        _refuse("tuple takes a list of types in brackets.", argument.range, diags)
        return DYNAMIC, None
    read = [parse_type_constraint(item, diags) for item in argument.items]
    inside: dict[str | int | None, Defaults] = {
        at: defaults for at, (_, defaults) in enumerate(read) if defaults is not None
    }
    type_ = TupleType(tuple(element for element, _ in read))
    return type_, Defaults(inside=inside) if inside else None


def _object(argument: Expression, diags: Diagnostics) -> tuple[Type, Defaults | None]:
    if not isinstance(argument, ObjectExpression):
        _refuse(
            "object takes a map in braces: names of attributes, and the type of each.",
            argument.range,
            diags,
        )
        return DYNAMIC, None
    types: dict[str, Type] = {}
    optional: set[str] = set()
    values: dict[str, Value] = {}
    inside: dict[str | int | None, Defaults] = {}
    for item in argument.items:
        key = item.key.wrapped
        name = None if item.key.in_parentheses and not _is_json(key) else as_keyword(key)
        if name is None:
            _refuse("The keys of an object type are names.", item.key.range, diags)
            continue
        if name in types:
            _refuse(f'The attribute "{name}" is already there.', item.key.range, diags)
            continue
        written = item.value
        if isinstance(written, Call) and written.name == "optional":
            if not 1 <= len(written.arguments) <= 2:
                _refuse(
                    "optional takes the type of the attribute and, after it, a default.",
                    written.open_range.to(written.close_range),
                    diags,
                )
                continue
            optional.add(name)
            types[name], defaults = parse_type_constraint(written.arguments[0], diags)
            if len(written.arguments) == 2:
                default = _default(written.arguments[1], types[name], defaults, diags)
                if default is not None:
                    values[name] = default
        else:
            types[name], defaults = parse_type_constraint(written, diags)
        if defaults is not None:
            inside[name] = defaults
    type_ = ObjectType(types, frozenset(optional))
    return type_, Defaults(values, inside) if values or inside else None


def _is_json(key: Expression) -> bool:
    return isinstance(key, JsonString)


def _default(
    expression: Expression, type_: Type, defaults: Defaults | None, diags: Diagnostics
) -> Value | None:
    """Return the default of an attribute in its type; None if there is none to speak of."""
    before = len(diags)
    value = evaluate(expression, _NOWHERE, diags)
    if len(diags) > before:
        return None
    if defaults is not None:
        value = defaults.apply(value)
    try:
        return convert(value, type_)
    except ConversionError as error:
        diags.error(
            "Invalid default value for optional attribute",
            f"This default doesn't fit the attribute's type: {error}.",
            expression.range,
        )
        return None
