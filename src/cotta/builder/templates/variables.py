"""The values of a template's variables: where they come from, and which one wins.

In this order, the later winning: the default, `PKR_VAR_…` of the environment,
files that are always read (`*.auto.pkrvars.hcl`, then `.json`), files of
`-var-file` as they were named, and `-var`.  Nothing is read here: files come
as bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import SourceFile
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.bodies import just_attributes
from cotta.hcl.evaluate import evaluate
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_expression, parse_file
from cotta.hcl.scope import Scope
from cotta.values.convert import ConversionError, convert
from cotta.values.types import BOOL, STRING, without_optional
from cotta.values.value import Mark, ObjectValue, Unknown, is_known, is_null, make_string, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.builder.templates.declared import Template, Variable
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression
    from cotta.values.functions import Function
    from cotta.values.value import Value


class Origin(Enum):
    """Where a value was given, the later winning; the value is the phrase in messages."""

    ENVIRONMENT = "an environment variable"
    FILE = "a file"
    OPTION = "the command line"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was given: as text, or as an expression in a file."""

    origin: Origin
    text: str = ""
    expression: Expression | None = None


PREFIX: Final = "PKR_VAR_"


def gather(
    environment: Mapping[str, str],
    files: Iterable[tuple[str, bytes]],
    options: Iterable[str],
    diags: Diagnostics,
) -> dict[str, Given]:
    """Return what is given for every name; the last one wins.

    `files` are those that are always read and then those that were named, in
    order; `options` are the `name=value` of `-var`.
    """
    found = {
        name.removeprefix(PREFIX): Given(Origin.ENVIRONMENT, value)
        for name, value in sorted(environment.items())
        if name.startswith(PREFIX)
    }
    for name, content in files:
        found |= _read_file(name, content, diags)
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            diags.error(
                "Invalid -var option",
                f'"{option}" has no name and equals sign: write -var name=value.',
            )
            continue
        found[name.strip()] = Given(Origin.OPTION, value)
    return found


def _read_file(name: str, content: bytes, diags: Diagnostics) -> dict[str, Given]:
    before = len(diags)
    parse = parse_json_file if name.endswith(".json") else parse_file
    body = parse(content, name, diags).body
    if len(diags) > before:
        return {}
    return {
        attribute.name: Given(Origin.FILE, expression=attribute.expression)
        for attribute in just_attributes(body, diags).values()
    }


def assign(
    template: Template,
    given: Mapping[str, Given],
    functions: Mapping[str, Function],
    diags: Diagnostics,
    *,
    warns_of_undeclared: bool,
    needs_all: bool = True,
) -> dict[str, Value]:
    """Return the value of every variable, converted, checked, and marked where sensitive.

    After a mistake it is unknown, and so is one that has no value, which is a
    mistake if `needs_all`.
    """
    _report_undeclared(template, given, diags, warns=warns_of_undeclared)
    values: dict[str, Value] = {}
    for name, variable in template.variables.items():
        value, place = _value_of(variable, given.get(name), diags, needs_all=needs_all)
        _validate(variable, value, place, functions, diags)
        values[name] = mark(value, Mark.SENSITIVE) if variable.is_sensitive else value
    return values


def _value_of(
    variable: Variable, given: Given | None, diags: Diagnostics, *, needs_all: bool
) -> tuple[Value, SourceRange]:
    unknown = Unknown(without_optional(variable.type))
    if given is None:
        if variable.default is None:
            if needs_all:
                diags.error(
                    f'Unset variable "{variable.name}"',
                    f"The variable has no value and no default. Give it one with -var "
                    f"'{variable.name}=…', in a file named with -var-file, or as "
                    f"{PREFIX}{variable.name} in the environment.",
                    variable.range,
                )
            return unknown, variable.range
        return variable.default, variable.range
    place = given.expression.range if given.expression is not None else variable.range
    before = len(diags)
    value = _read(variable, given, diags)
    if len(diags) > before:
        return unknown, place
    if variable.defaults is not None and not is_null(value):
        value = variable.defaults.apply(value)
    try:
        return convert(value, variable.type), place
    except ConversionError as error:
        diags.error(
            "Invalid value for variable",
            f'The value that {given.origin.value} gives to "{variable.name}" doesn\'t fit: '
            f"{error.describe()}.",
            place,
        )
        return unknown, place


def _read(variable: Variable, given: Given, diags: Diagnostics) -> Value:
    if given.expression is not None:
        return evaluate(given.expression, _NOWHERE, diags)
    if variable.takes_text:
        return make_string(given.text)
    source = SourceFile(f"<value for var.{variable.name}>", given.text)
    before = len(diags)
    expression = parse_expression(source, diags)
    if len(diags) > before:
        return Unknown(without_optional(variable.type))
    return evaluate(expression, _NOWHERE, diags)


_NOWHERE: Final = Scope()


def _validate(
    variable: Variable,
    value: Value,
    place: SourceRange,
    functions: Mapping[str, Function],
    diags: Diagnostics,
) -> None:
    if not is_known(value):
        return
    scope = Scope({"var": ObjectValue({variable.name: value})}, functions)
    for rule in variable.validations:
        before = len(diags)
        try:
            holds = convert(evaluate(rule.condition, scope, diags), BOOL)
        except ConversionError as error:
            diags.error(
                "Invalid validation condition",
                f"The condition must be true or false: {error.describe()}.",
                rule.condition.range,
            )
            continue
        if holds is not False or len(diags) > before:
            continue
        try:
            message = convert(evaluate(rule.error_message, scope, diags), STRING)
        except ConversionError:
            message = ""
        detail = message if isinstance(message, str) else ""
        diags.error(
            f"Invalid value for {variable.name} variable",
            f"{detail}\n\nThis was checked by the validation rule at {rule.range.describe()}.",
            place,
        )


def _report_undeclared(
    template: Template, given: Mapping[str, Given], diags: Diagnostics, *, warns: bool
) -> None:
    for name, value in given.items():
        if name in template.variables or value.origin is Origin.ENVIRONMENT:
            continue
        hint = did_you_mean(name, list(template.variables))
        declare = f' To declare it, write: variable "{name}" {{}}'
        if value.origin is Origin.OPTION:
            diags.error(
                f'Undefined -var variable "{name}"',
                f'The command line gives "{name}" a value, and no file declares that variable.'
                f"{hint or declare}",
            )
        elif warns:
            assert value.expression is not None
            diags.warning(
                "Undefined variable",
                f'A value is given to "{name}", and no file declares that variable.{hint}',
                value.expression.range,
            )
