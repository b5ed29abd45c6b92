"""What a provider may make of a plan: what was planned, with the unknown parts known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.plans.checks import fault, pairs, shown
from cotta.plans.correlation import uncorrelated
from cotta.schemas.model import Nesting
from cotta.schemas.types import write_only_paths
from cotta.values.operations import equal
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import has_dynamic
from cotta.values.value import (
    UNREFINED,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    is_container,
    is_wholly_known,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.schemas.model import Block, NestedBlock
    from cotta.values.paths import Path
    from cotta.values.value import Unmarked, Value


def find_result_faults(block: Block, planned: Value, actual: Value) -> list[str]:
    """Return where an object is not what was planned, nothing if it is as it may be.

    `actual` is what applying made, or what a second plan with everything
    known says; in the latter case parts of it may be unknown where those of
    the first plan were.
    """
    if planned is actual:
        return []
    found = [*_block(block, planned, actual, ())]
    if block.has_write_only:
        found += [
            fault(path, "is write-only, so it must be null in a result")
            for path in write_only_paths(block, actual)
        ]
    return found


def find_unknown_parts(block: Block, actual: Value) -> list[str]:
    """Return the attributes that are still unknown in an object that has been made."""
    if is_wholly_known(actual):
        return []
    if type(actual) is not ObjectValue:
        return [fault((), "is not known after it was made")]
    return [
        fault((AttributePath(name),), "is not known after the object was made")
        for name in (*block.attributes, *block.blocks)
        if not is_wholly_known(actual.attributes[name])
    ]


def _block(block: Block, planned: Value, actual: Value, path: Path) -> Iterator[str]:
    if type(planned) is Unknown:
        return
    if type(planned) is Null or type(actual) is Null:
        if type(planned) is not type(actual):
            yield fault(path, _change("present", "absent", planned))
        return
    if type(planned) is not ObjectValue or type(actual) is not ObjectValue:
        yield from _value(planned, actual, path)
        return
    for name, attribute in block.attributes.items():
        was, is_ = planned.attributes[name], actual.attributes[name]
        if was is is_ or attribute.write_only:
            continue
        found = [*_value(was, is_, (*path, AttributePath(name)))]
        if found and attribute.sensitive:
            found = [fault((*path, AttributePath(name)), "is sensitive, and not as planned")]
        yield from found
    for name, nested in block.blocks.items():
        inside = (*path, AttributePath(name))
        yield from _blocks(nested, planned.attributes[name], actual.attributes[name], inside)


def _change(one: str, other: str, planned: Value) -> str:
    now, was = (one, other) if type(planned) is Null else (other, one)
    return f"was planned to be {was}, but is {now}"


def _blocks(nested: NestedBlock, planned: Value, actual: Value, path: Path) -> Iterator[str]:
    if planned is actual:
        return
    if nested.nesting in (Nesting.SINGLE, Nesting.GROUP):
        yield from _block(nested.block, planned, actual, path)
        return
    match planned, actual:
        case ((ListValue() | TupleValue()), (ListValue() | TupleValue())):
            if len(planned.elements) != len(actual.elements):
                yield fault(path, _lengths(len(planned.elements), len(actual.elements)))
                return
            for at, was in enumerate(planned.elements):
                inside = (*path, IndexPath(at))
                yield from _block(nested.block, was, actual.elements[at], inside)
        case ((MapValue() | ObjectValue()), (MapValue() | ObjectValue())):
            were, are = pairs(planned), pairs(actual)
            yield from _keys(were, are, path)
            for key in were.keys() & are.keys():
                yield from _block(nested.block, were[key], are[key], (*path, IndexPath(key)))
        case SetValue(), SetValue():
            yield from _elements(
                planned,
                actual,
                path,
                [
                    *uncorrelated(
                        planned.elements,
                        actual.elements,
                        lambda was, is_: not [*_block(nested.block, was, is_, path)],
                    )
                ],
            )


def _lengths(planned: int, actual: int) -> str:
    return f"was planned with {planned} elements, but has {actual}"


def _keys(planned: dict[str, Value], actual: dict[str, Value], path: Path) -> Iterator[str]:
    for key in sorted(planned.keys() - actual.keys()):
        yield fault((*path, IndexPath(key)), "was planned, but has vanished")
    for key in sorted(actual.keys() - planned.keys()):
        yield fault((*path, IndexPath(key)), "was not planned, but has appeared")


def _elements(
    planned: SetValue, actual: SetValue, path: Path, apart: list[list[Value]]
) -> Iterator[str]:
    # Elements that turn out to be equal become one, so fewer are in order; more are not.
    if len(actual.elements) > len(planned.elements):
        yield fault(path, _lengths(len(planned.elements), len(actual.elements)))
    elif apart[0]:
        yield from (fault(path, "lacks an element that was planned") for _ in apart[0])
    else:
        yield from (fault(path, "has an element that was not planned") for _ in apart[1])


def _value(planned: Value, actual: Value, path: Path) -> Iterator[str]:
    """Yield where a value is not what was planned; neither has marks."""
    if planned is actual:
        return
    if type(planned) is Unknown:
        yield from _placeholder(planned, actual, path)
        return
    if type(planned) is Null or type(actual) is Null or type(actual) is Unknown:
        if type(planned) is not type(actual):
            yield fault(path, _mismatch(planned, actual))
        return
    if not is_container(planned):
        if equal(planned, actual) is not True:
            yield fault(path, _mismatch(planned, actual))
        return
    yield from _container(planned, actual, path)


def _mismatch(planned: Value, actual: Value) -> str:
    return f"was planned as {_bare(planned)}, but {shown(actual)}"


def _bare(value: Value) -> str:
    return shown(value).removeprefix("is ")


def _placeholder(planned: Unknown, actual: Value, path: Path) -> Iterator[str]:
    """Yield a fault if a value is none of those that an unknown one was said to be."""
    wanted = planned.type
    if type(actual) is not Null and type_of(actual) != wanted and not has_dynamic(wanted):
        yield fault(path, f"{shown(actual)}, which is not of the planned type")
    elif (
        planned.refinement is not UNREFINED
        and type(actual) is not Unknown
        and equal(planned, actual) is False
    ):
        yield fault(path, f"{shown(actual)}, which is not what the plan said it might be")


def _container(planned: Unmarked, actual: Value, path: Path) -> Iterator[str]:
    match planned, actual:
        case ((ListValue() | TupleValue()), (ListValue() | TupleValue())):
            for at, was in enumerate(planned.elements):
                inside = (*path, IndexPath(at))
                if at < len(actual.elements):
                    yield from _value(was, actual.elements[at], inside)
                else:
                    yield fault(inside, "was planned, but has vanished")
            for at in range(len(planned.elements), len(actual.elements)):
                yield fault((*path, IndexPath(at)), "was not planned, but has appeared")
        case ((MapValue() | ObjectValue()), (MapValue() | ObjectValue())):
            were, are = pairs(planned), pairs(actual)
            yield from _keys(were, are, path)
            is_map = type(planned) is MapValue
            for key in were.keys() & are.keys():
                step = IndexPath(key) if is_map else AttributePath(key)
                yield from _value(were[key], are[key], (*path, step))
        case SetValue(), SetValue():
            apart = uncorrelated(
                planned.elements,
                actual.elements,
                lambda was, is_: not [*_value(was, is_, path)],
            )
            yield from _elements(planned, actual, path, [*apart])
        case _:
            yield fault(path, _mismatch(planned, actual))
