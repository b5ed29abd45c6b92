"""Taking marks off a value and putting them back: providers and files know none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cotta.values.paths import AttributePath, IndexPath
from cotta.values.value import (
    ListValue,
    MapValue,
    Marked,
    ObjectValue,
    TupleValue,
    has_marks,
    is_container,
    items,
    rebuild,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.values.paths import Path, PathStep
    from cotta.values.value import Container, Marks, Unmarked, Value

# Where in a value which marks are, outermost first.
MarkedPaths: TypeAlias = "tuple[tuple[Path, Marks], ...]"


def take_marks(value: Value) -> tuple[Unmarked, MarkedPaths]:
    """Return the value without marks at any depth, and where they were."""
    if not has_marks(value):
        assert type(value) is not Marked
        return value, ()
    found: list[tuple[Path, Marks]] = []
    return _take(value, (), found), tuple(found)


def _take(value: Value, path: Path, found: list[tuple[Path, Marks]]) -> Unmarked:
    bare, marks = unmark(value)
    if marks:
        found.append((path, marks))
    if not is_container(bare) or not has_marks(bare):
        return bare
    new: list[Value] = [
        _take(child, (*path, _step(bare, key)), found) for key, child in items(bare)
    ]
    return rebuild(bare, new)


def _step(container: Container, key: Value) -> PathStep:
    if type(container) is ObjectValue:
        assert type(key) is str
        return AttributePath(key)
    return IndexPath(key)


def put_marks(value: Value, where: Iterable[tuple[Path, Marks]]) -> Value:
    """Return the value with marks at each path; a path that leads nowhere marks what is nearest.

    Inside an unknown, a null or a set there is nothing to mark by itself, so
    the whole of it is marked: a secret is never shown because it moved.
    """
    for path, marks in where:
        value = _put(value, path, marks)
    return value


def _put(value: Value, path: Path, marks: Marks) -> Value:
    if not path:
        return with_marks(value, marks)
    bare, own = unmark(value)
    match bare, path[0]:
        case ObjectValue(), AttributePath(name) if name in bare.attributes:
            changed: Value = ObjectValue(
                bare.attributes | {name: _put(bare.attributes[name], path[1:], marks)}
            )
        case MapValue(), IndexPath(str() as key) if key in bare.elements:
            inner = _put(bare.elements[key], path[1:], marks)
            changed = MapValue(bare.element_type, bare.elements | {key: inner})
        case ((ListValue() | TupleValue()), IndexPath(int() as at)) if 0 <= at < len(bare.elements):
            parts: list[Value] = list(bare.elements)
            parts[at] = _put(parts[at], path[1:], marks)
            changed = rebuild(bare, parts)
        case ((ObjectValue() | MapValue() | ListValue() | TupleValue()), _):
            # The part at the path is gone, and its secret with it.
            changed = bare
        case _:
            changed = with_marks(bare, marks)
    return with_marks(changed, own)
