"""Every command of the table keeps the contract."""

from __future__ import annotations

import pytest

from cotta.cli.flags import Flags
from cotta.cli.table import COMMANDS, GROUPS, MAIN_COMMANDS, OTHER_COMMANDS, Entry, find, load
from tests.support.cli import run_cotta


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_command_has_help_flags_and_a_place_of_its_own(entry: Entry) -> None:
    command = load(entry)

    command.declare(Flags())
    assert command.HELP.startswith(f"Usage: cotta [global options] {entry.name}")
    assert command.HELP.endswith("\n")
    assert callable(command.run)
    # A name that is a word of Python's has an underscore behind it.
    name = entry.module.removesuffix("_")
    assert name == f"cotta.cli.commands.{entry.name.replace(' ', '_').replace('-', '_')}"


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_help_of_a_command_fits_a_terminal(entry: Entry) -> None:
    shown = run_cotta(*entry.name.split(), "-help")

    assert (shown.status, shown.stderr) == (0, "")
    assert [line for line in shown.stdout.splitlines() if len(line) > 80] == []


def test_names_are_unique_and_the_others_are_sorted() -> None:
    names = [entry.name for entry in COMMANDS]

    assert len(set(names)) == len(names)
    assert [entry.name for entry in OTHER_COMMANDS] == sorted(e.name for e in OTHER_COMMANDS)
    assert set(MAIN_COMMANDS).isdisjoint(OTHER_COMMANDS)


def test_every_first_of_two_words_is_explained() -> None:
    assert {e.name.split()[0] for e in COMMANDS if " " in e.name} <= set(GROUPS)


def test_find_takes_the_words_of_the_name_and_leaves_the_rest() -> None:
    found = find(["version", "-json", "x"])

    assert found is not None
    assert (found[0].name, list(found[1])) == ("version", ["-json", "x"])
    assert find(["nonsense"]) is None
    assert find([]) is None
