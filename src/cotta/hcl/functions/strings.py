"""Functions of strings, counting in characters as a reader does."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import whole_number
from cotta.hcl.functions.format_verbs import format_values
from cotta.hcl.strings import safe_prefix
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.graphemes import clusters
from cotta.values.operations import UNKNOWN_BOOL, UNKNOWN_STRING
from cotta.values.sets import has_known_length
from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType
from cotta.values.value import (
    NOT_NULL,
    ListValue,
    Null,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    is_wholly_known,
    make_string,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.values.value import Value

# As much as one string may be made to grow by a single call.
_LARGEST_TEXT: Final = 1 << 28

# --- letters ------------------------------------------------------------------


def _simple_upper(letter: str) -> str:
    """Return the one letter that is this one's capital; itself if only two letters are."""
    upper = letter.upper()
    return upper if len(upper) == 1 else _simple_title(letter)


def _simple_title(letter: str) -> str:
    title = letter.title()
    return title if len(title) == 1 else letter


def _simple_lower(letter: str) -> str:
    return letter.lower()[0]


def _map_letters(text: str, change: Callable[[str], str]) -> str:
    return make_string("".join(map(change, text)))


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else _map_letters(text, _simple_upper)


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else _map_letters(text, _simple_lower)


# What Unicode calls white space; Python's own strip takes four control characters more.
_SPACES: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def _ends_word(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character in _SPACES and unicodedata.category(character)[0] != "L"


def _title(text: str) -> str:
    written = []
    previous = " "
    for character in text:
        written.append(_simple_title(character) if _ends_word(previous) else character)
        previous = character
    return make_string("".join(written))


def _trimspace(text: str) -> str:
    return text.strip(_SPACES)


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _trim(text: str, characters: str) -> str:
    return make_string(text.strip(characters))


def _trimprefix(text: str, prefix: str) -> str:
    return make_string(text.removeprefix(prefix))


def _trimsuffix(text: str, suffix: str) -> str:
    return make_string(text.removesuffix(suffix))


def _strrev(text: str) -> str:
    return make_string("".join(reversed(clusters(text))))


def _substr(text: str, offset: Value, length: Value) -> str:
    start, count = whole_number(offset), whole_number(length)
    characters = clusters(text)
    if start < 0:
        start = max(0, start + len(characters))
        # Terraform never comes to the end of a part of no length that is counted from the end.
        count = count or -1
    end = len(characters) if count < 0 else start + count
    return make_string("".join(characters[start:end]))


def _indent(spaces: Value, text: str) -> str:
    count = whole_number(spaces)
    if count < 0:
        raise FunctionError("the number of spaces must not be negative")
    if count * text.count("\n") > _LARGEST_TEXT:
        raise FunctionError("the result would be too large")
    return make_string(text.replace("\n", "\n" + " " * count))


# --- parts --------------------------------------------------------------------


def _startswith(text: Value, prefix: str) -> Value:
    if type(text) is str:
        return text.startswith(prefix)
    assert type(text) is Unknown
    certain = text.refinement.prefix
    if certain.startswith(prefix):
        return True
    if certain and len(certain.encode()) >= len(prefix.encode()):
        return False
    return UNKNOWN_BOOL


def _endswith(text: str, suffix: str) -> Value:
    return text.endswith(suffix)


def _strcontains(text: str, part: str) -> Value:
    return part in text


def _split(separator: str, text: str) -> Value:
    parts = text.split(separator) if separator else list(text)
    return ListValue(STRING, tuple(map(make_string, parts)))


def _join(separator: str, *lists: Value) -> Value:
    if not lists:
        raise FunctionError("at least one list is required")
    if not all(map(is_wholly_known, lists)):
        return UNKNOWN_STRING
    texts: list[str] = []
    for at, given in enumerate(lists, 1):
        assert type(given) is ListValue
        for place, element in enumerate(given.elements):
            if type(element) is not str:
                which = f" of list {at}" if len(lists) > 1 else ""
                raise ArgumentError(at, f"element {place}{which} is null and can't be joined")
            texts.append(element)
    return make_string(separator.join(texts))


# --- formats ------------------------------------------------------------------


def _format(text: str, *values: Value) -> Value:
    if all(map(is_wholly_known, values)):
        return format_values(text, values)
    return Unknown(STRING, Refinement(not_null=True, prefix=_certain_prefix(text)))


def _certain_prefix(text: str) -> str:
    """Return how the format begins, as far as no verb decides."""
    percent = text.find("%")
    return safe_prefix(text[:percent]) if percent > 0 else ""


def _formatlist(text: str, *values: Value) -> Value:
    if not values:
        return ListValue(STRING, (format_values(text, ()),))
    length = _common_length(values)
    if length is None:
        return Unknown(ListType(STRING), NOT_NULL)
    rows: list[Value] = []
    for at in range(length):
        row = [_at(value, at) for value in values]
        if not all(map(is_wholly_known, row)):
            rows.append(UNKNOWN_STRING)
            continue
        try:
            rows.append(format_values(text, row))
        except FunctionError as error:
            raise FunctionError(f"in the format for element {at}: {error}") from None
    return ListValue(STRING, tuple(rows))


def _common_length(values: tuple[Value, ...]) -> int | None:
    """Return how many elements all sequences among the values have, 1 if there are none.

    None if one of them has an unknown number.
    """
    length: int | None = None
    chooser = 0
    unknown = False
    for at, value in enumerate(values, 1):
        kind = type_of(value)
        if type(value) is Null or not isinstance(kind, ListType | SetType | TupleType):
            continue
        if isinstance(kind, TupleType):
            own = len(kind.elements)
            unknown = unknown or type(value) is Unknown
        elif type(value) is ListValue or (type(value) is SetValue and has_known_length(value)):
            own = len(value.elements)
        else:
            unknown = True
            continue
        if length is None:
            length, chooser = own, at
        elif own != length:
            raise ArgumentError(
                at, f"argument {at} has {own} elements, but argument {chooser} has {length}"
            )
    if unknown:
        return None
    return 1 if length is None else length


def _at(value: Value, at: int) -> Value:
    if type(value) is ListValue or type(value) is SetValue or type(value) is TupleValue:
        return value.elements[at]
    return value


def _of_one_string(name: str, description: str, implementation: Callable[[str], Value]) -> Function:
    return Function(
        name=name,
        description=description,
        parameters=(Parameter("str", STRING, dynamic=True),),
        result=STRING,
        implementation=implementation,
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _of_one_string("chomp", "Returns the string without the line breaks at its end.", _chomp),
    Function(
        name="endswith",
        description="Says whether a string ends with another.",
        parameters=(Parameter("str", STRING), Parameter("suffix", STRING)),
        result=BOOL,
        implementation=_endswith,
    ),
    Function(
        name="format",
        description="Returns a text in which the verbs of a format are replaced by values.",
        parameters=(Parameter("format", STRING),),
        variadic=Parameter("args", DYNAMIC, null=True, unknown=True),
        result=STRING,
        implementation=_format,
    ),
    Function(
        name="formatlist",
        description="Returns a list of texts, one for each element of the lists among the "
        "arguments, each made by the same format.",
        parameters=(Parameter("format", STRING),),
        variadic=Parameter("args", DYNAMIC, null=True, unknown=True),
        result=ListType(STRING),
        implementation=_formatlist,
    ),
    Function(
        name="indent",
        description="Returns the string with spaces before every line but the first.",
        parameters=(Parameter("spaces", NUMBER), Parameter("str", STRING)),
        result=STRING,
        implementation=_indent,
    ),
    Function(
        name="join",
        description="Returns the elements of lists as one string, a separator between them.",
        parameters=(Parameter("separator", STRING),),
        variadic=Parameter("lists", ListType(STRING), unknown=True),
        result=STRING,
        implementation=_join,
    ),
    _of_one_string("lower", "Returns the string in small letters.", _lower),
    Function(
        name="split",
        description="Returns the parts of a string between the occurrences of a separator.",
        parameters=(Parameter("separator", STRING), Parameter("str", STRING)),
        result=ListType(STRING),
        implementation=_split,
    ),
    Function(
        name="startswith",
        description="Says whether a string begins with another.",
        parameters=(Parameter("str", STRING, unknown=True), Parameter("prefix", STRING)),
        result=BOOL,
        implementation=_startswith,
    ),
    Function(
        name="strcontains",
        description="Says whether a string has another inside it.",
        parameters=(Parameter("str", STRING), Parameter("substr", STRING)),
        result=BOOL,
        implementation=_strcontains,
    ),
    _of_one_string("strrev", "Returns the characters of the string in reverse order.", _strrev),
    Function(
        name="substr",
        description="Returns the part of a string that begins at an offset, counted in "
        "characters, and has a length; -1 means up to the end.",
        parameters=(
            Parameter("str", STRING, dynamic=True),
            Parameter("offset", NUMBER, dynamic=True),
            Parameter("length", NUMBER, dynamic=True),
        ),
        result=STRING,
        implementation=_substr,
    ),
    _of_one_string("title", "Returns the string with a capital at each word's start.", _title),
    Function(
        name="trim",
        description="Returns the string without any of some characters at its ends.",
        parameters=(Parameter("str", STRING), Parameter("cutset", STRING)),
        result=STRING,
        implementation=_trim,
    ),
    Function(
        name="trimprefix",
        description="Returns the string without a prefix, if it has it.",
        parameters=(Parameter("str", STRING), Parameter("prefix", STRING)),
        result=STRING,
        implementation=_trimprefix,
    ),
    _of_one_string("trimspace", "Returns the string without white space at its ends.", _trimspace),
    Function(
        name="trimsuffix",
        description="Returns the string without a suffix, if it has it.",
        parameters=(Parameter("str", STRING), Parameter("suffix", STRING)),
        result=STRING,
        implementation=_trimsuffix,
    ),
    _of_one_string("upper", "Returns the string in capital letters.", _upper),
)
