"""The values of the root module's variables: where they come from, and what is made of them.

`gather` collects what the environment, files and options give, the later in
this order winning: `TF_VAR_…`, `terraform.tfvars`, `terraform.tfvars.json`,
`*.auto.tfvars` and `*.auto.tfvars.json` by name, then options as they were
written.  `assign` holds that against the variables that are declared.
Nothing is read here: files come as bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from cotta.configs.blocks import evaluate_literal
from cotta.diagnostics.source import SourceFile
from cotta.hcl.ast import Body
from cotta.hcl.bodies import just_attributes
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_expression, parse_file
from cotta.values.convert import ConversionError, convert
from cotta.values.types import without_optional
from cotta.values.value import Mark, Unknown, is_null, make_string, with_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cotta.configs.model import InputVariable, Module
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression
    from cotta.values.value import Value


class Origin(Enum):
    """Where a value was given; the value is the phrase in messages."""

    ENVIRONMENT = "an environment variable"
    AUTOMATIC_FILE = "a file that is always read"
    NAMED_FILE = "a file named on the command line"
    OPTION = "the command line"
    PROMPT = "an answer"


@dataclass(frozen=True, slots=True)
class Text:
    """A value as text: itself for a primitive type, an expression to read for any other."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Written:
    """A value as an expression in a file."""

    expression: Expression
    origin: Origin


Given = Text | Written


@dataclass(frozen=True, slots=True)
class Option:
    """`-var` with its `name=value`, or `-var-file` with a path and the file's content."""

    text: str
    content: bytes | None = None


PREFIX: Final = "TF_VAR_"
# Undeclared names in files that get a warning each; further ones are only counted.
_MOST_WARNINGS: Final = 2


def gather(
    environment: Mapping[str, str],
    automatic_files: Iterable[tuple[str, bytes]],
    options: Iterable[Option],
    diags: Diagnostics,
) -> dict[str, Given]:
    """Return what is given for every name; the last one wins."""
    found: dict[str, Given] = {
        name.removeprefix(PREFIX): Text(value, Origin.ENVIRONMENT)
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    for name, content in automatic_files:
        found |= _read_file(name, content, Origin.AUTOMATIC_FILE, diags)
    for option in options:
        if option.content is not None:
            found |= _read_file(option.text, option.content, Origin.NAMED_FILE, diags)
        else:
            found |= _read_option(option.text, diags)
    return found


def _read_option(text: str, diags: Diagnostics) -> dict[str, Given]:
    name, equals, value = text.partition("=")
    if not equals:
        diags.error(
            "Invalid -var option",
            f'"{text}" has no equals sign: write -var="name=value".',
        )
        return {}
    if name.endswith(" "):
        diags.error(
            "Invalid -var option",
            f'The name "{name}" ends with a space. Did you mean'
            f' -var="{name.rstrip()}={value.lstrip()}"?',
        )
        return {}
    return {name: Text(value, Origin.OPTION)}


def _read_file(name: str, content: bytes, origin: Origin, diags: Diagnostics) -> dict[str, Given]:
    """Return the values that a `.tfvars` file gives."""
    before = len(diags)
    parse = parse_json_file if name.endswith(".json") else parse_file
    body = parse(content, name, diags).body
    if len(diags) > before:
        return {}
    if isinstance(body, Body):
        declared = [block for block in body.blocks if block.type == "variable"]
        for block in declared:
            label = block.labels[0] if block.labels else "name"
            diags.error(
                "Variable declaration in .tfvars file",
                f"Variables are declared in .tf files. To set one here, write: {label} = …",
                block.type_range,
            )
        if declared:
            return {}
    return {
        attribute.name: Written(attribute.expression, origin)
        for attribute in just_attributes(body, diags).values()
    }


def missing(module: Module, given: Mapping[str, Given]) -> list[InputVariable]:
    """Return the variables that need a value and got none, in the order of their names."""
    return [
        variable
        for name, variable in sorted(module.variables.items())
        if variable.default is None and name not in given
    ]


def ask_for_missing(
    module: Module, given: Mapping[str, Given], ask: Callable[[InputVariable], str]
) -> dict[str, Given]:
    """Return what is given, together with an answer for every variable that needs a value."""
    answers: dict[str, Given] = {
        variable.name: Text(ask(variable), Origin.PROMPT) for variable in missing(module, given)
    }
    return {**given, **answers}


def assign(
    module: Module, given: Mapping[str, Given], diags: Diagnostics, *, needs_all: bool = True
) -> dict[str, Value]:
    """Return the value of every variable of the root module.

    Each is of its variable's type, with defaults filled in and marked as
    sensitive or ephemeral where that is declared.  After a mistake it is
    unknown, and so is one that has no value, a mistake too if `needs_all`.
    """
    read: dict[str, Value] = {}
    for name, variable in module.variables.items():
        source = given.get(name)
        value = _read_value(variable, source, diags) if source is not None else None
        if value is not None:
            read[name] = value
        elif variable.default is None and needs_all:
            diags.error(
                "No value for required variable",
                f'The variable "{name}" has no value and no default. Give it one with'
                f' -var="{name}=…" or in a file named with -var-file.',
                variable.range,
            )
    _report_undeclared(module, given, diags)
    values: dict[str, Value] = {}
    for name, variable in module.variables.items():
        source = given.get(name)
        place = source.expression.range if isinstance(source, Written) else None
        if name not in read and variable.default is None:
            values[name] = marked(variable, Unknown(without_optional(variable.type)))
        else:
            values[name] = accept(variable, read.get(name), place, diags)
    return values


def _read_value(variable: InputVariable, given: Given, diags: Diagnostics) -> Value | None:
    """Return the value as it was given, not yet converted; None after a mistake."""
    if isinstance(given, Written):
        return evaluate_literal(given.expression, diags)
    if variable.is_literal_parsed:
        return make_string(given.text)
    before = len(diags)
    source = SourceFile(f"<value for var.{variable.name}>", given.text)
    expression = parse_expression(source, diags)
    return evaluate_literal(expression, diags) if len(diags) == before else None


def _report_undeclared(module: Module, given: Mapping[str, Given], diags: Diagnostics) -> None:
    count = 0
    for name, source in given.items():
        if name in module.variables or source.origin is Origin.ENVIRONMENT:
            continue
        if isinstance(source, Text):
            diags.error(
                "Value for undeclared variable",
                f'The command line gives "{name}" a value, and the root module declares no such'
                f' variable. To declare it, write: variable "{name}" {{}}',
            )
            continue
        count += 1
        if count <= _MOST_WARNINGS:
            diags.warning(
                "Value for undeclared variable",
                f'The file "{source.expression.range.file.name}" gives "{name}" a value, and the'
                f' root module declares no such variable. To declare it, write: variable "{name}"'
                f" {{}}. Values for every configuration on a machine belong in {PREFIX}…"
                " environment variables, which may be undeclared.",
            )
    if count > _MOST_WARNINGS:
        diags.warning(
            "Values for undeclared variables",
            f"Files give values to {count - _MOST_WARNINGS} more variables that are not declared.",
        )


def accept(
    variable: InputVariable,
    given: Value | None,
    place: SourceRange | None,
    diags: Diagnostics,
) -> Value:
    """Return the value that a variable has when it is given one, or None for its default.

    It is converted to the variable's type, with what `optional` gives filled
    in, and marked.  `place` is where the value is written, if in a file.
    """
    if given is None:
        assert variable.default is not None
        return marked(variable, variable.default)
    value = given
    if variable.defaults is not None and not is_null(value):
        value = variable.defaults.apply(value)
    try:
        value = convert(value, variable.type)
    except ConversionError as error:
        where = f" declared at {variable.range.describe()}" if place is not None else ""
        diags.error(
            "Invalid value for input variable",
            f"This value doesn't fit var.{variable.name}{where}: {error}.",
            place or variable.range,
        )
        return marked(variable, Unknown(without_optional(variable.type)))
    if is_null(value) and not variable.is_nullable:
        if variable.default is not None:
            return marked(variable, variable.default)
        diags.error(
            "Required variable not set",
            f"null is given for var.{variable.name}, which needs a value.",
            place or variable.range,
        )
        return marked(variable, Unknown(without_optional(variable.type)))
    return marked(variable, value)


def marked(variable: InputVariable, value: Value) -> Value:
    """Return a variable's value with the marks that its block asks for."""
    marks = {
        mark
        for mark, is_wanted in (
            (Mark.SENSITIVE, variable.is_sensitive),
            (Mark.EPHEMERAL, variable.is_ephemeral),
        )
        if is_wanted
    }
    return with_marks(value, frozenset(marks))
