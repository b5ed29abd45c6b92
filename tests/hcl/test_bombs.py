"""Absurd depths and lengths end in a diagnostic, soon."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.hcl.json_syntax import parse_json_expression, parse_json_file
from cotta.hcl.parser import parse_expression, parse_file, parse_template
from cotta.hcl.references import calls_in, variables_in
from cotta.hcl.scope import Scope
from cotta.values.value import type_of

if TYPE_CHECKING:
    from collections.abc import Callable

DEEP: Final = 100_000

EXPRESSIONS: Final[dict[str, Callable[[int], str]]] = {
    "brackets": lambda n: "[" * n,
    "closed brackets": lambda n: "[" * n + "]" * n,
    "braces": lambda n: "{" * n,
    "objects": lambda n: "{a=" * n + "1" + "}" * n,
    "keys": lambda n: "{(" * n + "1" + ")=1}" * n,
    "parentheses": lambda n: "(" * n,
    "closed parentheses": lambda n: "(" * n + "1" + ")" * n,
    "calls": lambda n: "f(" * n + ")" * n,
    "interpolations": lambda n: '"${' * n,
    "closed interpolations": lambda n: '"${' * n + "1" + '}"' * n,
    "directives": lambda n: '"' + "%{ if true }" * n + '"',
    "closed directives": lambda n: '"' + "%{ if true }" * n + "%{ endif }" * n + '"',
    "loops in templates": lambda n: '"' + "%{ for x in [1] }" * n + "%{ endfor }" * n + '"',
    "not": lambda n: "!" * n + "true",
    "minus": lambda n: "-" * n + "1",
    "spaced minus": lambda n: "- " * n + "1",
    "conditionals": lambda n: "true ? " * n + "1" + " : 2" * n,
    "else chain": lambda n: "false ? 1 : " * n + "2",
    "condition chain": lambda n: "(true ? " * n,
    "sums": lambda n: "1 + " * n + "1",
    "sums to the right": lambda n: "1 + (" * n + "1" + ")" * n,
    "ands": lambda n: "true && " * n + "true",
    "climbing": lambda n: "true || true && 1 == 1 && 1 < 1 + 1 * 2 || " * (n // 6) + "true",
    "loops": lambda n: "[for x in " * n + "[]" + " : x]" * n,
    "loop values": lambda n: "[for x in [1] : " * n + "x" + "]" * n,
    "attributes": lambda n: "a" + ".b" * n,
    "indices": lambda n: "a" + "[0]" * n,
    "computed indices": lambda n: "a" + "[a]" * n,
    "nested indices": lambda n: "a[" * n + "0" + "]" * n,
    "legacy indices": lambda n: "a" + ".0" * n,
    "splats": lambda n: "a" + "[*]" * n,
    "legacy splats": lambda n: "a" + ".*" * n,
    "splats of attributes": lambda n: "a" + ".*.b" * n,
    "heredocs": lambda n: "<<A\n${" * n,
    "namespaces": lambda n: "a::" * n + "b()",
}


@pytest.mark.slow
@pytest.mark.parametrize("make", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_deep_expression_is_refused_or_works(make: Callable[[int], str]) -> None:
    diags = Diagnostics()

    node = parse_expression(SourceFile("e", make(DEEP)), diags)
    scope = Scope({"a": (1)})
    type_of(evaluate(node, scope, diags))
    describe_values(node, scope)
    variables_in(node)
    calls_in(node)

    assert len(diags) <= 2


@pytest.mark.parametrize("depth", [99, 100, 101, 250, 251, 999])
@pytest.mark.parametrize("make", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_expression_near_the_limits_never_raises(make: Callable[[int], str], depth: int) -> None:
    diags = Diagnostics()

    node = parse_expression(SourceFile("e", make(depth)), diags)
    scope = Scope({"a": (1)})
    type_of(evaluate(node, scope, diags))
    describe_values(node, scope)


BLOCKS: Final[dict[str, Callable[[int], str]]] = {
    "blocks": lambda n: "a {\n" * n,
    "closed blocks": lambda n: "a {\n" * n + "}\n" * n,
    "labels": lambda n: "a " + '"b" ' * n + "{}\n",
    "bare labels": lambda n: "a " + "b " * n + "{}\n",
    "mistakes": lambda n: "a\n" * n,
    "open brackets": lambda n: "a = [\n" * n,
    "open braces": lambda n: "a = {\n" * n,
    "open quotes": lambda n: 'a = "\n' * n,
    "open interpolations": lambda n: 'a = "${\n' * n,
    "open heredocs": lambda n: "a = <<A\n" * n,
    "closers": lambda n: "}" * n,
    "strange letters": lambda n: "@" * n,
    "one line": lambda n: "a { " * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS.keys())
def test_deep_file_is_refused_or_works(make: Callable[[int], str]) -> None:
    diags = Diagnostics()

    parse_file(make(DEEP).encode(), "f.tf", diags)

    assert len(diags) <= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[" * DEEP, "{" * DEEP, '{"a":' * DEEP, "[" * DEEP + "]" * DEEP, '"\\' * DEEP]
)
def test_deep_json_is_refused(text: str) -> None:
    diags = Diagnostics()

    parse_json_file(text.encode(), "f.tf.json", diags)
    evaluate(parse_json_expression(SourceFile("j", text), diags), Scope(), diags)

    assert diags.has_errors


def test_deep_template_in_json_is_refused() -> None:
    diags = Diagnostics()
    text = json.dumps('${"' * DEEP)

    evaluate(parse_json_expression(SourceFile("j", text), diags), Scope(), diags)

    assert diags.has_errors


SIZE: Final = 1_000_000
LONG: Final[dict[str, str]] = {
    "a": "(", "b": "[", "c": "{", "d": "!", "e": "-", "f": "a.", "g": "${", "h": '"${',
    "i": "%{", "j": '"', "k": "<<A\n", "l": "/*", "m": "#\n", "n": "//", "o": "a ? b : ",
    "p": "a[", "q": "[for ", "r": "{for ", "s": "a {\n", "t": "a = [\n", "u": 'a = "\n',
    "v": "a = <<A\n", "w": "}\n", "x": "$", "y": "$$", "z": "\\", "A": "é", "B": "1.", "C": "1e",
    "D": "f(", "E": "a,", "F": "a = {\n", "G": "a\n", "H": "~}", "I": "a = 1\n", "J": " ",
    "K": "\n", "L": "\r\n", "M": '"a" ', "N": "a = <<A\n${\n", "O": "%{if a}", "P": '"%{if a}',
    "Q": "{ a = ", "R": "[[]", "S": "a::", "T": "*", "U": ".*", "V": "[*]", "W": "=>", "X": '\\"',
    "Y": "a = f(\n", "Z": '"${"', "0": "a = 1 /*", "1": "1", "2": "{ for ", "3": "{\n#",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", LONG.values(), ids=[repr(unit) for unit in LONG.values()])
def test_long_repetition_is_read_in_linear_time(unit: str) -> None:
    def seconds(size: int, before: str) -> float:
        text = before + unit * (size // len(unit))
        start = time.process_time()
        parse_file(text.encode(), "f.tf", Diagnostics())
        parse_template(SourceFile("t", text), Diagnostics())
        parse_json_file(text.encode(), "f.tf.json", Diagnostics())
        return time.process_time() - start

    for before in ("", "a = ", 'a = "', "a = <<A\n"):
        small, large = seconds(SIZE // 8, before), seconds(SIZE, before)

        # Eight times as much takes eight times as long; a square would take 64.
        assert large < 20 * small + 0.5
