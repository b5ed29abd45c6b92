"""Go's `format` verbs: a format string applied to values.

A verb is `%`, flags (space `+ - 0 #`), a width, a precision, the number of an
argument in brackets, and a letter: `%-8s`, `%08.2f`, `%[2]v`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.values.codec_json import encode_plain
from cotta.values.convert import ConversionError, convert
from cotta.values.decimals import format_decimal
from cotta.values.functions import ArgumentError, FunctionError
from cotta.values.graphemes import clusters, count_clusters
from cotta.values.json_text import write_json
from cotta.values.numbers import BigFloat, is_infinite, truncate
from cotta.values.types import BOOL, NUMBER, STRING
from cotta.values.value import Null, make_string

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.numbers import Number
    from cotta.values.types import Type
    from cotta.values.value import Value

# A field wider than this is a mistake or an attack, not a report.
_WIDEST: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: `argument` is counted from 1, `raw` is its text."""

    raw: str
    letter: str
    argument: int
    flags: str
    width: int
    precision: int | None


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with the rest of a format, as a clause."""

    why: str


Part: TypeAlias = str | Verb | Malformed

_VERB: Final = re.compile(
    r"%([ +#0-]*)([1-9][0-9]*)?(?:(\.)([0-9]*))?(?:\[([1-9][0-9]*)\])?([a-zA-Z])"
)


@lru_cache(maxsize=512)
def parse_format(text: str) -> tuple[tuple[Part, ...], int]:
    """Return the parts of a format and the highest number of an argument in it.

    The parts end with the first mistake.
    """
    parts: list[Part] = []
    following = 1
    highest = at = 0
    while at < len(text):
        percent = text.find("%", at)
        if percent < 0:
            parts.append(text[at:])
            break
        if percent > at:
            parts.append(text[at:percent])
        if text.startswith("%%", percent):
            parts.append("%")
            at = percent + 2
            continue
        match = _VERB.match(text, percent)
        if match is None:
            parts.append(Malformed(f'"{text[percent : percent + 8]}" is no verb'))
            break
        verb = _make_verb(match, following)
        if isinstance(verb, Verb):
            highest = max(highest, verb.argument)
            following = verb.argument + 1
        parts.append(verb)
        at = match.end()
    return tuple(parts), highest


def _make_verb(match: re.Match[str], following: int) -> Verb | Malformed:
    flags, width, point, precision, argument, letter = match.groups()
    sizes = [int(size[:9]) for size in (width, precision, argument) if size]
    if any(size > _WIDEST for size in sizes):
        return Malformed(f'"{match[0][:20]}" asks for too much')
    return Verb(
        raw=match[0],
        letter=letter,
        argument=int(argument) if argument else following,
        flags=flags,
        width=int(width or 0),
        precision=int(precision or 0) if point else None,
    )


def format_values(text: str, values: Sequence[Value]) -> str:
    """Return the format with its verbs replaced by the values, all of them known.

    Raises `FunctionError` for a mistake in the format or a value that a verb
    can't write, `ArgumentError` (1 being the first value) for values too many.
    """
    parts, highest = parse_format(text)
    written = [part if type(part) is str else _write_part(part, values) for part in parts]
    if highest < len(values):
        used = f"the format uses only {highest}" if highest else "the format has no verbs"
        raise ArgumentError(highest + 1, f"there are too many arguments; {used}")
    return make_string("".join(written))


def _write_part(part: Part, values: Sequence[Value]) -> str:
    if isinstance(part, Malformed):
        raise FunctionError(f"the format is not valid: {part.why}")
    assert isinstance(part, Verb)
    if part.argument > len(values):
        raise FunctionError(
            f'"{part.raw}" needs an argument number {part.argument}, but there are {len(values)}'
        )
    value = values[part.argument - 1]
    if type(value) is Null and part.letter != "v":
        raise FunctionError(f'"{part.raw}" can\'t write a null value')
    if part.letter in "sq":
        return _write_string(part, value)
    if part.letter == "v":
        return _write_default(part, value)
    if part.letter in "bdoxX":
        return _write_integer(part, value)
    if part.letter in "eEfgG":
        return _write_fraction(part, value)
    if part.letter == "t":
        return "true" if _converted(part, value, BOOL) else "false"
    raise FunctionError(f'"{part.raw}" has an unknown verb "{part.letter}"')


def _converted(verb: Verb, value: Value, wanted: Type) -> Value:
    try:
        return convert(value, wanted)
    except ConversionError as error:
        raise FunctionError(f'"{verb.raw}" can\'t write this value: {error.describe()}') from None


def _write_default(verb: Verb, value: Value) -> str:
    if "#" not in verb.flags:
        if type(value) is str:
            return _pad(verb, value)
        if type(value) is int or type(value) is BigFloat:
            return _pad(verb, format_decimal(value, "g", None))
    return _pad(verb, _json(verb, value))


def _json(verb: Verb, value: Value) -> str:
    try:
        return write_json(encode_plain(value))
    except ValueError as error:
        raise FunctionError(f'"{verb.raw}" can\'t write this value: {error}') from None


def _write_string(verb: Verb, value: Value) -> str:
    text = _converted(verb, value, STRING)
    assert type(text) is str
    if verb.precision:
        text = "".join(clusters(text)[: verb.precision])
    return _pad(verb, _json(verb, text) if verb.letter == "q" else text)


def _pad(verb: Verb, text: str) -> str:
    if not verb.width:
        return text
    padding = ("0" if "0" in verb.flags else " ") * (verb.width - count_clusters(text))
    return text + padding if "-" in verb.flags else padding + text


def _sign(verb: Verb, *, negative: bool) -> str:
    if negative:
        return "-"
    return "+" if "+" in verb.flags else " " if " " in verb.flags else ""


_BASES: Final = {"b": "b", "o": "o", "x": "x", "X": "X", "d": "d"}
_BASE_PREFIXES: Final = {"b": "0b", "o": "0", "x": "0x", "X": "0X", "d": ""}


def _write_integer(verb: Verb, value: Value) -> str:
    number: Number = _converted(verb, value, NUMBER)  # type: ignore[assignment]  # a number
    whole = truncate(number)
    if whole != number:
        raise FunctionError(f'"{verb.raw}" can\'t write this value: a whole number is required')
    digits = format(abs(whole), _BASES[verb.letter])
    if verb.precision is not None:
        if verb.precision == 0 and whole == 0:
            return ""
        digits = digits.rjust(verb.precision, "0")
    prefix = _BASE_PREFIXES[verb.letter] if "#" in verb.flags else ""
    head = _sign(verb, negative=whole < 0) + prefix
    missing = verb.width - len(head) - len(digits)
    if "-" in verb.flags:
        return head + digits + " " * missing
    if "0" in verb.flags and verb.precision is None:
        return head + "0" * missing + digits
    return " " * missing + head + digits


def _write_fraction(verb: Verb, value: Value) -> str:
    number: Number = _converted(verb, value, NUMBER)  # type: ignore[assignment]  # a number
    precision = verb.precision
    if precision is None and verb.letter in "eEf":
        precision = 6
    text = format_decimal(number, verb.letter, precision)
    infinite = is_infinite(number)
    if infinite and text[0] == "+":
        sign = " " if " " in verb.flags else "+"
    else:
        sign = _sign(verb, negative=text[0] == "-")
    digits = text.lstrip("+-")
    missing = verb.width - len(sign) - len(digits)
    if "-" in verb.flags:
        return sign + digits + " " * missing
    if "0" in verb.flags and not infinite:
        return sign + "0" * missing + digits
    return " " * missing + sign + digits
