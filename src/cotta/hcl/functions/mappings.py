"""Functions of maps and objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import kind_of
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    TupleType,
    friendly_name,
)
from cotta.values.value import (
    EMPTY_OBJECT_VALUE,
    NO_MARKS,
    NOT_NULL,
    ListValue,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    is_null,
    is_wholly_known,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.types import Type
    from cotta.values.value import Marks, Value


def _entries(mapping: Value) -> dict[str, Value]:
    """Return the elements of a known map or the attributes of an object, by name."""
    if type(mapping) is MapValue:
        return mapping.elements
    assert type(mapping) is ObjectValue
    return mapping.attributes


def _keys_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    match kind:
        case MapType():
            return ListType(STRING)
        case ObjectType():
            return TupleType((STRING,) * len(kind.attributes))
        case _:
            raise ArgumentError(0, f"a map or object is required, not {friendly_name(kind)}")


def _keys(mapping: Value) -> Value:
    bare, marks = unmark(mapping)
    kind = type_of(bare)
    if isinstance(kind, ObjectType):
        return with_marks(TupleValue(tuple(kind.attributes)), marks)
    if type(bare) is not MapValue:
        return with_marks(Unknown(ListType(STRING), NOT_NULL), marks)
    return with_marks(ListValue(STRING, tuple(bare.elements)), marks)


def _values_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    match kind:
        case MapType(element):
            return ListType(element)
        case ObjectType():
            return TupleType(tuple(kind.attributes.values()))
        case _:
            raise FunctionError(f"a map or object is required, not {friendly_name(kind)}")


def _values(mapping: Value) -> Value:
    bare, marks = unmark(mapping)
    if type(bare) is MapValue:
        listed: Value = ListValue(bare.element_type, tuple(bare.elements.values()))
    else:
        listed = TupleValue(tuple(_entries(bare).values()))
    return with_marks(listed, marks)


# --- lookup -------------------------------------------------------------------


def _lookup_type(arguments: Sequence[Value]) -> Type:
    if len(arguments) > 3:
        raise FunctionError(f"two or three arguments are required, not {len(arguments)}")
    kind = kind_of(arguments[0])
    match kind:
        case ObjectType():
            key, _marks = unmark(arguments[1])
            if type(key) is not str:
                return DYNAMIC
            if key in kind.attributes:
                return kind.attributes[key]
            if len(arguments) == 3:
                return kind_of(arguments[2])
            raise ArgumentError(0, f"the object has no attribute {_quoted(arguments[1])}")
        case MapType(element):
            if len(arguments) == 3:
                try:
                    convert(arguments[2], element)
                except ConversionError:
                    raise ArgumentError(
                        2, "the default must have the type of the map's elements"
                    ) from None
            return element
        case _:
            raise ArgumentError(0, f"a map is required, not {friendly_name(kind)}")


def _quoted(key: Value) -> str:
    text, marks = unmark(key)
    if Mark.SENSITIVE in marks:
        return "with the given, sensitive name"
    return f'"{text}"'


def _lookup(mapping: Value, key: Value, *default: Value, result_type: Type) -> Value:
    bare, marks = unmark(mapping)
    name, key_marks = unmark(key)
    marks |= key_marks
    if type(bare) is Unknown or type(name) is Unknown:
        return with_marks(Unknown(result_type), marks)
    assert type(name) is str
    found = _entries(bare).get(name)
    if found is None:
        if not default:
            raise FunctionError(f"the map has no element {_quoted(key)}")
        found = convert(default[0], result_type)
    return with_marks(found, marks)


# --- making maps --------------------------------------------------------------


def _merge_type(arguments: Sequence[Value]) -> Type:
    attributes: dict[str, Type] = {}
    kinds: list[Type] = []
    certain = True
    for argument in arguments:
        bare, _marks = unmark(argument)
        kind = type_of(bare)
        if kind == DYNAMIC:
            return DYNAMIC
        match kind:
            case ObjectType():
                if type(bare) is Null:
                    kind = ObjectType({})
                attributes |= kind.attributes
            case MapType(element):
                if type(bare) is MapValue:
                    attributes |= dict.fromkeys(bare.elements, element)
                elif type(bare) is Unknown:
                    certain = False
            case _:
                raise FunctionError(f"maps or objects are required, not {friendly_name(kind)}")
        kinds.append(kind)
    if kinds and all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    return ObjectType(attributes) if certain else DYNAMIC


def _merge(*given: Value, result_type: Type) -> Value:
    marks: Marks = NO_MARKS
    merged: dict[str, Value] = {}
    for mapping in given:
        if is_null(mapping):
            continue
        bare, found = unmark(mapping)
        marks |= found
        merged |= _entries(bare)
    if isinstance(result_type, MapType):
        return with_marks(MapValue(result_type.element, merged), marks)
    return with_marks(ObjectValue(merged) if merged else EMPTY_OBJECT_VALUE, marks)


def _zipmap_type(arguments: Sequence[Value]) -> Type:
    keys, _marks = unmark(arguments[0])
    kind = kind_of(arguments[1])
    match kind:
        case ListType(element):
            return MapType(element)
        case TupleType(elements):
            if not is_wholly_known(keys):
                return DYNAMIC
            names = _zip_names(keys, len(elements))
            return ObjectType(dict(zip(names, elements, strict=True)))
        case _:
            raise FunctionError(f"the values must be a list or tuple, not {friendly_name(kind)}")


def _zip_names(keys: Value, count: int) -> list[str]:
    assert type(keys) is ListValue
    if len(keys.elements) != count:
        raise FunctionError(f"there are {len(keys.elements)} keys, but {count} values")
    names = []
    for at, element in enumerate(keys.elements):
        name, _marks = unmark(element)
        if type(name) is not str:
            raise FunctionError(f"the key at index {at} is null")
        names.append(name)
    return names


def _zipmap(keys: Value, given: Value, *, result_type: Type) -> Value:
    bare_keys, marks = unmark(keys)
    values, found = unmark(given)
    marks |= found
    if not is_wholly_known(bare_keys):
        return with_marks(Unknown(result_type, NOT_NULL), marks)
    assert type(values) is ListValue or type(values) is TupleValue
    names = _zip_names(bare_keys, len(values.elements))
    assert type(bare_keys) is ListValue
    for key in bare_keys.elements:
        marks |= unmark(key)[1]
    pairs = dict(zip(names, values.elements, strict=True))
    if isinstance(result_type, MapType):
        return with_marks(MapValue(result_type.element, pairs), marks)
    return with_marks(ObjectValue(pairs), marks)


def _transpose(mapping: Value) -> Value:
    kind = MapType(ListType(STRING))
    if not is_wholly_known(mapping):
        return Unknown(kind, NOT_NULL)
    assert type(mapping) is MapValue
    turned: dict[str, list[str]] = {}
    for key, listed in mapping.elements.items():
        if type(listed) is not ListValue:
            raise FunctionError("one of the lists is null")
        for element in listed.elements:
            if type(element) is not str:
                raise FunctionError("one of the lists has a null in it")
            turned.setdefault(element, []).append(key)
    return MapValue(
        ListType(STRING),
        {name: ListValue(STRING, tuple(sorted(keys))) for name, keys in turned.items()},
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="keys",
        description="Returns the keys of a map, or the names of an object's attributes, sorted.",
        parameters=(Parameter("inputMap", DYNAMIC, unknown=True, marked=True),),
        result=_keys_type,
        implementation=_keys,
    ),
    Function(
        name="lookup",
        description="Returns the element of a map under a key, or a default if there is none.",
        parameters=(
            Parameter("inputMap", DYNAMIC, unknown=True, marked=True),
            Parameter("key", STRING, unknown=True, marked=True),
        ),
        variadic=Parameter("default", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True),
        result=_lookup_type,
        implementation=_lookup,
        wants_type=True,
        nullable=True,
    ),
    Function(
        name="merge",
        description="Returns one map or object with what all the given ones have; of the same "
        "key the last counts.",
        variadic=Parameter("maps", DYNAMIC, null=True, dynamic=True, marked=True),
        result=_merge_type,
        implementation=_merge,
        wants_type=True,
    ),
    Function(
        name="transpose",
        description="Returns a map of lists of strings turned around: each string leads to the "
        "keys it was found under.",
        parameters=(Parameter("values", MapType(ListType(STRING))),),
        result=MapType(ListType(STRING)),
        implementation=_transpose,
    ),
    Function(
        name="values",
        description="Returns the values of a map or object in the order of their sorted keys.",
        parameters=(Parameter("mapping", DYNAMIC, marked=True),),
        result=_values_type,
        implementation=_values,
    ),
    Function(
        name="zipmap",
        description="Returns a map from a list of keys and a list of as many values.",
        parameters=(
            Parameter("keys", ListType(STRING), marked=True),
            Parameter("values", DYNAMIC, marked=True),
        ),
        result=_zipmap_type,
        implementation=_zipmap,
        wants_type=True,
    ),
)
