"""References in expressions: their subjects, places and further steps."""

from __future__ import annotations

import pytest

from cotta.addrs.references import references_in
from cotta.addrs.sources import parse_provider_source
from cotta.addrs.traversals import target_of
from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.parser import parse_expression
from cotta.hcl.traversals import parse_traversal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("var.a.b", [("var.a", 0, 5, 1)]),
        ("local.a", [("local.a", 0, 7, 0)]),
        ("a.b.c.d", [("a.b", 0, 3, 2)]),
        ("a.b[0].c", [("a.b[0]", 0, 6, 1)]),
        ('a.b["x"]', [('a.b["x"]', 0, 8, 0)]),
        ("resource.a.b", [("a.b", 0, 12, 0)]),
        ("data.a.b.c", [("data.a.b", 0, 8, 1)]),
        ("ephemeral.a.b", [("ephemeral.a.b", 0, 13, 0)]),
        ("module.a", [("module.a", 0, 8, 0)]),
        ("module.a[0]", [("module.a[0]", 0, 11, 0)]),
        ("module.a[0].b.c", [("module.a[0].b", 0, 13, 1)]),
        ("count.index", [("count.index", 0, 11, 0)]),
        ("each.value.x", [("each.value", 0, 10, 1)]),
        ("path.module", [("path.module", 0, 11, 0)]),
        ("self.id", [("self", 0, 4, 1)]),
        ("[for v in var.a : v.x]", [("var.a", 10, 15, 0)]),
    ],
)
def test_reference(text: str, expected: list[tuple[str, int, int, int]]) -> None:
    diags = Diagnostics()

    found = references_in(parse_expression(SourceFile("t", text), diags), diags)

    assert len(diags) == 0
    assert [
        (str(one.subject), one.range.start, one.range.end, len(one.steps)) for one in found
    ] == expected


@pytest.mark.parametrize(
    ("text", "summary", "place"),
    [
        ("foo", "Invalid reference", (0, 3)),
        ("foo[0].bar", "Invalid reference", (3, 6)),
        ("data.x", "Invalid reference", (0, 6)),
        ('data["x"].y', "Invalid reference", (4, 9)),
        ("a.b[true].c", "Invalid index key", (3, 9)),
        ('module.a["b"][1]', "Invalid reference", (13, 16)),
        ("template.x", "Reserved symbol name", (0, 8)),
        ("var", "Invalid reference", (0, 3)),
        ("count[0]", "Invalid reference", (5, 8)),
    ],
)
def test_bad_reference(text: str, summary: str, place: tuple[int, int]) -> None:
    diags = Diagnostics()

    references_in(parse_expression(SourceFile("t", text), diags), diags)

    [found] = diags
    assert found.subject is not None
    assert (found.summary, (found.subject.start, found.subject.end)) == (summary, place)


@pytest.mark.parametrize(
    ("text", "summary", "place"),
    [
        ("a.b.c", "Invalid address", (3, 5)),
        ("a", "Invalid address", (0, 1)),
        ("module", "Invalid address operator", (0, 6)),
        ("module.x.y", "Invalid address", (8, 10)),
        ("module.x[true]", "Invalid address operator", (8, 14)),
        ("var.x", "Invalid address", (0, 5)),
        ("a.b[0][1]", "Invalid address", (6, 9)),
    ],
)
def test_bad_target(text: str, summary: str, place: tuple[int, int]) -> None:
    diags = Diagnostics()
    traversal = parse_traversal(SourceFile("t", text), diags)
    assert traversal is not None

    assert target_of(traversal, diags) is None

    [found] = diags
    assert found.subject is not None
    assert (found.summary, (found.subject.start, found.subject.end)) == (summary, place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws", "registry.terraform.io/hashicorp/aws"),
        ("terraform", "terraform.io/builtin/terraform"),
        ("A/B", "registry.terraform.io/a/b"),
        ("localhost:8080/a/b", "localhost:8080/a/b"),
        ("-/aws", "registry.terraform.io/-/aws"),
        ("a_b/c", "Invalid provider namespace"),
        ("x/terraform-provider-y", "Invalid provider type"),
        ("h_.io/a/b", "Invalid provider source hostname"),
        ("a/b/c/d", "Invalid provider source string"),
    ],
)
def test_provider_source(text: str, expected: str) -> None:
    diags = Diagnostics()

    found = parse_provider_source(text, diags)

    assert ([str(found)] if found else [one.summary for one in diags]) == [expected]
