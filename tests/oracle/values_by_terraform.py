"""What terraform makes of many expressions at once.

All are outputs of one folder: `validate` tells every mistake in one run,
`plan` the values of the rest.  The answers are JSON records:

    {"value": …, "type": …}     a known value; fractions as texts, for all their digits
    {"unknown": …}              the structure of what is not known
    {"error": summary, "at": …} the first mistake, and the bytes of the expression it is at
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Answer = dict[str, Any]

BEFORE = "  value = "
LINES = 4


def ask(expressions: Sequence[str], *, folder: Path, declarations: str = "") -> list[Answer]:
    """Return terraform's answer to each expression, in order."""
    (folder / "names.tf").write_text(declarations, encoding="utf-8")
    terraform("init", folder=folder)
    answers: dict[int, Answer] = {}
    waiting = set(range(len(expressions)))
    # A mistake that depends on values shows only in the plan, some at a time.
    for command in ("validate", "plan", "plan", "plan"):
        starts = _write(folder, expressions, waiting)
        if command == "validate":
            found = json.loads(terraform("validate", "-json", folder=folder).stdout)["diagnostics"]
        else:
            printed = terraform(
                "plan", "-json", "-refresh=false", "-out=p", "-lock=false", folder=folder
            ).stdout
            records = [json.loads(line) for line in printed.splitlines()]
            found = [record["diagnostic"] for record in records if record["type"] == "diagnostic"]
        mistakes = [one for one in found if one["severity"] == "error"]
        for one in mistakes:
            line = one["range"]["start"]["line"] - 1
            at = line // LINES
            answers.setdefault(at, {"error": one["summary"], "at": _place(one["range"], starts)})
            waiting.discard(at)
        if command == "plan" and not mistakes:
            break
    shown = terraform("show", "-json", "p", folder=folder).stdout
    plan = json.loads(shown, parse_float=str)
    known = plan["planned_values"].get("outputs", {})
    changes = plan["output_changes"]
    for at in waiting:
        name = f"o{at}"
        if name in known and known[name].get("value") is not None:
            answers[at] = {"value": known[name]["value"], "type": known[name]["type"]}
        elif changes.get(name, {}).get("after_unknown"):
            answers[at] = {"unknown": changes[name]["after_unknown"]}
        else:
            answers[at] = {"value": None}
    return [answers[at] for at in range(len(expressions))]


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
