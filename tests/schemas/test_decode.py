"""Bodies read against every shape of schema, in both syntaxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_source
from cotta.hcl.scope import Scope
from cotta.schemas.decode import decode_body, read_body
from cotta.schemas.ranges import find_range
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import NUMBER, STRING, ListType, SetType
from cotta.values.value import Null, ObjectValue, Unknown, same
from tests.support.schemas import DISKS, EVERYTHING, a_block, an_attribute
from tests.support.values import a_list, a_map, a_set, a_tuple, an_object, secret

if TYPE_CHECKING:
    from cotta.schemas.model import Block
    from cotta.values.paths import Path
    from cotta.values.value import Value

SCOPE = Scope(
    {
        "known": a_tuple("a", "b"),
        "later": Unknown(ListType(STRING)),
        "hidden": secret(a_tuple("a")),
        "name": Unknown(STRING),
    }
)


def decode(text: str, block: Block) -> ObjectValue:
    diags = Diagnostics()
    body = parse_source(SourceFile("main.tf", text), diags).body
    value = decode_body(body, block, SCOPE, diags)
    assert list(diags) == []
    assert value.type == block.implied_type or block.is_dynamic
    return value


def mistakes(text: str, block: Block) -> list[tuple[str, str]]:
    """Return summary and place of each mistake, for a body inside a block `b`."""
    diags = Diagnostics()
    file = parse_source(SourceFile("main.tf", text), diags)
    assert not isinstance(file.body, tuple)
    [written] = file.body.blocks  # type: ignore[union-attr]  # native
    decode_body(written.body, block, SCOPE, diags)
    return [(d.summary, d.subject.describe()) for d in diags if d.subject is not None]


def part(value: ObjectValue, name: str) -> Value:
    return value.attributes[name]


def a_disk(size: Value, name: Value | None = None) -> ObjectValue:
    return an_object(size=size, name=Null(STRING) if name is None else name)


def test_an_empty_body_is_nulls_and_no_blocks() -> None:
    value = decode("", EVERYTHING)

    assert part(value, "name") == Null(STRING)
    assert part(value, "disks") == a_list(of=DISKS.implied_type)
    assert part(value, "rules") == a_set(of=DISKS.implied_type)
    assert part(value, "shares") == a_map(DISKS.implied_type)
    assert part(value, "root") == Null(DISKS.implied_type)
    assert part(value, "group") == a_disk(Null(NUMBER))


def test_blocks_of_every_nesting_become_their_collections() -> None:
    value = decode(
        """
        root { size = 1 }
        group { size = "2" }
        disks { size = 3 }
        disks { size = 4 }
        rules { size = 5 }
        rules { size = 5 }
        shares "x" { size = 6 }
        """,
        EVERYTHING,
    )

    assert part(value, "root") == a_disk(1)
    assert part(value, "group") == a_disk(2)
    assert part(value, "disks") == a_list(a_disk(3), a_disk(4), of=DISKS.implied_type)
    assert part(value, "rules") == a_set(a_disk(5), of=DISKS.implied_type)
    assert part(value, "shares") == a_map(DISKS.implied_type, x=a_disk(6))


def test_arguments_are_converted_and_nested_objects_completed() -> None:
    value = decode('name = 5\nsettings = { mode = "x" }', EVERYTHING)

    assert part(value, "name") == "5"
    settings = part(value, "settings")
    assert isinstance(settings, ObjectValue)
    assert settings == an_object(mode="x", level=Null(NUMBER), token=Null(STRING))


def test_dynamic_blocks_are_counted_out() -> None:
    text = 'dynamic "disks" {\n for_each = known\n content {\n  name = disks.value\n }\n}'

    value = decode(text, EVERYTHING)

    assert part(value, "disks") == a_list(
        a_disk(Null(NUMBER), "a"), a_disk(Null(NUMBER), "b"), of=DISKS.implied_type
    )


@pytest.mark.parametrize(("name", "kind"), [("disks", ListType), ("rules", SetType)])
def test_an_unknown_collection_makes_all_blocks_of_the_type_unknown(name: str, kind: type) -> None:
    text = f'{name} {{}}\ndynamic "{name}" {{\n for_each = later\n content {{}}\n}}'

    value = decode(text, EVERYTHING)

    assert part(value, name) == Unknown(kind(DISKS.implied_type))


def test_marks_of_a_collection_are_on_the_blocks() -> None:
    text = 'dynamic "disks" {\n for_each = hidden\n content {}\n}'

    value = decode(text, EVERYTHING)

    assert same(part(value, "disks"), secret(a_list(a_disk(Null(NUMBER)), of=DISKS.implied_type)))


def test_blocks_with_parts_of_any_type_are_a_tuple() -> None:
    block = a_block(blocks={"any": a_block(value=an_attribute("any", optional=True))})

    value = decode('any {\n value = 1\n}\nany {\n value = "x"\n}', block)

    assert part(value, "any") == a_tuple(an_object(value=1), an_object(value="x"))


def test_json_says_the_same() -> None:
    diags = Diagnostics()
    text = (
        '{"name": "n", "disks": [{"size": 1}, {"size": 2}], "shares": {"x": {"size": 3}},'
        ' "dynamic": {"rules": {"for_each": "${known}", "content": {"name": "${rules.value}"}}}}'
    )

    value = decode_body(
        parse_json_file(text.encode(), "m.tf.json", diags).body, EVERYTHING, SCOPE, diags
    )

    assert list(diags) == []
    assert part(value, "disks") == a_list(a_disk(1), a_disk(2), of=DISKS.implied_type)
    assert part(value, "shares") == a_map(DISKS.implied_type, x=a_disk(3))
    assert part(value, "rules") == a_set(
        a_disk(Null(NUMBER), "a"), a_disk(Null(NUMBER), "b"), of=DISKS.implied_type
    )


STRICT = a_block(
    size=an_attribute(NUMBER, required=True),
    blocks={"one": a_block(), "few": (a_block(), 1, 2)},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b {\n few {}\n}", [("Missing required argument", "main.tf:1,3-4")]),
        (
            "b {\n size = [1]\n few {}\n}",
            [("Incorrect attribute value type", "main.tf:2,9-12")],
        ),
        ("b {\n size = 1\n}", [("Insufficient few blocks", "main.tf:1,3-4")]),
        (
            "b {\n size = 1\n few {}\n few {}\n few {}\n}",
            [("Too many few blocks", "main.tf:5,6-7")],
        ),
        (
            "b {\n size = 1\n few {}\n sise = 2\n fwe {}\n}",
            [
                ("Unsupported argument", "main.tf:4,2-6"),
                ("Unsupported block type", "main.tf:5,2-5"),
            ],
        ),
    ],
)
def test_mistakes_are_told_where_terraform_tells_them(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert mistakes(text, STRICT) == expected


def test_only_one_single_block_is_allowed() -> None:
    assert mistakes("b {\n root {}\n root {}\n}", EVERYTHING) == [
        ("Duplicate root block", "main.tf:3,2-6")
    ]


def test_references_leave_out_what_a_dynamic_block_binds() -> None:
    diags = Diagnostics()
    text = (
        "name = known[0]\ndisks {\n name = name\n}\n"
        'dynamic "rules" {\n for_each = later\n iterator = it\n content {\n'
        "  name = it.value\n  size = hidden\n }\n}"
    )

    read = read_body(parse_source(SourceFile("main.tf", text), diags).body, EVERYTHING, diags)

    assert list(diags) == []
    assert [found.name for found in read.references] == ["known", "name", "later", "hidden"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((AttributePath("name"),), "main.tf:1,8-11"),
        ((AttributePath("settings"), AttributePath("mode")), "main.tf:2,21-24"),
        ((AttributePath("disks"), IndexPath(1), AttributePath("size")), "main.tf:7,10-11"),
        ((AttributePath("disks"), IndexPath(1), AttributePath("name")), "main.tf:6,7-8"),
        ((AttributePath("shares"), IndexPath("x"), AttributePath("size")), "main.tf:10,10-11"),
        ((AttributePath("root"),), "main.tf:1,1-1"),
    ],
)
def test_a_path_leads_back_to_the_line(path: Path, expected: str) -> None:
    diags = Diagnostics()
    text = (
        'name = "n"\nsettings = { mode = "x" }\n'
        "disks {\n  size = 1\n}\ndisks {\n  size = 2\n}\n"
        'shares "x" {\n  size = 3\n}\n'
    )

    found = find_range(parse_source(SourceFile("main.tf", text), diags).body, EVERYTHING, path)

    assert found is not None
    assert found.describe() == expected
