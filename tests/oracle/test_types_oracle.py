"""Type expressions mean to us what they mean to terraform, mistakes included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.hcl.type_expressions import parse_type_constraint
from cotta.values.codec_json import encode_plain, encode_type
from cotta.values.convert import convert
from cotta.values.json_text import write_json
from cotta.values.value import type_of
from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

_MISTAKES = """
string
strin
set
object
tuple
any
list()
list(string, number)
list(string, number, bool)
list(list)
list(any)
string()
any()
optional
optional(string)
optional(string, 1)
list(optional)
list(optional(string))
object({})
object({}, {})
object({a=string})
object({"a"=string})
object({(a)=string})
object({"a${1}"=string})
object({1=string})
object({a=list})
object({a=foo, b=bar})
object({a=string, a=number})
object({a=optional(string,1)})
object({a=optional(number,"x")})
object({a=optional()})
object({a=optional(string,1,2)})
object({a=optional(string, nofunc())})
object({a=optional(string, upper("x"))})
object({a=optional(string, local.x)})
object({a=optional(list(string), [1, {}])})
object({a=optional(any, 1)})
object([string])
object(string)
object({for k in [1]: k => string})
tuple([string,number])
tuple([], [], [])
tuple(string)
tuple({a=string})
tuple([for x in [1]: x])
foo(string)
list(foo)
list("string")
map(map(set(bool)))
1
true
null
[string]
{a=string}
var.x
list(string...)
list[string]
string.a
"${string}"
"""
MISTAKES = _MISTAKES.strip().splitlines()

DEFAULTS = {
    "object({ a = optional(string, 1), b = optional(number) })": [
        "{}",
        '{ a = null, b = "2" }',
        "{ a = true, c = 3 }",
    ],
    "list(object({ a = optional(object({ b = optional(bool, true) }), {}), c = any }))": [
        "[]",
        '[{ c = 1 }, { c = "x", a = { b = false } }]',
        "[{ c = null, a = null }]",
    ],
    'map(object({ a = optional(list(string), ["x"]) }))': [
        "{}",
        "{ k = {}, l = { a = [] } }",
        "{ k = null }",
    ],
    "set(object({ a = optional(number, 2) }))": ["[{}, { a = 2 }]", "[{ a = 1 }, {}]"],
    "tuple([object({ a = optional(number, 2) }), any])": ["[{}, {}]", "[{ a = null }, [1]]"],
    "object({ a = optional(any, 1), b = optional(map(any), { k = 1 }) })": [
        "{}",
        "{ a = [1] }",
        "{ b = {} }",
    ],
    "map(any)": ['{ a = 1, b = "x" }', "{}"],
    "list(any)": ['[1, "x"]', "[[1], [2]]"],
}


def test_mistakes_are_terraforms(tmp_path: Path) -> None:
    head = "  type = "
    lines = [f"variable v{at} {{\n{head}{text}\n}}\n" for at, text in enumerate(MISTAKES)]
    whole = "".join(lines)
    (tmp_path / "main.tf").write_text(whole, encoding="utf-8")

    printed = json.loads(terraform("validate", "-json", folder=tmp_path).stdout)["diagnostics"]

    theirs: dict[str, list[object]] = {text: [] for text in MISTAKES}
    for one in printed:
        edges = [one["range"][edge] for edge in ("start", "end")]
        at = (edges[0]["line"] - 1) // 3
        start = len("".join(lines[:at])) + lines[at].index(head) + len(head)
        place = [edge["byte"] - start for edge in edges]
        theirs[MISTAKES[at]].append([one["summary"], *place])
    ours = {text: _our_mistakes(text) for text in MISTAKES}
    assert ours == theirs


def _our_mistakes(text: str) -> list[list[object]]:
    diags = Diagnostics()
    parse_type_constraint(parse_expression(SourceFile("main.tf", text), diags), diags)
    return [
        [found.summary, found.subject.start, found.subject.end] for found in diags if found.subject
    ]


def test_defaults_are_terraforms(tmp_path: Path) -> None:
    cases = [(kind, value) for kind, values in DEFAULTS.items() for value in values]
    (tmp_path / "main.tf").write_text(
        "".join(
            f"variable v{at} {{\n  type = {kind}\n  default = {value}\n}}\n"
            f"output o{at} {{\n  value = [var.v{at}]\n}}\n"
            for at, (kind, value) in enumerate(cases)
        ),
        encoding="utf-8",
    )

    planned = terraform("plan", "-out=p", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr
    shown = json.loads(terraform("show", "-json", "p", folder=tmp_path).stdout)

    outputs = shown["planned_values"]["outputs"]
    for at, (kind, written) in enumerate(cases):
        diags = Diagnostics()
        wanted, defaults = parse_type_constraint(
            parse_expression(SourceFile("t", kind), diags), diags
        )
        value = evaluate(parse_expression(SourceFile("v", written), diags), Scope(), diags)
        value = convert(value if defaults is None else defaults.apply(value), wanted)
        ours = {
            "value": json.loads(write_json(encode_plain(value))),
            "type": encode_type(type_of(value)),
        }
        theirs = {"value": outputs[f"o{at}"]["value"][0], "type": outputs[f"o{at}"]["type"][1][0]}
        assert (kind, written, ours) == (kind, written, theirs)
