"""`yamldecode`: YAML to values by the rules of Terraform's decoder.

PyYAML cuts the text into events; what a scalar means, and what is refused, is
decided here.  Terraform's reading is neither YAML 1.1 nor 1.2: `yes` is true
and a date becomes a timestamp, but `0o17` is octal, `017` is seventeen and
`1_000` is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cotta.hcl.functions.encodings import decode_base64
from cotta.hcl.functions.instants import (
    Date,
    at_local_time,
    format_rfc3339,
    is_date,
    seconds_of_day,
)
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import Function, FunctionError, Parameter
from cotta.values.numbers import NEGATIVE_INFINITY, POSITIVE_INFINITY, parse_number
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import ANY_NULL, Null, ObjectValue, TupleValue, make_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.values.value import Value

_PREFIX: Final = "tag:yaml.org,2002:"
_MOST_NESTED: Final = 200


def _in_each_case(*words: str) -> list[str]:
    return [form for word in words for form in (word, word.capitalize(), word.upper())]


_WORDS: Final[dict[str, Value]] = {
    **dict.fromkeys(_in_each_case("y", "yes", "true", "on"), True),
    **dict.fromkeys(_in_each_case("n", "no", "false", "off"), False),
    **dict.fromkeys(["", "~", *_in_each_case("null")], ANY_NULL),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], POSITIVE_INFINITY),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], NEGATIVE_INFINITY),
}
_NOT_A_NUMBER: Final = frozenset({".nan", ".NaN", ".NAN"})

_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_OTHER_BASES: Final = (
    (re.compile(r"0o([0-7]+)"), 8),
    (re.compile(r"0x([0-9a-fA-F]+)"), 16),
)
# What only an explicit `!!int` may look like, besides those: Go's own literals.
_TAGGED: Final = (
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0[oO]([0-7]+)"), 8),
)
_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:"
    r"[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))"
    r"| +(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?)?",
    re.ASCII,
)


def _parse_timestamp(text: str) -> str | None:
    """Return the timestamp as RFC 3339 to the second; None if the text is none."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    date = Date(int(match[1]), int(match[2]), int(match[3]))
    hour, minute, second = match[4] or match[11], match[5] or match[12], match[6] or match[13]
    seconds = seconds_of_day(hour, minute, second) if hour else 0
    if not is_date(date) or seconds is None:
        return None
    offset = 0
    if match[8]:
        hours, minutes = int(match[9]), int(match[10])
        if hours > 24 or minutes > 60:
            return None
        offset = (hours * 60 + minutes) * (-60 if match[8] == "-" else 60)
    return format_rfc3339(at_local_time(date, seconds, "", offset))


def _number(text: str) -> Value | None:
    """Return the number that bare text spells; None if it spells none."""
    if _DECIMAL.fullmatch(text):
        try:
            return parse_number(text)
        except ValueError as error:
            raise FunctionError(str(error)) from None
    for pattern, radix in _OTHER_BASES:
        match = pattern.fullmatch(text)
        if match is not None:
            return _of_64_bits(int(match[1], radix))
    return None


def _number_by_tag(text: str) -> Value | None:
    """Return the number that text under `!!int` or `!!float` spells; None if it spells none."""
    plain = text.replace("_", "")
    for pattern, radix in _TAGGED:
        match = pattern.fullmatch(plain)
        if match is not None:
            return _of_64_bits(int(match[1] + match[2], radix))
    try:
        return parse_number(plain)
    except ValueError:
        return None


def _of_64_bits(number: int) -> int:
    if -(1 << 63) <= number < 1 << 64:
        return number
    raise FunctionError("a number that is not decimal must fit in 64 bits")


def _guess(text: str, *, may_be_time: bool) -> Value | None:
    """Return what bare text looks like, if it is anything but text."""
    word = _WORDS.get(text)
    if word is not None:
        return word
    if text in _NOT_A_NUMBER:
        raise FunctionError("a number that is not a number can't be represented")
    timestamp = _parse_timestamp(text) if may_be_time else None
    return timestamp if timestamp is not None else _number(text)


def _resolve_tagged(text: str, tag: str, *, is_quoted: bool) -> Value:
    """Return what text stands for under a tag, which says less than one would think.

    Text that begins like a word or number is looked at first, and the tag
    only if it is neither; in quotes, such text is just text.
    """
    kind = tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else ""
    if kind not in _KINDS:
        raise FunctionError(f'the tag "{tag}" is not supported')
    if kind in ("str", "binary"):
        if kind == "binary":
            decode_base64(text)
        return make_string(text)
    if text == "" or text[0] in _TELLING:
        if is_quoted:
            return make_string(text)
        guess = _guess(text, may_be_time=kind == "timestamp")
        if guess is not None:
            return guess
    if kind == "null":
        return ANY_NULL
    number = _number_by_tag(text) if kind in ("int", "float") else None
    if number is None:
        raise FunctionError(f'a text is not what its tag "!!{kind}" says')
    return number


_KINDS: Final = frozenset({"str", "binary", "int", "float", "bool", "null", "timestamp"})
_TELLING: Final = "+-.0123456789yYnNtTfFoO~"


class _Reader:
    """Builds values from PyYAML's events."""

    def __init__(self, text: str, events: Iterator[Any]) -> None:
        self.text = text
        self.events = events
        self.anchors: dict[str, Value] = {}
        self.pending: set[str] = set()
        self.depth = 0

    def document(self) -> Value:
        """Return the value of the only document."""
        import yaml

        next(self.events)
        start = next(self.events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise FunctionError("there is no document in the text")
        if start.version is not None and tuple(start.version) != (1, 1):
            raise FunctionError("the document demands a version of YAML other than 1.1")
        value = self.value(next(self.events))
        next(self.events)
        if not isinstance(next(self.events), yaml.StreamEndEvent):
            raise FunctionError("more than one document is in the text")
        return value

    def value(self, event: Any) -> Value:
        """Return the value that begins with `event`."""
        import yaml

        if isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor or "")
        if event.anchor:
            self.pending.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        else:
            self.depth += 1
            if self.depth > _MOST_NESTED:
                raise FunctionError("the document is nested too deep")
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            value = self.mapping(event) if is_mapping else self.sequence(event)
            self.depth -= 1
        if event.anchor:
            self.pending.discard(event.anchor)
            self.anchors[event.anchor] = value
        return value

    def alias(self, name: str) -> Value:
        if name in self.pending:
            raise FunctionError(f'the anchor "{name}" is referred to inside its own definition')
        if name not in self.anchors:
            raise FunctionError(f'there is no anchor "{name}"')
        return self.anchors[name]

    def scalar(self, event: Any) -> Value:
        if event.style == '"':
            raw = self.text[event.start_mark.index : event.end_mark.index]
            if re.search(r"(?<!\\)(?:\\\\)*\\/", raw):
                raise FunctionError('"\\/" is no escape sequence here')
        is_quoted = event.style in ("'", '"')
        if event.tag:
            return _resolve_tagged(event.value, event.tag, is_quoted=is_quoted)
        if is_quoted:
            return make_string(event.value)
        if event.style in ("|", ">"):
            return make_string(event.value) if event.value else Null(STRING)
        guess = _guess(event.value, may_be_time=True)
        return guess if guess is not None else make_string(event.value)

    def sequence(self, event: Any) -> Value:
        import yaml

        if event.tag and event.tag != _PREFIX + "seq":
            raise FunctionError(f'a sequence can\'t be tagged "{event.tag}"')
        elements: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            elements.append(self.value(event))
        return TupleValue(tuple(elements))

    def mapping(self, event: Any) -> Value:
        import yaml

        if event.tag and event.tag != _PREFIX + "map":
            raise FunctionError(f'a mapping can\'t be tagged "{event.tag}"')
        attributes: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            value = self.value(next(self.events))
            if key != "<<" or event.tag:
                attributes[key] = value
            elif isinstance(value, ObjectValue):
                attributes |= value.attributes
            else:
                raise FunctionError('only a mapping can be merged by "<<"')
        return ObjectValue(attributes)

    def key(self, event: Any) -> str:
        import yaml

        if not isinstance(event, yaml.ScalarEvent):
            raise FunctionError("a key of a mapping must be plain text")
        try:
            key = convert(self.scalar(event), STRING)
        except ConversionError:
            key = ANY_NULL
        if type(key) is not str:
            raise FunctionError("a key of a mapping must not be null")
        return key


def _yamldecode(text: str) -> Value:
    import yaml

    events = yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader))
    try:
        return _Reader(text, iter(events)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" on line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FunctionError(f"{error.problem or 'the text is not YAML'}{where}") from None
    except yaml.YAMLError:
        raise FunctionError("the text has characters that YAML doesn't allow") from None


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="yamldecode",
        description="Returns the value that a YAML document stands for.",
        parameters=(Parameter("src", STRING),),
        result=DYNAMIC,
        implementation=_yamldecode,
        nullable=True,
    ),
)
