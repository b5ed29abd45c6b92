"""`cotta console` prints what `terraform console` prints, and refuses what it refuses."""

from __future__ import annotations

import json
import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from cotta.cli.views.values import render_type_listing, render_value
from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.values.value import TupleValue, type_of
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta
from tests.support.generator import FOLDER, ExpressionMaker, scope
from tests.support.printed import RECORDED, TYPES, VALUES, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.values.value import Value

pytestmark = pytest.mark.oracle

SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261123"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("console")
    (made / "main.tf").write_text(FOLDER, encoding="utf-8")
    terraform("init", folder=made)
    return made


def ask(expression: str, folder: Path) -> str:
    """Return what terraform prints: it answers only the last line, so one a process."""
    asked = terraform("console", "-no-color", folder=folder, stdin=expression + "\n")
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def test_values_are_printed_as_recorded(folder: Path) -> None:
    asked = [text for text, _ in VALUES] + [f"type({text})" for text, _ in TYPES]

    answers = {expression: ask(expression, folder) for expression in asked}

    if os.environ.get("COTTA_GOLDEN") == "write":
        RECORDED.write_text(json.dumps(answers, ensure_ascii=False, indent=0), encoding="utf-8")
    assert answers == recorded()


def test_generated_values_are_printed_alike(folder: Path) -> None:
    pairs = _generated(1500)
    whole: Value = TupleValue(tuple(value for _, value in pairs))
    question = f"[{', '.join(expression for expression, _ in pairs)}]"

    assert ask(question, folder).splitlines() == render_value(whole).splitlines()
    types = ask(f"type({question})", folder)
    assert types.splitlines() == render_type_listing(type_of(whole)).splitlines()


def _generated(count: int) -> list[tuple[str, Value]]:
    """Return expressions that have a value, with it."""
    maker = ExpressionMaker(random.Random(SEED))
    pairs: list[tuple[str, Value]] = []
    names = scope(validating=True)
    while len(pairs) < count:
        expression = maker.expression(maker.random.randint(0, 3))
        diags = Diagnostics()
        node = parse_expression(SourceFile("x", expression), diags)
        value = evaluate(node, names, diags)
        if not diags.has_errors:
            pairs.append((expression, value))
    return pairs


# Without functions, whose own mistakes are compared where they are defined.
MISTAKES = """
foo|foo.bar|foo[0]|foo["a"]|foo.bar + baz.qux|data|data.x|data.a.b|data.a["b"]|ephemeral.x
ephemeral.a.b|resource.a|resource.a.b|module.x|module.x.y|module|var.x|local.x|var.a.b + foo
each.key|each.value|each.foo|count.index|count.foo|self|self.x|self[0]|path.foo|path.module.x
terraform.foo|terraform.env|template.x|lazy.x|arg.x|a[*].b|a.b[0]|{ (a) = 1 }|{ a.b = 1 }|"${foo}"
nofunc(1)|provider::foo::bar(1)|foo::bar(1)|core::nope(1)|can()|can(1, 2)|try()|type()|type(1, 2)
[1][3]|[1]["a"]|{}.a|{ a = 1 }["b"]|null.a|null[0]|1 + "x"|1 + null|!"a"|true && 1|-"x"|{ } . b
"a".b|1[0]|[for x in 1 : x]|{ for k, v in { a = 1 } : "x" => v, }|null ? 1 : 2|"x" ? 1 : 2
{ for v in [1, 1] : v => v }|"x${[]}"|"x${null}"|"x${{}}"|{ (null) = 1 }|{ ([]) = 1 }|1 < "x"|[]...
a b|"|"${|@|[for x in [1]: x|a ? b|-|(|)|}|"\\q"|x.?|1 ==|{a=1|{a 1}|[1 2]|f(1 2)|"%{if true}"
"%{endif}"|%|1 +|# only a comment|x = 1|"a|[1,|{|[for|[for x|f(|f(1|"%{ for x in [1] }"|"%{ nope }"
'a'|&|1 & 2|a..b|1 ~ 2|=|,|?|=>
"""
EXPRESSIONS = [text for text in re.split(r"[|\n](?=[^|])", MISTAKES.strip()) if text]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_first_mistake_is_terraforms(expression: str, tmp_path: Path) -> None:
    asked = terraform("console", "-no-color", folder=tmp_path, stdin=expression + "\n")
    theirs = re.findall(r"Error: (.*)", asked.stderr)

    ours = run_cotta("console", stdin=expression + "\n")

    assert (ours.status, ours.stdout, asked.returncode) == (1, "", 1)
    found = re.findall(r"│ Error: (.*)", ours.stderr)
    # Of a name that stands alone terraform says first that its attribute "" is missing.
    if len(theirs) == 2 and "on  line 0" in asked.stderr:
        theirs = theirs[1:]
    assert found[0] == theirs[0]
