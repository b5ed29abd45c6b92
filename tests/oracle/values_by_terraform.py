"""What terraform makes of many expressions at once.

All are outputs of one folder: `validate` tells every mistake in one run,
`plan` the values of the rest.  The answers are JSON records:

    {"value": …, "type": …}     a known value; fractions as texts, for all their digits
    {"unknown": …}              the structure of what is not known
    {"infinite": true}          a value with an infinity in it
    {"error": summary, "at": …} the first mistake, and the bytes of the expression it is at
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Answer = dict[str, Any]

BEFORE = "  value = "
LINES = 4
BATCH = 250


def ask(expressions: Sequence[str], *, folder: Path, declarations: str = "") -> list[Answer]:
    """Return terraform's answer to each expression, in order."""
    (folder / "names.tf").write_text(declarations, encoding="utf-8")
    terraform("init", folder=folder)
    answers: list[Answer] = []
    # Terraform takes time quadratic in the number of mistakes of one run.
    for at in range(0, len(expressions), BATCH):
        answers += _ask_batch(expressions[at : at + BATCH], folder)
    return answers


def _ask_batch(expressions: Sequence[str], folder: Path) -> list[Answer]:
    answers: dict[int, Answer] = {}
    waiting = set(range(len(expressions)))
    starts = _write(folder, expressions, waiting)
    found = json.loads(terraform("validate", "-json", folder=folder).stdout)["diagnostics"]
    answers |= _mistakes(found, starts)
    # A mistake that depends on values shows only in the plan, some at a time.
    while True:
        waiting -= answers.keys()
        starts = _write(folder, expressions, waiting)
        printed = terraform(
            "plan", "-json", "-refresh=false", "-out=p", "-lock=false", folder=folder
        ).stdout
        records = [json.loads(line) for line in printed.splitlines()]
        found = [record["diagnostic"] for record in records if record["type"] == "diagnostic"]
        mistakes = _mistakes(found, starts)
        if not mistakes:
            break
        answers |= mistakes
    plan = json.loads(terraform("show", "-json", "p", folder=folder).stdout, parse_float=str)
    for at in waiting:
        answers[at] = _planned(plan, f"o{at}")
    return [answers[at] for at in range(len(expressions))]


def _mistakes(found: list[dict[str, Any]], starts: Sequence[int]) -> dict[int, Answer]:
    """Return the first mistake of each expression that has any."""
    answers: dict[int, Answer] = {}
    for one in found:
        if one["severity"] != "error":
            continue
        if "range" not in one:
            # All that terraform says after planning something that it can't write.
            for name in re.findall(r'output value\s+"o(\d+)": cannot serialize', one["detail"]):
                answers[int(name)] = {"infinite": True}
            continue
        at = (one["range"]["start"]["line"] - 1) // LINES
        answers.setdefault(at, {"error": one["summary"], "at": _place(one["range"], starts)})
    return answers


def _planned(plan: dict[str, Any], name: str) -> Answer:
    known = plan["planned_values"].get("outputs", {})
    change = plan["output_changes"].get(name, {})
    if name in known and known[name].get("value") is not None:
        return {"value": known[name]["value"], "type": known[name]["type"]}
    if change.get("after_unknown"):
        return {"unknown": change["after_unknown"]}
    return {"value": None}


def _write(folder: Path, expressions: Sequence[str], waiting: set[int]) -> list[int]:
    """Write one output for each; return at which byte each expression starts.

    Every output has the same number of lines, so that a line number tells which it is.
    """
    written: list[str] = []
    starts: list[int] = []
    size = 0
    for at, expression in enumerate(expressions):
        head, rest = "\n\n", "\n\n"
        if at in waiting:
            head = f"output o{at} {{\n  sensitive = true\n{BEFORE}"
            rest = f"{expression}\n}}\n"
        starts.append(size + len(head))
        size += len(head) + len(rest.encode())
        written += [head, rest]
    (folder / "main.tf").write_text("".join(written), encoding="utf-8")
    return starts


def _place(found: dict[str, Any], starts: Sequence[int]) -> list[int]:
    """Return the bytes of the expression that a mistake is at, from and up to."""
    start = starts[(found["start"]["line"] - 1) // LINES]
    return [found["start"]["byte"] - start, found["end"]["byte"] - start]
