"""The same folder and the same steps, by terraform and by us: the same outcome.

The steps are the files of `tests/rehearsals`.  Terraform then goes on from our
state and we from its: both see what they see in their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import Ended, run_cotta
from tests.support.rehearsals import Rehearsal, determined, difference, needs_of, parse_rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.rehearsals import Step

pytestmark = pytest.mark.oracle

REHEARSALS = sorted((Path(__file__).parents[1] / "rehearsals").glob("*.txt"))


class ByTerraform:
    """Runs terraform."""

    name = "Terraform"

    def __call__(self, *arguments: str, folder: Path) -> Ended:
        verb, *rest = arguments
        colourless = [] if verb in {"state", "workspace"} else ["-no-color"]
        done = terraform(verb, *colourless, *rest, folder=folder)
        return Ended(done.returncode, done.stdout, done.stderr)


class ByCotta:
    """Runs cotta in this process."""

    name = "Cotta"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, folder: Path) -> Ended:
        self._monkeypatch.chdir(folder)
        return run_cotta(*arguments, environment={"PATH": "/usr/bin:/bin"})


def compare(steps: Iterable[Step], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Perform the steps with both programs; they must agree after each, and on each other."""
    theirs = Rehearsal(ByTerraform(), tmp_path / "theirs")
    ours = Rehearsal(ByCotta(monkeypatch), tmp_path / "ours")
    for one in (theirs, ours):
        one.folder.mkdir()
    last: Any = None
    modules: set[str] = set()
    for step in steps:
        new = {name for name in step.files if "/" in name}
        if last is None or not new <= modules:
            theirs.write(step)
            terraform("init", folder=theirs.folder)
            ours.write(step)
            ours.program("init", folder=ours.folder)
            modules |= new
        expected, found = theirs.perform(step), ours.perform(step)
        needs = needs_of(last, expected["state"])
        for outcome in (expected, found):
            outcome["order"] = determined(outcome.get("order", []), needs)
        assert found == expected, difference(expected, found)
        last = expected["state"]
    swap(theirs, ours)


def swap(theirs: Rehearsal, ours: Rehearsal) -> None:
    """Let each program go on from the other's state, if both have one."""
    one, other = theirs.folder / "terraform.tfstate", ours.folder / "terraform.tfstate"
    statuses = planned_statuses(theirs, ours)
    assert statuses[0] == statuses[1]
    if not (one.is_file() and other.is_file()):
        return
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert planned_statuses(theirs, ours) == statuses


def planned_statuses(*each: Rehearsal) -> list[int]:
    """Return what planning ends with, for each."""
    return [one.program("plan", "-detailed-exitcode", folder=one.folder).status for one in each]


@pytest.mark.parametrize("path", REHEARSALS, ids=lambda path: path.stem)
def test_a_rehearsal_ends_as_terraforms(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(parse_rehearsal(path.read_text()), tmp_path, monkeypatch)
