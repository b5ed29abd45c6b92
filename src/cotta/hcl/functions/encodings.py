"""Base64, gzip, URLs, character encodings, CSV and JSON."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.csv_read import CsvError, parse_csv
from cotta.hcl.functions.text_encodings import decode_text, encode_text, find_codec
from cotta.values.codec_json import CodecError, encode_plain, implied_value
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.json_text import JsonError, parse_json, write_json
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
)
from cotta.values.value import (
    ListValue,
    ObjectValue,
    Refinement,
    Unknown,
    is_wholly_known,
    make_string,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.types import Type
    from cotta.values.value import Value

_BASE64: Final = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII
)


def encode_base64(content: bytes) -> str:
    """Return the content in the standard alphabet, padded."""
    return base64.b64encode(content).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the content; line ends inside are skipped.  `FunctionError` if it is no Base64."""
    packed = text.replace("\n", "").replace("\r", "")
    if _BASE64.fullmatch(packed) is None:
        raise FunctionError("the text is not Base64")
    return binascii.a2b_base64(packed)


def decode_utf8(content: bytes, otherwise: str) -> str:
    """Return the content as a string value; `FunctionError(otherwise)` if it isn't UTF-8."""
    try:
        return make_string(content.decode())
    except UnicodeDecodeError:
        raise FunctionError(otherwise) from None


def _base64decode(text: str) -> Value:
    return decode_utf8(decode_base64(text), "what the Base64 text stands for is not UTF-8 text")


def _base64encode(text: str) -> Value:
    return encode_base64(text.encode())


def _base64gzip(text: str) -> Value:
    import gzip

    return encode_base64(gzip.compress(text.encode(), mtime=0))


def _base64gunzip(text: str) -> Value:
    import gzip
    import zlib

    packed = decode_base64(text)
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        raise FunctionError("what the Base64 text stands for is not in gzip's format") from None
    return decode_utf8(content, "the unpacked content is not UTF-8 text")


def _urlencode(text: str) -> Value:
    from urllib.parse import quote_plus

    return quote_plus(text, safe="")


def _urldecode(text: str) -> Value:
    from urllib.parse import unquote_to_bytes

    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise FunctionError("a % is not followed by two hexadecimal digits")
    return decode_utf8(
        unquote_to_bytes(text.replace("+", " ")), "what the text stands for is not UTF-8 text"
    )


def _codec(encoding: str) -> str:
    codec = find_codec(encoding)
    if codec is None:
        raise ArgumentError(1, "the name is not one that IANA has given to a supported encoding")
    return codec


def _textencodebase64(text: str, encoding: str) -> Value:
    codec = _codec(encoding)
    try:
        return encode_base64(encode_text(text, codec))
    except UnicodeError:
        raise ArgumentError(
            0, "the text has characters that this encoding can't represent"
        ) from None


def _textdecodebase64(text: str, encoding: str) -> Value:
    codec = _codec(encoding)
    try:
        content = decode_base64(text)
    except FunctionError as error:
        raise ArgumentError(0, str(error)) from None
    try:
        return make_string(decode_text(content, codec))
    except UnicodeError:
        raise ArgumentError(0, "the content has bytes that mean nothing in this encoding") from None


# --- CSV ------------------------------------------------------------------------


def _parse_table(text: str) -> tuple[list[str], list[list[str]]]:
    try:
        rows = parse_csv(text)
    except CsvError as error:
        raise FunctionError(str(error)) from None
    if not rows:
        raise FunctionError("there is no row with the names of the columns")
    names = [make_string(name) for name in rows[0]]
    if len(set(names)) < len(names):
        at = next(at for at, name in enumerate(names) if name in names[:at])
        raise FunctionError(f"columns {names.index(names[at]) + 1} and {at + 1} have the same name")
    return names, rows[1:]


def _csv_type(arguments: Sequence[Value]) -> Type:
    text = arguments[0]
    if type(text) is not str:
        return DYNAMIC
    names, _rows = _parse_table(text)
    return ListType(ObjectType(dict.fromkeys(names, STRING)))


def _csvdecode(text: str) -> Value:
    names, rows = _parse_table(text)
    return ListValue(
        ObjectType(dict.fromkeys(names, STRING)),
        tuple(ObjectValue(dict(zip(names, map(make_string, row), strict=True))) for row in rows),
    )


# --- JSON -----------------------------------------------------------------------


def _jsondecode(text: str) -> Value:
    try:
        return implied_value(parse_json(text))
    except JsonError as error:
        raise FunctionError(str(error)) from None
    except CodecError as error:
        raise FunctionError(error.describe()) from None


# What the beginning of an unknown JSON text tells about the value's type.
_PREDICTED: Final[tuple[tuple[str, Type], ...]] = (
    (r'"', STRING),
    (r"-?[0-9]", NUMBER),
    (r"-$", NUMBER),
    (r"[tf]", BOOL),
    (r"[n{\[]", DYNAMIC),
    (r"$", DYNAMIC),
)


def _json_type(arguments: Sequence[Value]) -> Type:
    text = arguments[0]
    if type(text) is str:
        return type_of(_jsondecode(text))
    if type(text) is not Unknown:
        return DYNAMIC
    start = text.refinement.prefix.lstrip(" \t\r\n")
    for pattern, type_ in _PREDICTED:
        if re.match(pattern, start):
            return type_
    raise ArgumentError(0, "no JSON text begins like this one")


def _jsonencode(value: Value) -> Value:
    if not is_wholly_known(value):
        return Unknown(STRING, Refinement(not_null=True, prefix=_json_prefix(value)))
    try:
        return write_json(encode_plain(value))
    except CodecError as error:
        raise FunctionError(error.describe()) from None


def _json_prefix(value: Value) -> str:
    """Return how the JSON of a value not wholly known begins, as far as is certain."""
    if type(value) is Unknown and not value.refinement.not_null:
        return ""
    match type_of(value):
        case ListType() | SetType() | TupleType():
            return "["
        case MapType() | ObjectType():
            return "{"
        case type_ if type_ == STRING:
            return '"'
    return ""


_STR: Final = (Parameter("str", STRING),)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="base64decode",
        description="Returns the text that a Base64 text stands for, which must be UTF-8.",
        parameters=_STR,
        result=STRING,
        implementation=_base64decode,
    ),
    Function(
        name="base64encode",
        description="Returns the UTF-8 bytes of the text in Base64.",
        parameters=_STR,
        result=STRING,
        implementation=_base64encode,
    ),
    Function(
        name="base64gzip",
        description="Returns the text compressed with gzip, in Base64.",
        parameters=_STR,
        result=STRING,
        implementation=_base64gzip,
    ),
    Function(
        name="csvdecode",
        description="Returns a list with an object for each row of CSV after the first, "
        "which names the attributes.",
        parameters=_STR,
        result=_csv_type,
        implementation=_csvdecode,
    ),
    Function(
        name="jsondecode",
        description="Returns the value that a JSON text stands for.",
        parameters=_STR,
        result=_json_type,
        implementation=_jsondecode,
        nullable=True,
    ),
    Function(
        name="jsonencode",
        description="Returns the value as compact JSON, the names of objects in order.",
        parameters=(Parameter("val", DYNAMIC, null=True, unknown=True, dynamic=True),),
        result=STRING,
        implementation=_jsonencode,
    ),
    Function(
        name="textdecodebase64",
        description="Returns the text whose bytes, in the named character encoding, "
        "are given in Base64.",
        parameters=(Parameter("source", STRING), Parameter("encoding", STRING)),
        result=STRING,
        implementation=_textdecodebase64,
    ),
    Function(
        name="textencodebase64",
        description="Returns the bytes of the text in the named character encoding, in Base64.",
        parameters=(Parameter("string", STRING), Parameter("encoding", STRING)),
        result=STRING,
        implementation=_textencodebase64,
    ),
    Function(
        name="urlencode",
        description="Returns the text fit to stand in the query of a URL.",
        parameters=_STR,
        result=STRING,
        implementation=_urlencode,
    ),
)

OPENTOFU_FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="base64gunzip",
        description="Returns the text that was compressed with gzip and put in Base64.",
        parameters=_STR,
        result=STRING,
        implementation=_base64gunzip,
    ),
    Function(
        name="urldecode",
        description="Returns the text that stood in the query of a URL.",
        parameters=_STR,
        result=STRING,
        implementation=_urldecode,
    ),
)
