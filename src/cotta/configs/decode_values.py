"""Blocks that hold values: `variable`, `locals`, `output`, and the rules that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.references import ResourceSubject, VariableSubject, parse_reference
from cotta.configs.blocks import (
    check_identifier,
    decode_flag,
    decode_text,
    evaluate_literal,
    quoted_text,
    read_block,
    references_of,
    schema,
)
from cotta.configs.model import CheckRule, InputVariable, LocalValue, OutputValue
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import Invalid
from cotta.hcl.bodies import BlockSchema, BodySchema, just_attributes
from cotta.hcl.references import variables_in
from cotta.hcl.traversals import as_keyword
from cotta.hcl.type_expressions import parse_type_constraint
from cotta.values.convert import ConversionError, convert
from cotta.values.types import DYNAMIC, ListType, MapType, PrimitiveType, without_optional
from cotta.values.value import Unknown, is_null

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.addrs.resources import Resource
    from cotta.configs.blocks import Read
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.bodies import AnyBody
    from cotta.hcl.type_expressions import Defaults
    from cotta.values.types import Type
    from cotta.values.value import Value

VARIABLE: Final = BodySchema(
    schema("description", "default", "type", "sensitive", "ephemeral", "nullable"),
    (BlockSchema("validation"),),
)
OUTPUT: Final = BodySchema(
    schema("description", "depends_on", "sensitive", "ephemeral", required=("value",)),
    (BlockSchema("precondition"), BlockSchema("postcondition")),
)
RULE: Final = BodySchema(schema(required=("condition", "error_message")))

# Names that mean something else inside a `module` block.
_RESERVED: Final = frozenset(
    {
        "source",
        "version",
        "providers",
        "provider",
        "count",
        "for_each",
        "depends_on",
        "lifecycle",
        "locals",
    }
)

# Types as they were written before 0.12, in quotes and without.
_QUOTED: Final = frozenset({"string", "list", "map"})
_UNQUOTED: Final = {"list": "list(string)", "map": "map(string)"}
_OLD_TYPES: Final[dict[str, Type]] = {"list": ListType(DYNAMIC), "map": MapType(DYNAMIC)}


def decode_variable(read: Read, diags: Diagnostics) -> InputVariable:
    """Return a `variable` block; its default is converted to its type already."""
    name = read.block.labels[0]
    place = read.block.label_ranges[0]
    check_identifier(name, "Invalid variable name", place, diags)
    if name in _RESERVED:
        diags.error(
            "Invalid variable name",
            f'No variable can be named "{name}": inside a module block that means something else.',
            place,
        )
    type_, defaults, is_literal = _decode_type(read.expression("type"), diags)
    is_nullable = decode_flag(read, "nullable", diags, default=True)
    return InputVariable(
        name=name,
        type=type_,
        defaults=defaults,
        default=_decode_default(read, type_, defaults, is_nullable=is_nullable, diags=diags),
        description=decode_text(read, "description", diags),
        is_sensitive=decode_flag(read, "sensitive", diags),
        is_ephemeral=decode_flag(read, "ephemeral", diags),
        is_nullable=is_nullable,
        is_literal_parsed=is_literal,
        validations=tuple(
            rule
            for block in read.of_type("validation")
            if (rule := _decode_validation(block, name, diags)) is not None
        ),
        range=read.range,
    )


def _decode_type(
    expression: Expression | None, diags: Diagnostics
) -> tuple[Type, Defaults | None, bool]:
    """Return the type, the defaults in it, and whether values from outside are texts."""
    if expression is None:
        return DYNAMIC, None, True
    text = quoted_text(expression)
    if text is not None:
        diags.error(
            "Invalid quoted type constraints"
            if text in _QUOTED
            else "Invalid legacy variable type hint",
            f"A type is written without quotes: type = {_UNQUOTED.get(text, text or 'any')}.",
            expression.range,
        )
        return DYNAMIC, None, False
    old = _OLD_TYPES.get(as_keyword(expression) or "")
    if old is not None:
        return old, None, False
    type_, defaults = parse_type_constraint(expression, diags)
    return type_, defaults, isinstance(type_, PrimitiveType)


def _decode_default(
    read: Read,
    type_: Type,
    defaults: Defaults | None,
    *,
    is_nullable: bool,
    diags: Diagnostics,
) -> Value | None:
    """Return the default in the variable's type; None if there is none."""
    expression = read.expression("default")
    if expression is None:
        return None
    # Where an override file is to blame, its block is shown.
    place = read.changed_at or expression.range
    value = evaluate_literal(expression, diags)
    if value is None:
        return Unknown(without_optional(type_))
    if defaults is not None and not is_null(value):
        value = defaults.apply(value)
    try:
        value = convert(value, type_)
    except ConversionError as error:
        diags.error(
            "Invalid default value for variable",
            f"The default doesn't fit the variable's type: {error}.",
            place,
        )
        return Unknown(without_optional(type_))
    if is_null(value) and not is_nullable:
        diags.error(
            "Invalid default value for variable",
            "The default can't be null where nullable is false.",
            place,
        )
    return value


def _decode_validation(block: Block, variable: str, diags: Diagnostics) -> CheckRule | None:
    rule = decode_rule(block, diags)
    if rule is None:
        return None
    mentioned = (parse_reference(found, Diagnostics()) for found in variables_in(rule.condition))
    if not any(
        reference is not None and reference.subject == VariableSubject(variable)
        for reference in mentioned
    ):
        diags.error(
            "Invalid variable validation condition",
            f'The condition for variable "{variable}" must refer to var.{variable}, so that it'
            " tests the value that is coming in.",
            rule.condition.range,
        )
    return rule


def decode_rule(block: Block, diags: Diagnostics) -> CheckRule | None:
    """Return a `validation`, `precondition`, `postcondition` or `assert`; None if cut short."""
    read = read_block(block, RULE, diags)
    condition, message = read.expression("condition"), read.expression("error_message")
    if condition is not None and not variables_in(condition):
        diags.error(
            f"Invalid {block.type} expression",
            "The condition must refer to something else in the configuration; otherwise it"
            " would check nothing.",
            condition.range,
        )
    if condition is None or message is None:
        return None
    return CheckRule(condition=condition, error_message=message, range=read.range)


def decode_sound_rule(block: Block, diags: Diagnostics) -> CheckRule | None:
    """Return a rule; None if anything is wrong with it."""
    before = len(diags)
    rule = decode_rule(block, diags)
    return rule if len(diags) == before else None


def decode_rules(blocks: Iterable[Block], diags: Diagnostics) -> tuple[CheckRule, ...]:
    """Return the rules that can be read."""
    rules = (decode_rule(block, diags) for block in blocks)
    return tuple(rule for rule in rules if rule is not None)


def check_self_references(rule: CheckRule, kind: str, owner: Resource, diags: Diagnostics) -> None:
    """Report a resource's condition that names the resource itself."""
    for expression in (rule.condition, rule.error_message):
        for traversal in variables_in(expression):
            reference = parse_reference(traversal, Diagnostics())
            match reference.subject if reference is not None else None:
                case ResourceSubject(resource=resource) if resource == owner:
                    diags.error(
                        f"Invalid reference in {kind}",
                        f"The configuration of {owner} can't refer to itself.",
                        expression.range,
                    )


def decode_locals(body: AnyBody, diags: Diagnostics) -> list[LocalValue]:
    """Return the values of a `locals` block."""
    found = []
    for name, attribute in just_attributes(body, diags).items():
        check_identifier(name, "Invalid local value name", attribute.name_range, diags)
        found.append(LocalValue(name=name, expression=attribute.expression, range=attribute.range))
    return found


def decode_output(read: Read, diags: Diagnostics) -> OutputValue:
    """Return an `output` block."""
    name = read.block.labels[0]
    check_identifier(name, "Invalid output name", read.block.label_ranges[0], diags)
    for block in read.of_type("postcondition"):
        diags.error(
            "Postconditions are not allowed",
            "An output can have preconditions only.",
            block.type_range,
        )
    depends_on = read.expression("depends_on")
    return OutputValue(
        name=name,
        expression=read.expression("value") or Invalid(read.range),
        description=decode_text(read, "description", diags),
        is_sensitive=decode_flag(read, "sensitive", diags),
        is_ephemeral=decode_flag(read, "ephemeral", diags),
        depends_on=references_of(depends_on, diags) if depends_on is not None else (),
        preconditions=decode_rules(read.of_type("precondition"), diags),
        range=read.range,
    )
