"""JSON syntax: the same tree, and templates only where something is evaluated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.bodies import BlockSchema, BodySchema, content, just_attributes
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.json_syntax import parse_json_expression, parse_json_file
from cotta.values.codec_json import encode_plain
from cotta.values.json_text import write_json
from tests.oracle.witnesses import terraform
from tests.support.generator import FOLDER, scope
from tests.support.surroundings import NOWHERE

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = scope(terraform_functions(NOWHERE))

VALUES: dict[str, object] = {
    "ja": 1,
    "jb": -2.5e3,
    "jc": True,
    "jd": None,
    "je": "plain",
    "jf": "${local.n}",
    "jg": "n is ${local.n}",
    "jh": "%{ if local.b }yes%{ else }no%{ endif }",
    "ji": ["${local.s}", 1, [True]],
    "jj": {"${local.s}": "${local.n + 1}", "b c": {"d": []}},
    "jk": 'two\nlines ${local.s}\t"quoted"',
    "jl": "$${local.n} %%{x}",
    "jm": "e\u0301 \U0001f600",
    "jn": "\ud83d",
    "jo": "\\n",
    "jp": '${upper("a")}',
    "jq": "${[for v in local.l : v]}",
    "jr": 123456789012345678901234567890,
    "js": "true",
    "jt": '${jsonencode({"a" = 1})}',
    "ju": "",
    "jv": 1e100,
}


def our_values(text: str) -> dict[str, object]:
    diags = Diagnostics()
    file = parse_json_file(text.encode(), "main.tf.json", diags)
    found = content(file.body, BodySchema(blocks=(BlockSchema("locals"),)), diags)
    values = {
        name: json.loads(
            write_json(encode_plain(evaluate(attribute.expression, SCOPE, diags))), parse_float=str
        )
        for block in found.blocks
        for name, attribute in just_attributes(block.body, diags).items()
    }
    assert list(diags) == []
    return values


@pytest.mark.oracle
def test_values_are_terraforms(tmp_path: Path) -> None:
    text = json.dumps({"locals": [VALUES]})
    (tmp_path / "main.tf.json").write_text(text)
    outputs = "".join(f"output {name} {{\nvalue = local.{name}\n}}\n" for name in VALUES)
    (tmp_path / "names.tf").write_text(FOLDER + outputs)
    terraform("init", folder=tmp_path)
    planned = terraform("plan", "-out=p", "-lock=false", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr

    shown = json.loads(terraform("show", "-json", "p", folder=tmp_path).stdout, parse_float=str)

    theirs = {k: v.get("value") for k, v in shown["planned_values"]["outputs"].items()}
    assert our_values(text) == theirs | {"jd": None}


def test_block_may_be_an_object_or_an_array_of_objects_at_each_label() -> None:
    schema = BodySchema(blocks=(BlockSchema("resource", ("type", "name")),))
    texts = [
        '{"resource": {"a": {"x": {"k": 1}, "y": {"k": 2}}}}',
        '{"resource": [{"a": {"x": {"k": 1}}}, {"a": [{"y": {"k": 2}}]}]}',
        '[{"resource": {"a": {"x": {"k": 1}}}}, {"resource": {"a": {"y": [{"k": 2}]}}}]',
    ]
    for text in texts:
        diags = Diagnostics()
        found = content(parse_json_file(text.encode(), "f", diags).body, schema, diags)

        labels = [block.labels for block in found.blocks]
        values = [
            evaluate(just_attributes(block.body, diags)["k"].expression, SCOPE, diags)
            for block in found.blocks
        ]

        assert (labels, values, list(diags)) == ([("a", "x"), ("a", "y")], [1, 2], [])


@pytest.mark.parametrize("text", ['{"//": "${"}', '{"locals": {"//": "${"}}', '{"a${": 1}'])
def test_broken_template_that_nobody_evaluates_is_no_mistake(text: str) -> None:
    diags = Diagnostics()

    parse_json_file(text.encode(), "f.tf.json", diags)

    assert list(diags) == []


@pytest.mark.parametrize(
    ("text", "place", "summary"),
    [
        ('"x ${a b}"', "j:1,8-9", "Extra characters after interpolation expression"),
        ('"\\n${"', "j:1,1-7", "Missing expression"),
        ('"${local.n + true}"', "j:1,14-18", "Invalid operand"),
        ('"${nope}"', "j:1,4-8", "Unknown variable"),
    ],
)
def test_mistake_in_a_template_is_told_when_it_is_evaluated(
    text: str, place: str, summary: str
) -> None:
    diags = Diagnostics()
    node = parse_json_expression(SourceFile("j", text), diags)
    assert not len(diags)

    evaluate(node, SCOPE, diags)

    assert [(d.subject.describe(), d.summary) for d in diags if d.subject] == [(place, summary)]
