"""Small expressions, evaluated again and again as instances of a resource are."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Final

from bench.measure import Figure, median_seconds
from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.values.types import STRING
from cotta.values.value import ListValue, ObjectValue, TupleValue, Value
from tests.support.surroundings import NOWHERE

_EXPRESSIONS: Final = {
    "reference": "var.fleet.name",
    "index": "local.zones[1]",
    "template": '"app-${var.fleet.name}-${each.key}"',
    "call": "upper(var.fleet.name)",
    "conditional": 'var.large ? "m6i.large" : "t3.micro"',
    "arithmetic": "var.size * 2 + 1",
    "comparison": "var.size >= 3 && !var.large",
    "object": "{ Name = each.key, Size = var.size }",
    "tuple": "[each.key, var.fleet.name]",
    "loop": "[for zone in local.zones : zone]",
}
_ROUNDS: Final = 20_000


def _scope() -> Scope:
    names: dict[str, Value] = {
        "var": ObjectValue(
            {"fleet": ObjectValue({"name": "web", "port": 80}), "large": True, "size": 3}
        ),
        "local": ObjectValue({"zones": ListValue(STRING, ("a", "b", "c")), "t": TupleValue((1,))}),
        "each": ObjectValue({"key": "one", "value": "1"}),
    }
    return Scope(names, terraform_functions(NOWHERE))


def rates() -> dict[str, float]:
    """Return how many expressions of each kind are evaluated in a second."""
    scope = _scope()
    diags = Diagnostics()
    found = {}
    for kind, text in _EXPRESSIONS.items():
        node = parse_expression(SourceFile("bench.tf", text), diags)

        def many(node: object = node) -> None:
            for _ in range(_ROUNDS):
                evaluate(node, scope, diags)  # type: ignore[arg-type]  # an expression

        found[kind] = _ROUNDS / median_seconds(many, 3)
    assert not len(diags)
    return found


def milliseconds(*command: str) -> float:
    """Return how long a command takes from start to end, with its code compiled before."""
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def start() -> None:
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)

        start()
        return median_seconds(start, 9) * 1000


def figures() -> list[Figure]:
    found = rates()
    python = milliseconds(sys.executable, "-c", "pass")
    importing = milliseconds(sys.executable, "-c", "import cotta.hcl.evaluate") - python
    version = milliseconds(sys.executable, "-m", "cotta", "version")
    mean = len(found) / sum(1 / rate for rate in found.values())
    slowest = min(found, key=lambda kind: found[kind])
    return [
        Figure(
            "evaluate small expressions",
            f"{mean / 1000:.0f} k/s (slowest: {slowest}, {found[slowest] / 1000:.0f} k/s)",
        ),
        Figure("import cotta.hcl.evaluate", f"{importing:.0f} ms", "", "< 60 ms"),
        Figure("cotta version", f"{version:.0f} ms", f"python {python:.0f} ms", "< 150 ms"),
    ]
