"""Values, the expressions that give them in terraform, and how they are printed.

The texts were recorded from `terraform console` 1.11.4;
tests/oracle/test_console_oracle.py asks it again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.values.numbers import make_ratio, parse_number
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    EMPTY_TUPLE,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
)
from cotta.values.value import ANY_NULL, ANY_UNKNOWN, Mark, Null, Unknown, mark
from tests.support.values import a_list, a_map, a_set, a_tuple, an_object, secret

if TYPE_CHECKING:
    from cotta.values.value import Value

RECORDED = Path(__file__).parents[1] / "oracle" / "data" / "printed.json"

VALUES: list[tuple[str, Value]] = [
    ("1", 1),
    ("-1", -1),
    ("0.1", parse_number("0.1")),
    ("1e100", 10**100),
    ("1e-10", parse_number("1e-10")),
    ("1/3", make_ratio(1, 3)),
    ("123456789012345678901234567890.5", parse_number("123456789012345678901234567890.5")),
    ("true", True),
    ("false", False),
    ('""', ""),
    ('"a"', "a"),
    (r'"a\"b\\c\t\r\u0001é😀"', 'a"b\\c\t\r\x01é😀'),
    (r'"\u00a0\u200b\u00ad\ufeff\u0085\u2028"', "\u00a0\u200b\u00ad\ufeff\u0085\u2028"),
    (r'"x\u007f"', "x\x7f"),
    ('"$${x} %%{y}"', "${x} %{y}"),
    (r'"a\nb"', "a\nb"),
    (r'"a\nb\n"', "a\nb\n"),
    (r'"\n"', "\n"),
    (r'"EOT\nx"', "EOT\nx"),
    (r'"EOT\nEOT_\n EOT_ "', "EOT\nEOT_\n EOT_ "),
    (r'"a\n$${x}%%{y}\"\\"', 'a\n${x}%{y}"\\'),
    ("null", ANY_NULL),
    ("tostring(null)", Null(STRING)),
    ("tonumber(null)", Null(NUMBER)),
    ("tobool(null)", Null(BOOL)),
    ("tolist(null)", Null(ListType(DYNAMIC))),
    ("toset(null)", Null(SetType(DYNAMIC))),
    ("tomap(null)", Null(MapType(DYNAMIC))),
    ("true ? null : { a = 1 }", Null(ObjectType({"a": NUMBER}))),
    ("true ? null : []", Null(EMPTY_TUPLE)),
    ("true ? null : tolist([1])", Null(ListType(NUMBER))),
    ("true ? null : toset([[1]])", Null(SetType(a_tuple(1).type))),
    ("true ? null : tomap({ a = tolist([true]) })", Null(MapType(ListType(BOOL)))),
    ("[]", a_tuple()),
    ("{}", an_object()),
    ("tolist([])", a_list()),
    ("toset([])", a_set()),
    ("tomap({})", a_map()),
    ('[1, "a", null]', a_tuple(1, "a", ANY_NULL)),
    ("[[], {}, [[]]]", a_tuple(a_tuple(), an_object(), a_tuple(a_tuple()))),
    ("tolist([1, 2])", a_list(1, 2)),
    ('tolist([null, "a"])', a_list(Null(STRING), "a", of=STRING)),
    ('toset(["b", "a"])', a_set("b", "a")),
    ("toset([1, null])", a_set(1, Null(NUMBER), of=NUMBER)),
    ("tomap({ a = 1 })", a_map(a=1)),
    ("tomap({ a = null })", a_map(DYNAMIC, a=ANY_NULL)),
    ("{ a = 1, b = { c = [true] } }", an_object(a=1, b=an_object(c=a_tuple(True)))),
    (r'{ "a b" = 1, "" = 2, "\"q\"" = 3 }', an_object(**{"a b": 1, "": 2, '"q"': 3})),
    (r'{ "a\nb" = 1 }', an_object(**{"a\nb": 1})),
    (r'tomap({ "EOT\n" = 1 })', a_map(**{"EOT\n": 1})),
    (r'["a\nb"]', a_tuple("a\nb")),
    (r'{ a = "x\ny\n" }', an_object(a="x\ny\n")),
    (r'tolist([tolist(["a\nb"])])', a_list(a_list("a\nb"))),
    ("{ a = tolist([{ b = 1 }]) }", an_object(a=a_list(an_object(b=1)))),
    ("sensitive(1)", secret(1)),
    ("sensitive(null)", secret(ANY_NULL)),
    ("[sensitive([1])]", a_tuple(secret(a_tuple(1)))),
    ('{ a = sensitive("x"), b = 1 }', an_object(a=secret("x"), b=1)),
    ("[terraform.applying]", a_tuple(mark(False, Mark.EPHEMERAL))),
    ("terraform_data.x", ANY_UNKNOWN),
    ("[terraform_data.x.id, 1]", a_tuple(ANY_UNKNOWN, 1)),
    ("sensitive(terraform_data.x.id)", secret(ANY_UNKNOWN)),
    ("[sensitive(terraform.applying)]", a_tuple(mark(False, Mark.EPHEMERAL, Mark.SENSITIVE))),
    ('"${terraform_data.x.id}-x"', Unknown(STRING)),
]

# Asked by `type(…)`.
TYPES: list[tuple[str, Value]] = [
    *[(text, value) for text, value in VALUES if "terraform_data" not in text],
    (
        "[tolist([tolist([{ a = tolist([[1]]) }])])]",
        a_tuple(a_list(a_list(an_object(a=a_list(a_tuple(1)))))),
    ),
    ('{ a = 1, b = ["x"], "c d" = tomap({}) }', an_object(a=1, b=a_tuple("x"), **{"c d": a_map()})),
    ("tomap({ a = [1] })", a_map(a=a_tuple(1))),
    ("toset([{}])", a_set(an_object())),
]


def recorded() -> dict[str, str]:
    """Return what terraform printed, by the expression it was asked."""
    texts: dict[str, str] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return texts
