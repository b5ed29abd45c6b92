"""The corpus: what files mean.

`name.hcl` with `name.json` beside it: blocks, and what every attribute is in
the scope of `tests/support/generator.py`.  `name.hcl` with `name.diagnostics`:
all its mistakes, `line:column-line:column summary` each, in order.  To add a
case, write the first and let `make golden` write the second; then read it.

Terraform is asked for the values of all `locals`, whose names are therefore
unique among all files, and for all mistakes, except that where it stops at the first
mistake in the syntax, ours must be the same one.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_file
from cotta.values.codec_json import encode_plain, encode_type
from cotta.values.json_text import write_json
from cotta.values.value import Marked, Unknown, Value, children, is_container, rebuild
from tests.oracle.witnesses import terraform
from tests.support.generator import FOLDER, scope
from tests.support.surroundings import NOWHERE

if TYPE_CHECKING:
    from cotta.hcl.ast import JsonBody
    from cotta.hcl.scope import Scope

CASES = sorted(Path(__file__).parent.glob("*.hcl"))
SCOPE = scope(terraform_functions(NOWHERE))
MAY_WRITE = os.environ.get("COTTA_GOLDEN") == "write"


def shown(value: Value) -> Any:
    """Return a value as JSON shows it; what JSON lacks is a text that says so."""
    return json.loads(write_json(encode_plain(_spell_out(value))), parse_float=str)


def _spell_out(value: Value) -> Value:
    if isinstance(value, Unknown):
        return f"(unknown {json.dumps(encode_type(value.type))})"
    if isinstance(value, Marked):
        return f"({'+'.join(sorted(m.value for m in value.marks))} {shown(value.value)})"
    if is_container(value):
        return rebuild(value, [_spell_out(child) for child in children(value)])
    return value


def tree(body: Body | JsonBody, names: Scope, diags: Diagnostics) -> dict[str, Any]:
    assert isinstance(body, Body)
    made: dict[str, Any] = {
        name: shown(evaluate(attribute.expression, names, diags))
        for name, attribute in body.attributes.items()
    }
    if body.blocks:
        made["(blocks)"] = [
            {" ".join([block.type, *block.labels]): tree(block.body, names, diags)}
            for block in body.blocks
        ]
    return made


def understand(case: Path) -> tuple[str, str]:
    """Return the ending and the text of the file that says what `case` means."""
    diags = Diagnostics()
    body = parse_file(case.read_bytes(), case.name, diags).body
    made = tree(body, SCOPE, diags) if not diags.has_errors else {}
    if not len(diags):
        return ".json", json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    lines = []
    for found in diags:
        assert found.subject is not None
        first, last = found.subject.first, found.subject.last
        lines.append(f"{first.line}:{first.column}-{last.line}:{last.column} {found.summary}\n")
    return ".diagnostics", "".join(lines)


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_file_means_what_stands_beside_it(case: Path) -> None:
    ending, text = understand(case)

    if MAY_WRITE:
        case.with_suffix(ending).write_text(text, encoding="utf-8")
    assert text == case.with_suffix(ending).read_text(encoding="utf-8")


@pytest.mark.oracle
def test_locals_are_terraforms(tmp_path: Path) -> None:
    ours: dict[str, Any] = {}
    for case in CASES:
        if not case.with_suffix(".json").exists():
            continue
        for block in json.loads(case.with_suffix(".json").read_text()).get("(blocks)", []):
            for name, value in block.get("locals", {}).items():
                assert name not in ours, f"the name {name} is taken by another file"
                ours[name] = value
        (tmp_path / f"{case.stem}.tf").write_bytes(_only_locals(case))
    ours = json.loads(re.sub(r'"\(sensitive ([^"]*)\)"', r'"\1"', json.dumps(ours)))
    outputs = [f"output {n} {{\nvalue = local.{n}\nsensitive = true\n}}\n" for n in ours]
    (tmp_path / "names.tf").write_text(FOLDER + "".join(outputs))

    terraform("init", folder=tmp_path)
    planned = terraform("plan", "-out=p", "-lock=false", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr

    plan = json.loads(terraform("show", "-json", "p", folder=tmp_path).stdout, parse_float=str)
    known = plan["planned_values"]["outputs"]
    theirs = {
        name: known[name].get("value") for name in ours if known.get(name, {}).get("value", 0) != 0
    }
    assert {n: v for n, v in ours.items() if n in theirs} == theirs
    missing = {name: ours[name] for name in ours.keys() - theirs.keys()}
    assert {n: v for n, v in missing.items() if v and "(unknown" not in json.dumps(v)} == {}


def _only_locals(case: Path) -> bytes:
    """Return the `locals` blocks of a file, as they are written."""
    file = parse_file(case.read_bytes(), case.name, Diagnostics())
    texts = [block.range.text for block in file.body.blocks if block.type == "locals"]  # type: ignore[union-attr]  # native
    return "\n".join([*texts, ""]).encode()


@pytest.mark.oracle
def test_mistakes_are_terraforms(tmp_path: Path) -> None:
    different = {}
    for case in CASES:
        if not case.with_suffix(".diagnostics").exists():
            continue
        ours = case.with_suffix(".diagnostics").read_text().splitlines()
        folder = tmp_path / case.stem
        folder.mkdir()
        (folder / "main.tf").write_bytes(case.read_bytes())
        (folder / "names.tf").write_text(FOLDER)
        terraform("init", folder=folder)
        found = json.loads(terraform("validate", "-json", folder=folder).stdout)["diagnostics"]
        theirs = [_line(record) for record in found if record["range"]["filename"] == "main.tf"]
        if case.stem == "mistakes-syntax":
            ours, theirs = ours[:1], theirs[:1]
        if sorted(ours) != sorted(theirs):
            different[case.stem] = (
                [line for line in ours if line not in theirs],
                [line for line in theirs if line not in ours],
            )
    assert different == {}


def _line(record: Any) -> str:
    start, end = record["range"]["start"], record["range"]["end"]
    place = f"{start['line']}:{start['column']}-{end['line']}:{end['column']}"
    return f"{place} {record['summary']}"
