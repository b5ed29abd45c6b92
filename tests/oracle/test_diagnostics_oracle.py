"""Boxes and records are those of `terraform validate`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostic, SourceFile, SourceRange
from cotta.diagnostics.records import encode_diagnostic
from cotta.diagnostics.render import render_diagnostic
from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.diagnostics.records import DiagnosticRecord

pytestmark = pytest.mark.oracle

MISTAKES = {
    "operand": "locals {\n  m = { a = 1, b = true }\n  e = 1 + local.m.b\n}\n",
    "attribute": "locals {\n  é = {}\n  e = local.é.c\n}\n",
    "call": 'locals {\n  l = [1, 2]\n  e = upper(local.l)\n  f = format("%d", local.l)\n}\n',
    "unknown-function": "locals {\n  e = nofunc(1)\n}\n",
    "several-lines": "locals {\n  e = true ? [\n    1\n  ] : {\n  }\n}\n",
    "heredoc": "locals {\n  a = {}\n  e = <<EOT\n\tx ${local.a}\nEOT\n}\n",
    "argument": 'output "o" {\n  valeu = 1\n}\n',
    "top-level": "nonsense {\n}\n",
    "newline": "locals {\n  e =\n\n  f = 1\n}\n",
    "end-of-file": "locals {\n  e = [\n",
    "long-detail": "locals {\n  e = foo(\n",
    "address": 'resource "terraform_data" "x" {\n  lifecycle {\n    prevent_destroy = 3\n  }\n}\n',
    "several": "variable b c {}\nvariable a {}\nvariable a { type = strin }\n",
}


def validated(folder: Path, text: str) -> list[DiagnosticRecord]:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    records: list[DiagnosticRecord] = json.loads(
        terraform("validate", "-json", folder=folder).stdout
    )["diagnostics"]
    assert records
    return records


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES.keys())
def test_box_is_terraforms(tmp_path: Path, text: str) -> None:
    records = validated(tmp_path, text)

    printed = terraform("validate", folder=tmp_path).stderr
    drawn = [
        re.sub(r"\x1b\[[0-9;]*m", "", render_diagnostic(record, width=78, colour=True))
        for record in records
    ]

    expected = re.findall(r"╷.*?╵\n", re.sub(r"\x1b\[[0-9;]*m", "", printed), re.DOTALL)
    assert sorted(drawn) == sorted(expected)


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES.keys())
def test_snippet_is_terraforms(tmp_path: Path, text: str) -> None:
    for record in validated(tmp_path, text):
        snippet = record["snippet"]
        shown = _encode_again(record, text)["snippet"]

        if snippet["code"].count("\n") > 0:
            continue  # the context, which the record doesn't tell, decides the lines
        assert shown | {"values": []} == {
            key: [] if key == "values" else value
            for key, value in snippet.items()
            if key != "function_call"
        }


def _encode_again(record: DiagnosticRecord, text: str) -> DiagnosticRecord:
    file = SourceFile("main.tf", text)
    raw = text.encode()
    start, end = (len(raw[: record["range"][edge]["byte"]].decode()) for edge in ("start", "end"))
    return encode_diagnostic(
        Diagnostic(summary=record["summary"], subject=SourceRange(file, start, end)),
        context_of=lambda _: record["snippet"]["context"],
    )
