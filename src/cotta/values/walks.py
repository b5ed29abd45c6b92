"""Going through a value by paths: look somewhere, replace something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.numbers import BigFloat, compare
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.sets import make_set
from cotta.values.types import ListType, MapType, ObjectType, SetType, TupleType
from cotta.values.value import (
    ListValue,
    MapValue,
    Marked,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    is_container,
    items,
    rebuild,
    same,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.values.paths import Path, PathStep
    from cotta.values.types import Type
    from cotta.values.value import Container, Value


def value_at(value: Value, path: Path) -> Value | None:
    """Return what is at `path`; None if nothing is there or can be.

    Inside something unknown everything of a fitting type is unknown; inside
    a null there is nothing.
    """
    found: Value | None = value
    for step in path:
        if type(found) is Marked:
            found = found.value
        if found is None:
            return None
        found = _step(found, step)
    return found


def _step(value: Value, step: PathStep) -> Value | None:
    match value, step:
        case ObjectValue(attributes=inside), AttributePath(name):
            return inside.get(name)
        case ObjectValue(attributes=inside), IndexPath(str() as name):
            return inside.get(name)
        case MapValue(elements=elements), IndexPath(str() as name):
            return elements.get(name)
        case MapValue(elements=elements), AttributePath(name):
            return elements.get(name)
        case ((ListValue() | TupleValue()), IndexPath(int() | BigFloat() as number)):
            return _element(value.elements, number)
        case SetValue(), IndexPath(key):
            return next((each for each in value.elements if same(each, key)), None)
        case Unknown(), _:
            inner = _type_inside(value.type, step)
            return None if inner is None else Unknown(inner)
        case _:
            return None


def _element(elements: tuple[Value, ...], number: int | BigFloat) -> Value | None:
    if type(number) is int:
        return elements[number] if 0 <= number < len(elements) else None
    return next((each for at, each in enumerate(elements) if compare(at, number) == 0), None)


def _type_inside(type_: Type, step: PathStep) -> Type | None:
    match type_, step:
        case ObjectType(), AttributePath(name) | IndexPath(str() as name):
            return type_.attributes.get(name)
        case ((MapType(element) | ListType(element) | SetType(element)), _):
            return element
        case TupleType(elements), IndexPath(int() as at) if 0 <= at < len(elements):
            return elements[at]
        case _:
            return None


def steps_inside(value: Container) -> Iterator[tuple[PathStep, Value]]:
    """Iterate over what is directly inside, each with the step that leads there."""
    if type(value) is ObjectValue:
        for name, each in value.attributes.items():
            yield AttributePath(name), each
    else:
        for key, each in items(value):
            yield IndexPath(key), each


def transform(value: Value, change: Callable[[Path, Value], Value], path: Path = ()) -> Value:
    """Return the value with `change` applied to each part, the inner ones first.

    What `change` returns for a part must have that part's type, unless the
    part is inside an object or a tuple only.  Marks stay where they are.
    """
    bare, marks = (value.value, value.marks) if type(value) is Marked else (value, None)
    if is_container(bare):
        parts = list(steps_inside(bare))
        new = [transform(each, change, (*path, step)) for step, each in parts]
        if any(one is not other for one, (_, other) in zip(new, parts, strict=True)):
            bare_again = make_set(new, bare.element_type) if type(bare) is SetValue else None
            changed = rebuild(bare, new) if bare_again is None else bare_again
            value = changed if marks is None else with_marks(changed, marks)
    return change(path, value)


def _is_step(one: PathStep, other: PathStep) -> bool:
    match one, other:
        case AttributePath(name), AttributePath(wanted) | IndexPath(str() as wanted):
            return name == wanted
        case IndexPath(str() as name), AttributePath(wanted):
            return name == wanted
        case IndexPath(key), IndexPath(wanted_key):
            return same(key, wanted_key)
        case _:
            return False


def same_paths(one: Path, other: Path) -> bool:
    """Say whether two paths lead to the same place."""
    return len(one) == len(other) and all(map(_is_step, one, other))
