"""The text of a tree of `{{ }}`, given functions and fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.builder.layer.syntax import Branch, Call, Constant, Field, Pipeline
from cotta.builder.model import RenderError
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.functions.format_verbs import format_values
from cotta.values.functions import FunctionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cotta.builder.layer.syntax import Node, Operand

Datum: TypeAlias = object
LayerFunction: TypeAlias = "Callable[..., Datum]"

# A range over a number or a list of this many is a mistake; no option is so long.
_MOST_OUTPUT: Final = 16 << 20


def execute(
    nodes: Sequence[Node], fields: Mapping[str, Datum], functions: Mapping[str, LayerFunction]
) -> str:
    """Return the text; raises `RenderError`.

    A function is called with its arguments, texts and numbers as Python's, and may
    raise `RenderError` itself.
    """
    written: list[str] = []
    _Execution(fields, functions, written).write(nodes, fields)
    return "".join(written)


class _Execution:
    def __init__(
        self,
        root: Mapping[str, Datum],
        functions: Mapping[str, LayerFunction],
        written: list[str],
    ) -> None:
        self._functions = functions
        self._variables: dict[str, Datum] = {"$": root}
        self._written = written
        self._size = 0

    def write(self, nodes: Sequence[Node], dot: Datum) -> None:
        for node in nodes:
            match node:
                case str():
                    self._add(node)
                case Pipeline():
                    value = self._pipeline(node, dot)
                    if node.variable is None:
                        self._add(show(value))
                case Branch():
                    self._branch(node, dot)

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > _MOST_OUTPUT:
            raise RenderError("The text grows past 16 MB.")
        self._written.append(text)

    def _branch(self, node: Branch, dot: Datum) -> None:
        before = dict(self._variables)
        value = self._pipeline(node.pipeline, dot)
        if node.word == "range":
            pairs = list(_pairs(value))
            for key, element in pairs:
                if node.pipeline.key_variable:
                    self._variables[node.pipeline.key_variable] = key
                if node.pipeline.variable:
                    self._variables[node.pipeline.variable] = element
                self.write(node.then, element)
            if not pairs:
                self.write(node.otherwise, dot)
        elif is_true(value):
            self.write(node.then, value if node.word == "with" else dot)
        else:
            self.write(node.otherwise, dot)
        self._variables = before

    def _pipeline(self, pipeline: Pipeline, dot: Datum) -> Datum:
        first, *rest = pipeline.commands
        value = self._operand(first, dot)
        for command in rest:
            if not isinstance(command, Call):
                raise RenderError("Only a function can follow a |.")
            value = self._call(command, dot, (value,))
        if pipeline.variable is not None:
            self._variables[pipeline.variable] = value
        return value

    def _operand(self, operand: Operand, dot: Datum) -> Datum:
        match operand:
            case Constant(value=value):
                return value
            case Field():
                return self._field(operand, dot)
            case Call():
                return self._call(operand, dot, ())
            case Pipeline():
                return self._pipeline(operand, dot)

    def _field(self, field: Field, dot: Datum) -> Datum:
        value = dot
        if field.start is not None:
            value = self._pipeline(field.start, dot)
        elif field.variable is not None:
            if field.variable not in self._variables:
                raise RenderError(f"The variable {field.variable} is not set anywhere before.")
            value = self._variables[field.variable]
        for name in field.names:
            if not isinstance(value, Mapping):
                raise RenderError(f'".{name}" is asked of a text, which has no names in it.')
            if name not in value:
                known = [f".{each}" for each in value]
                there = f" There is {', '.join(known)}." if known else ""
                raise RenderError(
                    f'There is no ".{name}" here.{did_you_mean(f".{name}", known) or there}'
                )
            value = value[name]
        return value

    def _call(self, call: Call, dot: Datum, last: tuple[Datum, ...]) -> Datum:
        arguments = [self._operand(each, dot) for each in call.arguments]
        arguments += last
        function = self._functions.get(call.name) or BUILT_IN.get(call.name)
        if function is None:
            names = [*self._functions, *BUILT_IN]
            raise RenderError(
                f'There is no function "{call.name}" in {{{{ }}}}.{did_you_mean(call.name, names)}'
            )
        try:
            return function(*arguments)
        except TypeError:
            raise RenderError(
                f'The function "{call.name}" can\'t be called with '
                f"{_counted(len(arguments))}: {', '.join(map(repr, arguments)) or 'none'}."
            ) from None


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def show(value: Datum) -> str:
    """Return a value as Go prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{show(each)}' for key, each in sorted(value.items()))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(show, value))}]"
    return str(value)


def is_true(value: Datum) -> bool:
    """Say whether a value counts as true: it is not empty, zero, false or nothing."""
    return bool(value)


def _pairs(value: Datum) -> Iterable[tuple[Datum, Datum]]:
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, list | tuple):
        return enumerate(value)
    if isinstance(value, int) and not isinstance(value, bool) and value <= _MOST_OUTPUT:
        return ((at, at) for at in range(value))
    if value is None:
        return ()
    raise RenderError(f"A range goes over a list or a map, not over {show(value)!r}.")


# --- Go's own functions -------------------------------------------------------


def _and(*values: Datum) -> Datum:
    return next((each for each in values if not is_true(each)), values[-1])


def _or(*values: Datum) -> Datum:
    return next((each for each in values if is_true(each)), values[-1])


def _equal(first: Datum, *others: Datum) -> bool:
    if not others:
        raise RenderError('The function "eq" compares two values or more.')
    return any(type(first) is type(other) and first == other for other in others)


def _order(name: str, compare: Callable[[str, str], bool]) -> LayerFunction:
    def ordered(left: Datum, right: Datum) -> bool:
        both_texts = isinstance(left, str) and isinstance(right, str)
        both_numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if not (both_texts or both_numbers):
            raise RenderError(f'The function "{name}" compares two numbers or two texts.')
        return compare(left, right)  # type: ignore[arg-type]  # of one kind, as was just seen

    return ordered


def _index(collection: Datum, *keys: Datum) -> Datum:
    for key in keys:
        try:
            collection = collection[key]  # type: ignore[index]  # or it is a TypeError
        except (KeyError, IndexError):
            raise RenderError(f"There is nothing at {show(key)!r} to index.") from None
    return collection


def _length(value: Datum) -> int:
    return len(value.encode()) if isinstance(value, str) else len(value)  # type: ignore[arg-type]  # or it is a TypeError


def _printf(text: str, *values: Datum) -> str:
    plain = [each if isinstance(each, str | bool | int) else show(each) for each in values]
    try:
        return format_values(text, plain)
    except FunctionError as error:
        raise RenderError(f'The function "printf" fails: {error}.') from None


def _print(*values: Datum) -> str:
    # As Go's: a space between two operands when neither is a text.
    parts: list[str] = []
    for at, value in enumerate(values):
        if at and not isinstance(value, str) and not isinstance(values[at - 1], str):
            parts.append(" ")
        parts.append(show(value))
    return "".join(parts)


BUILT_IN: Final[Mapping[str, LayerFunction]] = {
    "and": _and,
    "or": _or,
    "not": lambda value: not is_true(value),
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "lt": _order("lt", lambda left, right: left < right),
    "le": _order("le", lambda left, right: left <= right),
    "gt": _order("gt", lambda left, right: left > right),
    "ge": _order("ge", lambda left, right: left >= right),
    "index": _index,
    "len": _length,
    "print": _print,
    "printf": _printf,
    "println": lambda *values: " ".join(map(show, values)) + "\n",
}
