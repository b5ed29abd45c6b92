"""What is on the disk before anything builds on it: the order of writes, syncs and beginnings."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.cli.main import run
from cotta.system.disk import SystemDisk
from tests.support.cli import a_terminal
from tests.support.engine import SCRIPTED
from tests.support.scripted_provider import ScriptedProvider

if TYPE_CHECKING:
    from cotta.providers.options import ProviderOptions
    from cotta.system.disk import Log


@dataclass
class Course:
    """What happened, in order: ("added", address), ("synced", ""), ("begun", address)."""

    steps: list[tuple[str, str]] = field(default_factory=list)

    def lasting_when_begun(self) -> dict[str, set[str]]:
        """Return for each object what was on the disk when its change began."""
        found, added, lasting = {}, set[str](), set[str]()
        for what, address in self.steps:
            if what == "added":
                added.add(address)
            elif what == "synced":
                lasting |= added
            else:
                found[address] = set(lasting)
        return found

    @property
    def syncs(self) -> int:
        """How many syncs there were that something was waiting for."""
        kinds = [what for what, _ in self.steps if what != "begun"]
        return sum(one == "synced" and before == "added" for before, one in pairwise(kinds))


class WatchedDisk(SystemDisk):
    """The machine's disk, with the journal watched."""

    def __init__(self, course: Course) -> None:
        self.course = course

    def open_log(self, path: Path) -> Log:
        self.log = super().open_log(path)
        return self

    def append(self, content: bytes) -> None:
        self.log.append(content)
        for line in content.splitlines():
            record = json.loads(line.partition(b" ")[2])
            if "set" in record or "remove" in record:
                self.course.steps.append(("added", record.get("set") or record["remove"]))

    def sync(self) -> None:
        self.log.sync()
        self.course.steps.append(("synced", ""))

    def close(self) -> None:
        self.log.close()


class WatchedOutput(io.StringIO):
    """Notes which changes are said to begin."""

    def __init__(self, course: Course) -> None:
        super().__init__()
        self.course = course

    def write(self, text: str) -> int:
        for address in re.findall(r"^(\S+): (?:Creating|Destroying)\.\.\.", text, re.MULTILINE):
            self.course.steps.append(("begun", address))
        return super().write(text)


def course_of(text: str, *arguments: str) -> Course:
    """Run a command on a configuration, and return what happened in which order."""
    Path("main.tf").write_text(text, encoding="utf-8")
    course = Course()

    def scripted(_options: ProviderOptions) -> ScriptedProvider:
        return ScriptedProvider()

    terminal = a_terminal(disk=WatchedDisk(course), providers={SCRIPTED: scripted})
    terminal = replace(terminal, stdout=WatchedOutput(course))
    assert run(arguments, terminal) == 0
    return course


APPLY = ("apply", "-auto-approve")


def chain(type_: str, size: int, needed: str) -> str:
    """Return so many resources that each refer to the one before; `needed` is how."""
    values = ['"x"', *(f"{type_}.r{n}.id" for n in range(size - 1))]
    return "".join(
        f'resource "{type_}" "r{n}" {{\n  {needed} = {value}\n}}\n'
        for n, value in enumerate(values)
    )


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("type_", "needed"), [("terraform_data", "input"), ("scripted_thing", "name")]
)
def test_each_step_lasts_before_what_builds_on_it_begins(type_: str, needed: str) -> None:
    course = course_of(chain(type_, 6, needed), *APPLY)

    lasting = course.lasting_when_begun()
    for n in range(6):
        assert lasting[f"{type_}.r{n}"] == {f"{type_}.r{before}" for before in range(n)}
    assert course.syncs == 6


def test_an_end_lasts_before_what_stood_below_it_ends() -> None:
    course_of(chain("terraform_data", 4, "input"), *APPLY)

    course = course_of(chain("terraform_data", 4, "input"), "destroy", "-auto-approve")

    lasting = course.lasting_when_begun()
    for n in range(4):
        above = {f"terraform_data.r{after}" for after in range(n + 1, 4)}
        assert lasting[f"terraform_data.r{n}"] == above


def test_steps_that_nothing_waits_for_share_one_sync() -> None:
    text = 'resource "terraform_data" "many" { count = 50 }\n'

    course = course_of(text, *APPLY)

    assert sum(what == "added" for what, _ in course.steps) == 50
    assert course.syncs == 1


def test_chains_side_by_side_share_a_sync_for_each_link() -> None:
    text = """
    resource "terraform_data" "a" { count = 20 }
    resource "terraform_data" "b" {
      count = 20
      input = terraform_data.a[count.index].id
    }
    resource "terraform_data" "c" {
      count = 20
      input = terraform_data.b[count.index].id
    }
    """

    course = course_of(text, *APPLY)

    lasting = course.lasting_when_begun()
    assert lasting["terraform_data.b[0]"] == {f"terraform_data.a[{n}]" for n in range(20)}
    assert len(lasting["terraform_data.c[19]"]) == 40
    assert course.syncs == 3


def test_a_step_is_added_as_soon_as_it_is_finished() -> None:
    course = course_of('resource "terraform_data" "many" { count = 3 }\n', *APPLY)

    kinds = [what for what, _ in course.steps]
    assert kinds[:6] == ["begun", "added", "begun", "added", "begun", "added"]
