"""A block held to the declaration of its kind: `Options`, or what is wrong with it.

A source may have two bodies, its own and what a `build` block adds; options
of `override` come as values.  Everything that is wrong is told at once; what
depends on values that are not known yet is told when they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.builder.layer.functions import NotYetError
from cotta.builder.model import RenderError
from cotta.builder.options.declare import Kind
from cotta.builder.options.durations import parse_duration
from cotta.builder.options.rules import check_rules
from cotta.builder.options.values import NOT_KNOWN, Options
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import Body
from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema, partial_content
from cotta.hcl.describe import describe_values
from cotta.hcl.dynamic import expand, with_dynamic
from cotta.hcl.evaluate import evaluate
from cotta.values.convert import ConversionError, convert
from cotta.values.numbers import BigFloat
from cotta.values.types import STRING, MapType
from cotta.values.value import (
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    Unknown,
    is_container,
    is_wholly_known,
    items,
    make_string,
    unmark_deep,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cotta.builder.options.declare import Group, Option, Schema
    from cotta.builder.options.values import Plain
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute
    from cotta.hcl.bodies import AnyBody
    from cotta.hcl.dynamic import Expanded
    from cotta.hcl.scope import Scope
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is needed to read a block, beside its body.

    `render` fills in `{{ }}`.  `skipped` are arguments and blocks that somebody
    else reads.  `what` names the block in messages: `source "amazon-ebs"`.
    `overrides` win over what is written, and stand at `overrides_at`.
    """

    scope: Scope
    render: Callable[[str], str]
    what: str
    place: SourceRange
    skipped: frozenset[str] = frozenset()
    overrides: Mapping[str, Value] | None = None
    overrides_at: SourceRange | None = None


def decode_options(
    schema: Schema, bodies: Sequence[AnyBody], reading: Reading, diags: Diagnostics
) -> Options:
    """Return the options of a block that has these bodies.

    A name that is set in two of them is a mistake, told at the later one.
    """
    values: dict[str, Plain] = {}
    places: dict[str, SourceRange] = {}
    attributes, blocks = _contents(schema, bodies, reading, diags)
    for name, attribute in attributes.items():
        option = schema.by_name.get(name)
        if option is not None:
            decoded = _decode_attribute(option, attribute, reading, diags)
            if decoded is not None:
                values[name] = decoded
                places[name] = attribute.expression.range
    _decode_blocks(schema, blocks, reading, values, places, diags)
    for name, value in (reading.overrides or {}).items():
        _override(schema, name, value, reading, values, places, diags)
    _warn_of_ignored(schema, places, reading, diags)
    options = Options(schema, {**_defaults(schema), **values}, places, reading.place)
    check_rules(options, reading.what, diags)
    return options


def _defaults(schema: Schema) -> dict[str, Plain]:
    return {
        option.name: parse_duration(str(option.default))
        if option.kind is Kind.DURATION
        else option.default
        for option in schema.options
        if option.default is not None
    }


# --- structure ----------------------------------------------------------------


def _contents(
    schema: Schema, bodies: Sequence[AnyBody], reading: Reading, diags: Diagnostics
) -> tuple[dict[str, Attribute], list[Expanded]]:
    """Return the arguments and the nested blocks of all bodies, generated ones included."""
    known = BodySchema(
        tuple(AttributeSchema(name) for name in (*schema.by_name, *reading.skipped)),
        tuple(BlockSchema(name) for name in schema.groups_by_name),
    )
    accepted = with_dynamic(known)
    attributes: dict[str, Attribute] = {}
    blocks: list[Expanded] = []
    for body in bodies:
        found, rest = partial_content(body, accepted, diags)
        for name, attribute in found.attributes.items():
            first = attributes.setdefault(name, attribute)
            if first is not attribute:
                diags.error(
                    "Option set twice",
                    f'"{name}" is set by the source already, at {first.range.describe()}. A build '
                    "can add options to a source, not change them.",
                    attribute.name_range,
                )
        blocks += expand(found, known, reading.scope, diags)
        _report_unknown(rest, schema, reading, diags)
    return {k: v for k, v in attributes.items() if k not in reading.skipped}, blocks


def _report_unknown(rest: AnyBody, schema: Schema, reading: Reading, diags: Diagnostics) -> None:
    absent = dict(schema.absent)
    if isinstance(rest, Body):
        names = [(each.name, each.name_range, False) for each in rest.attributes.values()]
        names += [(each.type, each.type_range, True) for each in rest.blocks]
    else:
        names = [(each.name, each.name_range, False) for each in rest.members if each.name != "//"]
    for name, place, is_block in names:
        if name in reading.skipped:
            continue
        if name in absent:
            diags.error("Option that is not native", absent[name], place)
        elif is_block and name in schema.by_name:
            diags.error(
                "Unsupported block type",
                f'"{name}" is no block but an argument: write {name} = … here.',
                place,
            )
        elif not is_block and name in schema.groups_by_name:
            diags.error(
                "Unsupported argument",
                f'"{name}" is a block: write {name} {{ … }} here, without the equals sign.',
                place,
            )
        else:
            known = [*schema.by_name, *schema.groups_by_name, *reading.skipped]
            what = "A block of type" if is_block else "An argument named"
            diags.error(
                "Unsupported block type" if is_block else "Unsupported argument",
                f'{what} "{name}" is not expected in {reading.what}.{did_you_mean(name, known)}',
                place,
            )


# --- arguments ----------------------------------------------------------------


def _decode_attribute(
    option: Option, attribute: Attribute, reading: Reading, diags: Diagnostics
) -> Plain | None:
    """Return the value of an argument; None if it is null, or wrong after a diagnostic."""
    before = len(diags)
    value = evaluate(attribute.expression, reading.scope, diags)
    if len(diags) > before:
        return NOT_KNOWN
    place = attribute.expression.range
    values = describe_values(attribute.expression, reading.scope)
    return decode_value(option, value, place, reading, diags, values=values)


def decode_value(
    option: Option,
    value: Value,
    place: SourceRange,
    reading: Reading,
    diags: Diagnostics,
    *,
    values: tuple[tuple[str, str], ...] = (),
) -> Plain | None:
    """Return a value as an option of that kind; None if it is null."""
    try:
        converted = convert(value, option.kind.type)
    except ConversionError as error:
        diags.error(
            "Incorrect option value type",
            f'Inappropriate value for "{option.name}": {error.describe()}.',
            place,
            values=values,
        )
        return NOT_KNOWN
    bare, _marks = unmark_deep(converted)
    if isinstance(bare, Null):
        return None
    try:
        # Also where parts are unknown yet: what is wrong in the others is told now.
        if not option.held:
            bare = unmark_deep(_rendered(bare, reading.render))[0]
    except RenderError as error:
        diags.error("Template that can't be filled in", str(error), place)
        return NOT_KNOWN
    return _plain(option, bare, place, diags) if is_wholly_known(bare) else NOT_KNOWN


def _rendered(value: Value, render: Callable[[str], str]) -> Value:
    """Return a text, or a list or map of texts, with `{{ }}` filled in; others as they are.

    A text that asks for what only a running build has is unknown.
    """
    match value:
        case str():
            if "{{" not in value:
                return value
            try:
                return make_string(render(value))
            except NotYetError:
                return Unknown(STRING)
        case ListValue(element_type=of, elements=elements):
            return ListValue(of, tuple(_rendered(each, render) for each in elements))
        case MapValue(element_type=of, elements=pairs):
            made: dict[str, Value] = {}
            for key, each in pairs.items():
                name = _rendered(key, render)
                if not isinstance(name, str):
                    return Unknown(MapType(of))
                made[name] = _rendered(each, render)
            return MapValue(of, made)
        case _:
            return value


def _plain(option: Option, value: Value, place: SourceRange, diags: Diagnostics) -> Plain:
    match option.kind:
        case Kind.DURATION:
            found = parse_duration(str(value))
            if found is None:
                diags.error(
                    "Incorrect duration",
                    f'"{value}" is no duration for "{option.name}". One is a number with a unit, '
                    "such as 30s, 5m or 1h30m.",
                    place,
                )
                return NOT_KNOWN
            return found
        case Kind.NUMBER:
            return _whole(option, value, place, diags)
        case Kind.NUMBERS:
            numbers = tuple(_whole(option, each, place, diags) for _, each in items(value))  # type: ignore[arg-type]  # a list
            return NOT_KNOWN if NOT_KNOWN in numbers else numbers
        case Kind.DECIMAL:
            return float(str(value)) if isinstance(value, BigFloat) else value
        case Kind.TEXTS:
            return _texts(option, value, place, diags)
        case Kind.MAPPING:
            found_map = {str(key): each for key, each in items(value)}  # type: ignore[arg-type]  # a map
            return {k: v for k, v in sorted(found_map.items()) if not isinstance(v, Null)}
        case _:
            return value


def _texts(option: Option, value: Value, place: SourceRange, diags: Diagnostics) -> Plain:
    elements = [each for _, each in items(value)]  # type: ignore[arg-type]  # a list
    if any(isinstance(each, Null) for each in elements):
        diags.error(
            "Incorrect option value type",
            f'A null can\'t be an element of "{option.name}".',
            place,
        )
        return NOT_KNOWN
    return tuple(elements)


def _whole(option: Option, value: Value, place: SourceRange, diags: Diagnostics) -> Plain:
    if isinstance(value, int):
        return value
    diags.error("Incorrect option value type", f'"{option.name}" must be a whole number.', place)
    return NOT_KNOWN


# --- nested blocks ------------------------------------------------------------


def _decode_blocks(
    schema: Schema,
    blocks: Iterable[Expanded],
    reading: Reading,
    values: dict[str, Plain],
    places: dict[str, SourceRange],
    diags: Diagnostics,
) -> None:
    found: dict[str, list[Options]] = {}
    for each in blocks:
        group = schema.groups_by_name[each.block.type]
        inner = replace(
            reading,
            scope=each.scope,
            what=f"{group.name} blocks",
            place=each.block.header_range,
            skipped=_NOTHING,
            overrides=None,
        )
        decoded = decode_options(group.schema, [each.block.body], inner, diags)
        places.setdefault(group.name, each.block.header_range)
        if each.is_unknown:
            values[group.name] = NOT_KNOWN
            continue
        found.setdefault(group.name, []).append(decoded)
        if group.single and len(found[group.name]) > 1:
            diags.error(
                f"Duplicate {group.name} block",
                f"There can be one {group.name} block only, and there is one at "
                f"{places[group.name].describe()} already.",
                each.block.header_range,
            )
    for name, every in found.items():
        if values.get(name) is not NOT_KNOWN:
            values[name] = tuple(every)


_NOTHING: Final[frozenset[str]] = frozenset()


# --- overrides ----------------------------------------------------------------


def _override(
    schema: Schema,
    name: str,
    value: Value,
    reading: Reading,
    values: dict[str, Plain],
    places: dict[str, SourceRange],
    diags: Diagnostics,
) -> None:
    place = reading.overrides_at or reading.place
    option = schema.by_name.get(name)
    group = schema.groups_by_name.get(name)
    if option is not None:
        decoded = decode_value(option, value, place, reading, diags)
    elif group is not None:
        decoded = _group_from_value(group, value, place, reading, diags)
    else:
        known = [*schema.by_name, *schema.groups_by_name]
        diags.error(
            "Unsupported argument",
            f'override sets "{name}", which is not expected in {reading.what}.'
            f"{did_you_mean(name, known)}",
            place,
        )
        return
    if decoded is None:
        values.pop(name, None)
        places.pop(name, None)
        return
    values[name] = decoded
    places[name] = place


def _group_from_value(
    group: Group, value: Value, place: SourceRange, reading: Reading, diags: Diagnostics
) -> Plain:
    """Return the blocks that an object, or a list of them, stands for."""
    bare, _marks = unmark_deep(value)
    if not is_wholly_known(bare):
        return NOT_KNOWN
    every = [bare] if isinstance(bare, ObjectValue) else []
    if not every and is_container(bare):
        every = [each for _, each in items(bare) if isinstance(each, ObjectValue)]
    inner = replace(
        reading, what=f"{group.name} blocks", place=place, skipped=_NOTHING, overrides_at=place
    )
    return tuple(
        decode_options(group.schema, [], replace(inner, overrides=each.attributes), diags)
        for each in every
    )


def _warn_of_ignored(
    schema: Schema, places: Mapping[str, SourceRange], reading: Reading, diags: Diagnostics
) -> None:
    for name, place in places.items():
        option = schema.by_name.get(name)
        if option is not None and option.ignored:
            diags.warning(
                "Option without effect",
                f'"{name}" in {reading.what} does nothing: {option.ignored}.',
                place,
            )
