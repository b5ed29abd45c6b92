"""YAML, read and written; the oracle's documents are in tests/oracle."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from cotta.hcl.functions.yaml_read import FUNCTIONS as READ
from cotta.hcl.functions.yaml_write import FUNCTIONS as WRITE
from cotta.values.codec_json import encode_plain
from cotta.values.functions import FunctionError
from cotta.values.json_text import write_json
from cotta.values.value import ANY_NULL, Value
from tests.support.values import KNOWN_VALUES, a_tuple, an_object

decode = READ[0].implementation
encode = WRITE[0].implementation


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("[yes, 'yes', 0o17, 017, 1_000, 1.50]", None),
        ("a: &x {b: 1}\nc: {<<: *x, b: 2}", an_object(a=an_object(b=1), c=an_object(b=2))),
        ("- 2001-1-2\n- '2001-1-2'", a_tuple("2001-01-02T00:00:00Z", "2001-1-2")),
        ("- ~\n-\n- !!str ~", a_tuple(ANY_NULL, ANY_NULL, "~")),
        ("a: |-\n  1", an_object(a="1")),
    ],
)
def test_read(document: str, expected: Value | None) -> None:
    if expected is None:
        assert write_json(encode_plain(decode(document))) == '[true,"yes",15,17,"1_000",1.5]'
    else:
        assert decode(document) == expected


@pytest.mark.parametrize(
    "document",
    ["", "a\n---\nb", "&a [*a]", "*a", "!foo x", ".nan", "? [a]\n: b", "{", "%YAML 1.2\n---\na"],
)
def test_refused(document: str) -> None:
    with pytest.raises(FunctionError):
        decode(document)


def test_depth_is_bounded() -> None:
    with pytest.raises(FunctionError, match="nested too deep"):
        decode("[" * 100_000)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"\n'),
        (1, "1\n...\n"),
        (a_tuple(), "[]\n"),
        (an_object(a=a_tuple(1, an_object(b=True))), '"a":\n- 1\n- "b": true\n'),
        (an_object(a="x\ny\n"), '"a": |\n  x\n  y\n'),
        (an_object(a=" x\n"), '"a": |2\n   x\n'),
        (an_object(a="x \ny"), '"a": "x \\ny"\n'),
        (an_object(**{"a\nb": 1}), "? |-\n  a\n  b\n: 1\n"),
    ],
)
def test_write(value: Value, text: str) -> None:
    assert encode(value) == text


@settings(max_examples=150)
@given(KNOWN_VALUES)
def test_what_is_written_is_read_back(value: Value) -> None:
    text = encode(value)
    assert isinstance(text, str)

    if "<<" not in text:
        assert write_json(encode_plain(decode(text))) == write_json(encode_plain(value))
