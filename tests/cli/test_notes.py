"""What a provider says of a plan: notes below what they are about, and warnings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics.diagnostics import Severity
from cotta.providers.interface import PlanNote, ProviderDiagnostic
from cotta.values.paths import AttributePath, IndexPath
from tests.support.cli import Ended, run_cotta
from tests.support.engine import SCRIPTED
from tests.support.killed import FolderObjects
from tests.support.scripted_provider import RemoteWorld, Script, ScriptedProvider

if TYPE_CHECKING:
    from cotta.providers.options import ProviderOptions

THING = 'resource "scripted_thing" "a" {\n  name = "a"\n  size = 2\n}\n'
EVERYTHING = """
resource "scripted_everything" "a" {
  name = "a"
  group { size = 1 }
  disks { size = 2 }
  disks { size = 3 }
  rules { size = 4 }
  shares "k" { size = 5 }
}
"""
WARNING = ProviderDiagnostic(
    severity=Severity.WARNING,
    summary="This is an outage",
    detail="Nobody serves while it is replaced.",
    path=(AttributePath("size"),),
)


def run(script: Script, *arguments: str, text: str = THING, stdin: str = "") -> Ended:
    Path("main.tf").write_text(text, encoding="utf-8")

    def scripted(_options: ProviderOptions) -> ScriptedProvider:
        objects = FolderObjects(Path("world"))
        return ScriptedProvider(RemoteWorld(objects=objects, made=objects.ever), script)

    return run_cotta(*arguments, stdin=stdin, providers={SCRIPTED: scripted})


def changes(shown: str) -> str:
    """Return the part of a plan's text from the first change to the summary."""
    return shown[shown.index("  # ") : shown.index("Plan:")]


def about(*lines: str, at: tuple[str | int, ...] | None = None) -> PlanNote:
    """Return a note: names in the path are attributes, numbers are indexes."""
    if at is None:
        return PlanNote(lines=lines)
    path = tuple(AttributePath(step) if isinstance(step, str) else IndexPath(step) for step in at)
    return PlanNote(lines=lines, path=path)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_notes_stand_below_the_head_and_below_their_attributes() -> None:
    script = Script(
        notes={"a": (about("rolling 3 instances", "about 40 s"), about("was 1", at=("size",)))}
    )

    shown = run(script, "plan").stdout

    assert changes(shown) == (
        "  # scripted_thing.a will be created\n"
        "  # rolling 3 instances\n"
        "  # about 40 s\n"
        '  + resource "scripted_thing" "a" {\n'
        "      + id       = (known after apply)\n"
        '      + name     = "a"\n'
        "      + revision = (known after apply)\n"
        "      + size     = 2\n"
        "        # was 1\n"
        "    }\n\n"
    )


def test_notes_find_their_way_into_blocks() -> None:
    script = Script(
        notes={
            "a": (
                about("a group", at=("group", "size")),
                about("the second", at=("disks", 1, "size")),
                about("the map's", at=("shares",)),
                about("of no such", at=("disks", 7, "size")),
            )
        }
    )
    script.notes["a"] += (
        PlanNote(
            lines=("k",), path=(AttributePath("shares"), IndexPath("k"), AttributePath("size"))
        ),
    )

    shown = changes(run(script, "plan", text=EVERYTHING).stdout)

    assert "# scripted_everything.a will be created\n  # the map's\n  # of no such\n" in shown
    for block, line, size in (
        ("group", "a group", 1),
        ("disks", "the second", 3),
        ('shares "k"', "k", 5),
    ):
        assert (
            f"      + {block} {{\n          + name = (known after apply)\n"
            f"          + size = {size}\n            # {line}\n        }}\n"
        ) in shown


def test_an_attribute_that_stays_is_shown_for_its_note() -> None:
    run(Script(), "apply", "-auto-approve")
    script = Script(notes={"a": (about("as it was", at=("size",)),)})

    shown = run(script, "plan", text=THING.replace("size = 2", 'size = 2\n note = "new"')).stdout

    assert "        size     = 2\n        # as it was\n" in changes(shown)
    assert "attribute hidden" not in changes(shown)


def test_a_replacement_has_the_notes_of_what_was_there() -> None:
    run(Script(), "apply", "-auto-approve")
    script = Script(notes={"b": (about("from a to b", at=("name",)),)})

    shown = run(script, "plan", text=THING.replace('"a"\n', '"b"\n')).stdout

    assert changes(shown).count("# from a to b\n") == 1


def test_a_note_can_do_nothing_to_a_terminal() -> None:
    shown = run(Script(notes={"a": (about("\x1b[2Jgone\nnext"),)}), "plan").stdout

    assert "  # \\x1b[2Jgone\\nnext\n" in shown


def test_notes_are_in_both_kinds_of_json_and_in_saved_plans() -> None:
    script = Script(notes={"a": (about("one", "two"), about("three", at=("size",)))})
    expected = [{"lines": ["one", "two"]}, {"path": ["size"], "lines": ["three"]}]

    stream = run(script, "plan", "-json", "-out=saved").stdout
    record = json.loads(run(Script(), "show", "-json", "saved").stdout)
    text = run(Script(), "show", "saved").stdout

    [planned] = [
        one for one in map(json.loads, stream.splitlines()) if one["type"] == "planned_change"
    ]
    assert planned["notes"] == expected
    assert record["resource_changes"][0]["notes"] == expected
    assert "  # one\n  # two\n" in text
    assert "        # three\n" in text


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [(("plan",), ""), (("apply", "-auto-approve"), ""), (("apply",), "yes\n")],
    ids=["plan", "apply", "asked"],
)
def test_a_warning_of_a_plan_is_shown_once_with_its_place(
    arguments: tuple[str, ...], stdin: str
) -> None:
    script = Script(warnings={"a": WARNING})

    ended = run(script, *arguments, stdin=stdin)

    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.count("This is an outage") == 1
    assert "similar warning" not in ended.stdout
    assert (
        "│ Warning: This is an outage\n│\n"
        "│   with scripted_thing.a,\n"
        '│   on main.tf line 3, in resource "scripted_thing" "a":\n'
        "│    3:   size = 2\n│                ^\n│\n"
        "│ Nobody serves while it is replaced.\n"
    ) in ended.stdout


def test_a_warning_of_a_replacement_is_shown_once() -> None:
    run(Script(), "apply", "-auto-approve")

    ended = run(Script(warnings={"b": WARNING}), "plan", text=THING.replace('"a"\n', '"b"\n'))

    assert ended.stdout.count("This is an outage") == 1
    assert "similar warning" not in ended.stdout


def test_what_is_warned_of_only_while_applying_is_shown() -> None:
    script = Script()
    run(script, "plan", "-out=saved")
    script.warnings["a"] = WARNING

    ended = run(script, "apply", "saved")

    assert ended.stdout.count("This is an outage") == 1
