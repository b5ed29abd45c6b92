"""An attribute that holds objects, written as blocks."""

from __future__ import annotations

import pytest

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile
from cotta.hcl.parser import parse_source
from cotta.hcl.scope import Scope
from cotta.schemas.decode import decode_body, read_body
from cotta.schemas.model import Attribute, Block
from cotta.values.sets import make_set
from cotta.values.types import NUMBER, STRING, ListType, ObjectType, SetType
from cotta.values.value import ListValue, Null, ObjectValue, Unknown, Value

RULE = ObjectType({"note": STRING, "port": NUMBER})
BLOCK = Block(
    attributes={
        "name": Attribute(type=STRING, optional=True),
        "rule": Attribute(type=SetType(RULE), optional=True, computed=True),
        "step": Attribute(type=ListType(RULE), optional=True),
    }
)


def a_rule(port: int, note: Value | None = None) -> ObjectValue:
    return ObjectValue({"note": Null(STRING) if note is None else note, "port": port})


def decode(text: str) -> tuple[ObjectValue, list[str]]:
    diags = Diagnostics()
    body = parse_source(SourceFile("main.tf", text), diags).body
    scope = Scope({"later": Unknown(STRING), "ports": ListValue(NUMBER, (1, 2))})
    value = decode_body(body, BLOCK, scope, diags)
    return value, [each.summary for each in diags]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rule {\n port = 1\n}\nrule {\n port = 2\n note = later\n}",
         make_set([a_rule(1), a_rule(2, Unknown(STRING))], RULE)),
        ("rule = []", make_set([], RULE)),
        ('rule = [{ port = 1, note = "" }]', make_set([a_rule(1, "")], RULE)),
        ("", Null(SetType(RULE))),
        ('dynamic "rule" {\n for_each = ports\n content {\n  port = rule.value\n }\n}',
         make_set([a_rule(1), a_rule(2)], RULE)),
        ('dynamic "rule" {\n for_each = []\n content {\n  port = 1\n }\n}', make_set([], RULE)),
    ],
)  # fmt: skip
def test_a_set_of_objects_may_be_written_as_blocks(text: str, expected: Value) -> None:
    value, mistakes = decode(text)

    assert mistakes == []
    assert value.attributes["rule"] == expected
    assert value.type == BLOCK.implied_type


def test_a_list_keeps_the_order_of_its_blocks() -> None:
    value, mistakes = decode("step {\n port = 2\n}\nstep {\n port = 1\n}")

    assert mistakes == []
    assert value.attributes["step"] == ListValue(RULE, (a_rule(2), a_rule(1)))


def test_one_attribute_is_not_written_both_ways() -> None:
    _, mistakes = decode("rule = []\nrule {\n port = 1\n}")

    assert mistakes == ["Unsupported block type"]


def test_what_a_block_does_not_hold_is_a_mistake() -> None:
    _, mistakes = decode("rule {\n prot = 1\n}")

    assert mistakes == ["Unsupported argument"]


def test_references_inside_are_found() -> None:
    diags = Diagnostics()
    body = parse_source(SourceFile("main.tf", "rule {\n port = var.port\n}"), diags).body

    assert [each.name for each in read_body(body, BLOCK, diags).references] == ["var"]
