"""Base64, gzip, URLs, character encodings, CSV and JSON, by examples."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.hcl.functions.csv_read import CsvError, parse_csv
from cotta.hcl.functions.tables import opentofu_functions
from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING
from cotta.values.value import NOT_NULL, Refinement, Unknown
from tests.support.calling import result_of
from tests.support.surroundings import NOWHERE
from tests.support.values import a_tuple, an_object, secret

TOFU = opentofu_functions(NOWHERE)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('base64encode("héllo")', "aMOpbGxv"),
        ('base64decode("aMOpbGxv")', "héllo"),
        ('urlencode("a b/é~")', "a+b%2F%C3%A9~"),
        ('textencodebase64("é", "UTF-16LE")', "6QA="),
        ('textencodebase64("é", "utf-16")', "/v8A6Q=="),
        ('textencodebase64("[]^", "IBM1047")', "rb1f"),
        ('textdecodebase64("gAA=", "windows-1252")', "€\0"),
        ('textdecodebase64("gIE=", "ISO-8859-1")', "\x80\x81"),
        ('jsonencode({a = [1, null, "<é>"]})', '{"a":[1,null,"\\u003cé\\u003e"]}'),
        ('jsondecode("[1, {\\"a\\": null}]").0', 1),
        ('csvdecode("a,b\\n1,\\"x,y\\"").0.b', "x,y"),
    ],
)
def test_result(call: str, expected: object) -> None:
    assert result_of(call) == expected


@pytest.mark.parametrize(
    "call",
    [
        'base64decode("a")',
        'base64decode("/w==")',
        'textencodebase64("é", "US-ASCII")',
        'textencodebase64("a", "nonsense")',
        'textdecodebase64("gA==", "ISO-8859-2")',
        'textdecodebase64("!", "UTF-8")',
        'jsondecode("{")',
        'csvdecode("")',
        'csvdecode("a,a")',
        "jsonencode()",
    ],
)
def test_refused(call: str) -> None:
    result = result_of(call)

    assert isinstance(result, str)
    assert result.partition(": ")[0] in {
        "Error in function call",
        "Invalid function argument",
        "Not enough function arguments",
    }


@pytest.mark.parametrize(
    "call", ["base64decode(hidden)", "jsondecode(hidden)", "csvdecode(hidden)"]
)
def test_a_sensitive_text_is_not_in_the_message(call: str) -> None:
    assert "hidden text" not in str(result_of(call))


def test_marks_ride_through() -> None:
    assert result_of("base64encode(hidden)") == secret("aGlkZGVuIHRleHQ=")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("base64encode(unknown)", Unknown(STRING, NOT_NULL)),
        ("jsonencode([unknown])", Unknown(STRING, Refinement(not_null=True, prefix="["))),
        ("jsonencode({a = unknown})", Unknown(STRING, Refinement(not_null=True, prefix="{"))),
        ("jsonencode(unknown)", Unknown(STRING, NOT_NULL)),
        ("jsondecode(unknown)", Unknown(DYNAMIC)),
        ('jsondecode("12${unknown}")', Unknown(NUMBER)),
        ('jsondecode("tru${unknown}")', Unknown(BOOL)),
        ("csvdecode(unknown)", Unknown(DYNAMIC)),
        ("yamlencode({a = unknown})", Unknown(STRING, NOT_NULL)),
    ],
)
def test_what_is_certain_of_the_unknown(call: str, expected: Unknown) -> None:
    assert result_of(call) == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_gzip_holds_the_text(text: str) -> None:
    import unicodedata

    normal = unicodedata.normalize("NFC", text)
    source = "".join(f"\\U{ord(character):08x}" for character in normal)

    packed = result_of(f'base64gzip("{source}")', TOFU)

    assert isinstance(packed, str)
    assert gzip.decompress(base64.b64decode(packed)).decode() == normal
    assert result_of(f'base64gunzip("{packed}")', TOFU) == normal


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('urldecode("a+b%2F%C3%A9")', "a b/é"),
        ('cidrcontains("10.0.0.0/8", "10.1.2.3")', True),
        ('cidrcontains("10.0.0.0/8", "10.0.0.0/7")', False),
        ('cidrcontains("fe80::/64", "fe80::1/128")', True),
    ],
)
def test_opentofus_own(call: str, expected: object) -> None:
    assert result_of(call, TOFU) == expected


@pytest.mark.parametrize(
    "call", ['urldecode("%zz")', 'base64gunzip("YQ==")', 'cidrcontains("10.0.0.0/8", "::1")']
)
def test_opentofus_own_refuse(call: str) -> None:
    assert str(result_of(call, TOFU)).startswith("Error in function call")


_FIELDS = st.lists(st.text('ab,"\n c', max_size=6), min_size=2, max_size=2)


@given(st.lists(_FIELDS, min_size=1, max_size=5))
def test_quoted_csv_is_read_back(rows: list[list[str]]) -> None:
    quoted = [[f'"{field.replace(chr(34), chr(34) * 2)}"' for field in row] for row in rows]

    assert parse_csv("\n".join(",".join(row) for row in quoted)) == rows


@given(st.text('a,"\r\n', max_size=20))
def test_any_text_is_csv_or_refused(text: str) -> None:
    try:
        rows = parse_csv(text)
    except CsvError:
        return
    assert len({len(row) for row in rows}) <= 1


def test_a_value_survives_json() -> None:
    value = result_of('jsondecode(jsonencode({a = [1, "x", null], b = {}}))')

    assert str(value) == str(an_object(a=a_tuple(1, "x", result_of("null")), b=an_object()))
