"""Every command and every flag of terraform's is taken, or it is said why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from cotta.cli.table import ABSENT, COMMANDS, declared, find, load
from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

# Taken before any command's own flags.
GLOBAL: Final = {"no-color", "help"}

# What terraform takes and its help doesn't list by itself (tried with 1.11.4).
UNLISTED: Final = {
    "plan": {"json", "state-out", "backup"},
    "apply": {"json", "refresh", "refresh-only", "replace", "target"},
    "destroy": {
        *("auto-approve", "backup", "compact-warnings", "input", "json", "lock", "lock-timeout"),
        *("parallelism", "refresh", "replace", "state", "state-out", "target", "var", "var-file"),
    },
    "refresh": {"json", "state-out", "backup"},
    "providers schema": {"json"},
    "metadata functions": {"json"},
    "console": {"compact-warnings", "input"},
}

_FLAG: Final = re.compile(r"^ +-([a-z][a-z-]*)", re.MULTILINE)
_LEGACY: Final = re.compile(r"\bstate, state-out, and -backup\b")
_COMMAND: Final = re.compile(r"^  ([a-z-]+)  ", re.MULTILINE)


def listed(command: str, folder: Path) -> set[str]:
    """Return the flags that terraform's help of a command lists."""
    text = terraform(*command.split(), "-help", folder=folder).stdout
    found = set(_FLAG.findall(text)) | UNLISTED.get(command, set())
    if _LEGACY.search(text):
        found |= {"state", "state-out", "backup"}
    return found - GLOBAL


def test_every_command_of_terraforms_is_there_or_is_said_not_to_be(tmp_path: Path) -> None:
    text = terraform("-help", folder=tmp_path).stdout
    theirs = set(_COMMAND.findall(text.partition("Global options")[0]))

    ours = {entry.name.split()[0] for entry in COMMANDS}
    assert theirs - ours == {"login", "logout", "test"}
    assert theirs - ours <= set(ABSENT)


def test_every_flag_is_taken(tmp_path: Path) -> None:
    lacking = {}
    for entry in COMMANDS:
        ours = declared(load(entry)).names
        missing = listed(entry.name, tmp_path) - ours
        if missing:
            lacking[entry.name] = missing

    assert lacking == {}


@pytest.mark.parametrize("command", [name for name in ABSENT if find([name]) is None])
def test_what_is_not_there_has_no_entry(command: str) -> None:
    assert command not in {entry.name for entry in COMMANDS}
