"""Regular expressions by RE2, with Go's rules for repetition and replacement.

Patterns are compiled once and matched on bytes, so that positions need no
translation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.types import DYNAMIC, STRING, ListType, ObjectType, TupleType
from cotta.values.value import (
    ListValue,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    make_string,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.values.types import Type
    from cotta.values.value import Value

Spans = tuple[tuple[int, int], ...]


class PatternError(ValueError):
    """A text is no regular expression; the message is a clause that says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled expression: `names` are those of its groups, None where one has none."""

    expression: Any
    names: tuple[str | None, ...]

    def find(self, text: bytes, start: int = 0) -> Spans | None:
        """Return where the first match at or after `start` and its groups are; -1 for none."""
        match = self.expression.search(text, start)
        if match is None:
            return None
        return tuple(match.span(group) for group in range(len(self.names) + 1))

    def find_all(self, text: bytes) -> Iterator[Spans]:
        """Iterate over the matches, left to right.

        As in Go, an empty match right after another match doesn't count.
        """
        at, previous_end = 0, -1
        while at <= len(text):
            spans = self.find(text, at)
            if spans is None:
                return
            start, end = spans[0]
            if end > start or start != previous_end:
                yield spans
            previous_end = end
            at = end if end > at else at + _character_length(text, at)


def _character_length(text: bytes, at: int) -> int:
    first = text[at] if at < len(text) else 0
    return 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


@lru_cache(maxsize=1)
def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


# RE2 knows it, Go doesn't: it would match half of a character.
_ANY_BYTE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\C")


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Pattern:
    """Return the compiled pattern; raise `PatternError` if it is none."""
    import re2

    if _ANY_BYTE.search(pattern):
        raise PatternError("it has the escape \\C, which is not allowed")
    try:
        expression = re2.compile(pattern.encode(), _options())
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        # What stands behind the colon quotes the pattern, which may be sensitive.
        raise PatternError(text.partition(": ")[0]) from None
    names: list[str | None] = [None] * expression.groups
    for name, number in expression.groupindex.items():
        names[number - 1] = name.decode()
    return Pattern(expression, tuple(names))


def _compile_argument(pattern: str) -> Pattern:
    try:
        found = compile_pattern(pattern)
    except PatternError as error:
        raise ArgumentError(0, f"this is not a regular expression: {error}") from None
    if any(found.names) and None in found.names:
        raise ArgumentError(0, "either all groups of the expression have names, or none has one")
    return found


# --- what a match is as a value -----------------------------------------------


def _match_type(pattern: Pattern) -> Type:
    if not pattern.names:
        return STRING
    if pattern.names[0] is None:
        return TupleType((STRING,) * len(pattern.names))
    return ObjectType({name: STRING for name in pattern.names if name is not None})


def _match_value(pattern: Pattern, text: bytes, spans: Spans) -> Value:
    if not pattern.names:
        return _slice(text, spans[0])
    groups = [_slice(text, span) for span in spans[1:]]
    if pattern.names[0] is None:
        return TupleValue(tuple(groups))
    named = zip(pattern.names, groups, strict=True)
    return ObjectValue({name: group for name, group in named if name is not None})


def _slice(text: bytes, span: tuple[int, int]) -> Value:
    start, end = span
    return make_string(text[start:end].decode(errors="replace")) if start >= 0 else Null(STRING)


def _regex_type(arguments: Sequence[Value]) -> Type:
    pattern = arguments[0]
    if type(pattern) is Unknown:
        return DYNAMIC
    assert type(pattern) is str
    return _match_type(_compile_argument(pattern))


def _regex(pattern: str, text: str) -> Value:
    compiled, encoded = _compile_argument(pattern), text.encode()
    spans = compiled.find(encoded)
    if spans is None:
        raise FunctionError("the pattern matches no part of the string")
    return _match_value(compiled, encoded, spans)


def _regexall_type(arguments: Sequence[Value]) -> Type:
    return ListType(_regex_type(arguments))


def _regexall(pattern: str, text: str) -> Value:
    compiled, encoded = _compile_argument(pattern), text.encode()
    found = [_match_value(compiled, encoded, spans) for spans in compiled.find_all(encoded)]
    return ListValue(_match_type(compiled), tuple(found))


# --- replacement --------------------------------------------------------------

_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def replace_all(pattern: Pattern, text: str, template: str) -> str:
    """Return `text` with every match replaced by `template`.

    In the template `$1`, `$name` and `${name}` stand for groups, nothing if
    there is no such group or it took no part, and `$$` for a dollar sign.  A
    name is as long as it can be.
    """
    encoded = text.encode()
    parts = _parse_template(template, pattern.names)
    written: list[bytes] = []
    end = 0
    for spans in pattern.find_all(encoded):
        written.append(encoded[end : spans[0][0]])
        for part in parts:
            if isinstance(part, bytes):
                written.append(part)
            elif spans[part][0] >= 0:
                written.append(encoded[spans[part][0] : spans[part][1]])
        end = spans[0][1]
    written.append(encoded[end:])
    return b"".join(written).decode(errors="replace")


def _parse_template(template: str, names: tuple[str | None, ...]) -> list[bytes | int]:
    """Return the template as texts and numbers of groups."""
    parts: list[bytes | int] = []
    end = 0
    for match in _REFERENCE.finditer(template):
        parts.append(template[end : match.start()].encode())
        end = match.end()
        if match[1]:
            parts.append(b"$")
            continue
        group = _group_number(match[2] or match[3], names)
        if group is not None:
            parts.append(group)
    parts.append(template[end:].encode())
    return [part for part in parts if part != b""]


def _group_number(name: str, names: tuple[str | None, ...]) -> int | None:
    if name.isascii() and name.isdigit():
        if (name[0] == "0" and len(name) > 1) or len(name) > 8:
            return None
        return int(name) if int(name) <= len(names) else None
    return names.index(name) + 1 if name in names else None


def _replace(text: str, wanted: str, replacement: str) -> Value:
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        try:
            pattern = compile_pattern(wanted[1:-1])
        except PatternError as error:
            raise FunctionError(f"this is not a regular expression: {error}") from None
        return make_string(replace_all(pattern, text, replacement))
    return make_string(text.replace(wanted, replacement))


def _regex_replace(text: str, wanted: str, replacement: str) -> Value:
    return make_string(replace_all(_compile_pattern_argument(wanted), text, replacement))


def _compile_pattern_argument(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise FunctionError(f"this is not a regular expression: {error}") from None


def _replace_plain(text: str, wanted: str, replacement: str) -> Value:
    return make_string(text.replace(wanted, replacement))


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="regex",
        description="Returns the first match of a regular expression: the whole of it, or its "
        "groups as a tuple, or its named groups as an object.",
        parameters=(Parameter("pattern", STRING), Parameter("string", STRING)),
        result=_regex_type,
        implementation=_regex,
        nullable=False,
    ),
    Function(
        name="regexall",
        description="Returns a list of every match of a regular expression, each as `regex` "
        "would give it.",
        parameters=(Parameter("pattern", STRING), Parameter("string", STRING)),
        result=_regexall_type,
        implementation=_regexall,
    ),
    Function(
        name="replace",
        description="Returns the string with each occurrence of another replaced; between "
        "slashes the other is a regular expression.",
        parameters=(
            Parameter("str", STRING),
            Parameter("substr", STRING),
            Parameter("replace", STRING),
        ),
        result=STRING,
        implementation=_replace,
    ),
)

PACKER_FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="replace",
        description="Returns the string with each occurrence of another replaced.",
        parameters=(
            Parameter("str", STRING),
            Parameter("substr", STRING),
            Parameter("replace", STRING),
        ),
        result=STRING,
        implementation=_replace_plain,
    ),
    Function(
        name="regex_replace",
        description="Returns the string with each match of a regular expression replaced.",
        parameters=(
            Parameter("str", STRING),
            Parameter("pattern", STRING),
            Parameter("replace", STRING),
        ),
        result=STRING,
        implementation=_regex_replace,
    ),
)
