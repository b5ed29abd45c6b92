"""What a provider may plan: the configuration, with computed parts filled in.

`find_plan_faults` compares a planned object with the configuration and with
what there was, `results.find_result_faults` a made object with its plan.  A
fault is a sentence that begins with the path of the part at fault; sensitive
values are not shown.  Whether faults are errors is the caller's affair: a
lenient provider's are not.  The rules are those of Terraform 1.11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.hcl.describe import describe_value
from cotta.plans.correlation import uncorrelated
from cotta.schemas.blank import empty_value
from cotta.schemas.model import Block, Nesting
from cotta.schemas.types import write_only_paths
from cotta.values.paths import AttributePath, IndexPath, render_path
from cotta.values.value import (
    ANY_NULL,
    UNREFINED,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    is_wholly_known,
    same,
)
from cotta.values.walks import transform, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.schemas.model import Attribute, NestedAttribute
    from cotta.values.paths import Path
    from cotta.values.value import Value


def find_plan_faults(block: Block, prior: Value, config: Value, planned: Value) -> list[str]:
    """Return what is wrong with a planned object, nothing if it is as it may be.

    `prior` is what there is, or null; a planned null destroys.
    """
    if planned is config or planned is prior:
        return [] if not block.has_write_only else _written(block, planned)
    found = [*_block(block, prior, config, planned, ())]
    return found + _written(block, planned) if block.has_write_only else found


def _written(block: Block, planned: Value) -> list[str]:
    return [
        fault(path, "is write-only, so it must be null in a plan")
        for path in write_only_paths(block, planned)
    ]


def fault(path: Path, what: str) -> str:
    """Return a sentence about the part at `path`."""
    return f"{render_path(path).lstrip('.')} {what}" if path else f"the object {what}"


def shown(value: Value) -> str:
    """Return what a value is as a clause: `is "x"`."""
    known = None if type(value) is Unknown else describe_value(value)
    return known if known is not None else "is not known yet"


def _block(block: Block, prior: Value, config: Value, planned: Value, path: Path) -> Iterator[str]:
    if type(planned) is Null or type(config) is Null:
        if type(planned) is not type(config):
            yield fault(path, _absence(planned))
        return
    if type(planned) is not ObjectValue or type(config) is not ObjectValue:
        if not same(planned, config):
            yield fault(path, f"{shown(planned)} in the plan, but {shown(config)} in the config")
        return
    yield from _attributes(block.attributes, prior, config, planned, path)
    for name, nested in block.blocks.items():
        asked, plan = config.attributes[name], planned.attributes[name]
        if plan is asked or same(plan, asked):
            continue
        inside = (*path, AttributePath(name))
        if type(asked) is Unknown:
            yield fault(inside, "has blocks in the plan, although how many is not known yet")
        elif type(plan) is Unknown:
            yield fault(inside, "is unknown as a whole, but only parts of its blocks may be")
        else:
            before = part(prior, name)
            yield from _nested(nested.block, nested.nesting, before, asked, plan, inside)


def _absence(planned: Value) -> str:
    if type(planned) is Null:
        return "is absent from the plan, but the configuration wants it"
    return "is in the plan, but the configuration does not want it"


def part(value: Value, name: str) -> Value:
    """Return an attribute of an object; a null if the object is none."""
    return value.attributes[name] if type(value) is ObjectValue else ANY_NULL


def _attributes(
    attributes: Mapping[str, Attribute],
    prior: Value,
    config: ObjectValue,
    planned: ObjectValue,
    path: Path,
) -> Iterator[str]:
    for name, attribute in attributes.items():
        asked, plan = config.attributes[name], planned.attributes[name]
        if plan is not asked and not attribute.write_only:
            yield from _attribute(
                attribute, part(prior, name), asked, plan, (*path, AttributePath(name))
            )


def _attribute(
    attribute: Attribute, prior: Value, config: Value, planned: Value, path: Path
) -> Iterator[str]:
    if type(config) is Null:
        # A provider may put anything in the place of what it computes.
        if not attribute.computed and type(planned) is not Null:
            what = "has a planned value" if attribute.sensitive else shown(planned) + " in the plan"
            yield fault(path, f"{what}, but is not computed, and the configuration leaves it out")
        return
    if same(planned, config) or same(unrefined(planned), unrefined(config)):
        return
    if type(prior) is not Null and same(planned, prior):
        # Another way of writing what there is already.
        return
    nested = attribute.nested
    if attribute.sensitive:
        if nested is None or [*_nested_attribute(nested, prior, config, planned, path)]:
            yield fault(path, "is sensitive, and its planned value is not the configured one")
    elif nested is not None and type(config) is not Unknown:
        yield from _nested_attribute(nested, prior, config, planned, path)
    else:
        nor = "" if type(prior) is Null else f", and {shown(prior).removeprefix('is ')} before"
        yield fault(path, f"{shown(planned)} in the plan, but {shown(config)} in the config{nor}")


def _nested_attribute(
    nested: NestedAttribute, prior: Value, config: Value, planned: Value, path: Path
) -> Iterator[str]:
    if type(planned) is Null:
        yield fault(path, _absence(planned))
    elif type(planned) is Unknown:
        yield fault(path, "is unknown as a whole, but the configuration has its objects")
    else:
        yield from _nested(nested, nested.nesting, prior, config, planned, path)


def _nested(
    schema: Block | NestedAttribute,
    nesting: Nesting,
    prior: Value,
    config: Value,
    planned: Value,
    path: Path,
) -> Iterator[str]:
    match config, planned:
        case _ if nesting in (Nesting.SINGLE, Nesting.GROUP):
            yield from _object(schema, prior, config, planned, path)
        case ((ListValue() | TupleValue()), (ListValue() | TupleValue())):
            yield from _list(schema, prior, config, planned, path)
        case ((MapValue() | ObjectValue()), (MapValue() | ObjectValue())):
            yield from _map(schema, prior, config, planned, path)
        case SetValue(), SetValue():
            extra, missing = uncorrelated(
                planned.elements,
                config.elements,
                lambda plan, asked: not [*_object(schema, ANY_NULL, asked, plan, path)],
            )
            yield from (fault(path, "has an element that the config has not") for _ in extra)
            yield from (fault(path, "lacks an element that the config has") for _ in missing)
        case _:
            yield fault(path, f"{shown(planned)} in the plan, but {shown(config)} in the config")


def _object(
    schema: Block | NestedAttribute, prior: Value, config: Value, planned: Value, path: Path
) -> Iterator[str]:
    if isinstance(schema, Block):
        prior = empty_value(schema) if type(prior) is Null else prior
        yield from _block(schema, prior, config, planned, path)
    elif type(config) is ObjectValue and type(planned) is ObjectValue:
        yield from _attributes(schema.attributes, prior, config, planned, path)
    elif not same(config, planned):
        yield fault(path, f"{shown(planned)} in the plan, but {shown(config)} in the config")


def _list(
    schema: Block | NestedAttribute,
    prior: Value,
    config: ListValue | TupleValue,
    planned: ListValue | TupleValue,
    path: Path,
) -> Iterator[str]:
    if len(config.elements) != len(planned.elements):
        yield fault(
            path,
            f"has {len(planned.elements)} elements in the plan, "
            f"but {len(config.elements)} in the config",
        )
        return
    for at, (asked, plan) in enumerate(zip(config.elements, planned.elements, strict=True)):
        step = IndexPath(at)
        before = _found(prior, step)
        yield from _object(schema, before, asked, plan, (*path, step))


def _map(
    schema: Block | NestedAttribute,
    prior: Value,
    config: MapValue | ObjectValue,
    planned: MapValue | ObjectValue,
    path: Path,
) -> Iterator[str]:
    asked, plan = pairs(config), pairs(planned)
    for key in plan.keys() | asked.keys():
        inside = (*path, IndexPath(key))
        if key not in asked:
            yield fault(inside, "is in the plan, but not in the config")
        elif key not in plan:
            yield fault(inside, "is in the config, but not in the plan")
        else:
            before = _found(prior, IndexPath(key))
            yield from _object(schema, before, asked[key], plan[key], inside)


def _found(prior: Value, step: IndexPath) -> Value:
    found = value_at(prior, (step,))
    return ANY_NULL if found is None else found


def pairs(value: MapValue | ObjectValue) -> dict[str, Value]:
    """Return what is in a map or object, by key."""
    return value.elements if type(value) is MapValue else value.attributes


def unrefined(value: Value) -> Value:
    """Return the value with nothing said of its unknown parts but their type."""
    if is_wholly_known(value):
        return value
    return transform(
        value,
        lambda _, each: replace(each, refinement=UNREFINED) if type(each) is Unknown else each,
    )
