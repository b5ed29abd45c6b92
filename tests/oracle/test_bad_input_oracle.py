"""Mistakes in expressions have terraform's summary at terraform's place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cotta.cli.views.diagnostics import encode_diagnostics
from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_file
from cotta.hcl.scope import Scope
from cotta.values.value import ObjectValue
from tests.oracle.witnesses import terraform
from tests.support.compatibility import some_surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.diagnostics.records import DiagnosticRecord

pytestmark = pytest.mark.oracle

EXPRESSIONS = """
uper("x")
nofunc(1, 2)
upper()
upper("a", "b")
upper([])
upper(null)
substr("abc", "x", 1)
substr("abc", 1.5, 1)
join(",", [[1]])
join(",", null)
format("%d", "x")
format("%z", 1)
element([], 0)
tonumber("x")
tobool("maybe")
tolist({ a = 1 })
regex("(", "x")
cidrsubnet("10.0.0.0/8", 40, 0)
formatdate("YYYYY", "2020-01-01T00:00:00Z")
jsondecode("{")
yamldecode("a: [")
base64decode("%")
zipmap(["a"], [1, 2])
slice([1, 2], 1, 5)
range(1, 2, 0)
file("missing.txt")
templatefile("missing.tpl", {})
one([1, 2])
max()
try()
can()
coalesce()
lookup({}, "a")
setproduct([1])
merge([1])
concat(1)
[1, 2][5]
[1, 2][-1]
[1, 2]["x"]
[1][null]
{ a = 1 }.b
{ a = 1 }["b"]
tomap({ a = 1 })["b"]
tolist([1])[3]
toset([1])[0]
"abc"[0]
1.a
null.a
null[0]
1 + "x"
1 + null
-"x"
!"x"
true && 1
"a" < 1
0 / 0
[for x in 1 : x]
[for x in null : x]
{ for x in [1, 1] : x => x }
{ for x in [null] : x => x }
"${null}x"
"${[]}x"
"x%{ if "y" }z%{ endif }"
"x%{ for y in 1 }z%{ endfor }"
null ? 1 : 2
"x" ? 1 : 2
true ? [1] : { a = 1 }
{ (null) = 1 }
{ ([]) = 1 }
upper([]...)
upper(null...)
upper("x"...)
sensitive("x") ? 1 : "a"
[for x in sensitive(1) : x]
upper(sensitive([]))
[1][sensitive(5)]
"${sensitive([])}x"
""".strip().splitlines()


def test_mistakes_are_terraforms_at_the_same_place(tmp_path: Path) -> None:
    lines = [f"  e{at} = {expression}" for at, expression in enumerate(EXPRESSIONS, 1)]
    text = "locals {\n" + "\n".join(lines) + "\n}\n"
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")

    shown = terraform("validate", "-json", folder=tmp_path).stdout

    theirs = _by_line(json.loads(shown)["diagnostics"])
    assert len(theirs) == len(EXPRESSIONS)
    ours = _by_line(_our_records(text))
    different = [
        f"{expression}\n    terraform {theirs.get(at)}\n    cotta     {ours.get(at)}"
        for at, expression in enumerate(EXPRESSIONS, 2)
        if theirs.get(at) != ours.get(at)
    ]
    assert not different, f"{len(different)} of {len(lines)}:\n" + "\n".join(different)


def _our_records(text: str) -> list[DiagnosticRecord]:
    diags = Diagnostics()
    body = parse_file(text.encode(), "main.tf", diags).body
    assert isinstance(body, Body)
    scope = Scope({"path": ObjectValue({"module": "."})}, terraform_functions(some_surroundings()))
    inside = body.blocks[0].body
    assert isinstance(inside, Body)
    for attribute in inside.attributes.values():
        evaluate(attribute.expression, scope, diags)
    return encode_diagnostics(diags)


def _by_line(records: list[DiagnosticRecord]) -> dict[int, tuple[object, ...]]:
    """Return the first mistake of each line: its summary, where it is, what is shown of it."""
    found: dict[int, tuple[object, ...]] = {}
    for record in records:
        place, snippet = record["range"], record["snippet"]
        found.setdefault(
            place["start"]["line"],
            (
                record["summary"],
                place["start"]["column"],
                place["end"]["column"],
                snippet["context"],
                snippet["highlight_start_offset"],
            ),
        )
    return found
