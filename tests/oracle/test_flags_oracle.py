"""Every command and every flag of terraform's is taken, or it is said why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from cotta.cli.table import ABSENT, COMMANDS, declared, find, load
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

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


MAIN: Final = """
variable "v" { default = "one" }
resource "terraform_data" "a" { input = var.v }
output "o" { value = terraform_data.a.output }
"""

# Each line is run by both programs, one after another in the same folder.
LINES: Final = """
plan -nonsense
plan -var=nope=1
plan -var=v
plan -var-file=nowhere
plan -replace=terraform_data.a
plan -destroy -refresh-only
plan -refresh-only -refresh=false
plan -refresh-only -replace=terraform_data.a
plan -destroy -replace=terraform_data.a
plan -parallelism=0
plan -parallelism=-1
plan -lock=false -lock-timeout=1s -input=false -compact-warnings
plan -lock=maybe
plan -lock-timeout=1
plan -state=other.tfstate
plan -state-out=x -backup=x
plan -out=/nowhere/x
plan -out=
plan extra
apply -auto-approve -lock=false -input=false -parallelism=2
plan -detailed-exitcode
apply -auto-approve -state=terraform.tfstate -state-out=moved.tfstate -backup=kept -var=v=two
apply -auto-approve -backup=- -var=v=three
apply -json
apply a b
apply -destroy -refresh-only -auto-approve
destroy -destroy
destroy -refresh-only -auto-approve
refresh -lock-timeout=0s
refresh -destroy
refresh extra
output nope
output -raw o
output -json -raw o
output -state=moved.tfstate o
show a b
validate -nonsense
graph -nonsense
console extra
modules extra
providers extra
fmt -nonsense
get -update
init -input=false -lock=false -lock-timeout=3s
import terraform_data.zz id
state nonsense
state list -id=nope
state show terraform_data.zz
state mv terraform_data.zz terraform_data.b
state push nowhere
taint -allow-missing terraform_data.zz
taint -lock=false terraform_data.a
untaint terraform_data.a
workspace select nope
workspace delete default
force-unlock x
nonsense
""".strip().splitlines()

# Where both end in the same way, and the words of the mistake are not alike.
OTHER_WORDS: Final = re.compile(
    r"extra|-nonsense|a b$|^(show|state|workspace|force-unlock|import|nonsense)|-json|=maybe"
)
_MISTAKE: Final = re.compile(r"(?:Error|Warning): (.*)")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def ending(status: int, stdout: str, stderr: str, *, with_words: bool) -> tuple[int, list[str]]:
    """Return a run's status and, sorted, the titles of what it tells."""
    text = _COLOUR.sub("", stdout + stderr)
    return status, sorted(_MISTAKE.findall(text)) if with_words else []


def test_each_line_ends_as_terraforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        (folder / "main.tf").write_text(MAIN, encoding="utf-8")
    terraform("init", folder=theirs)
    monkeypatch.chdir(ours)
    run_cotta("init")
    differences = {}
    for line in LINES:
        with_words = OTHER_WORDS.search(line) is None
        words = line.split()
        done = terraform(*words, folder=theirs)
        expected = ending(done.returncode, done.stdout, done.stderr, with_words=with_words)
        ended = run_cotta(*words)
        found = ending(ended.status, ended.stdout, ended.stderr, with_words=with_words)
        if found != expected:
            differences[line] = (found, expected)

    assert differences == {}
