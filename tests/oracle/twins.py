"""The same steps by terraform and by us, in two folders; each then goes on from the other's state.

By hand, for a file of `tests/rehearsals` or others like them, in a folder of
their own:

    python -m tests.oracle.twins FILE...
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.oracle.witnesses import terraform
from tests.support.cli import Ended, run_cotta
from tests.support.outcomes import determined, difference, needs_of
from tests.support.rehearsals import Rehearsal, parse_rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.rehearsals import Step


class ByTerraform:
    """Runs terraform."""

    name = "Terraform"

    def __call__(self, *arguments: str, folder: Path) -> Ended:
        verb, *rest = arguments
        colourless = [] if verb in {"state", "workspace"} else ["-no-color"]
        done = terraform(verb, *colourless, *rest, folder=folder)
        return Ended(done.returncode, done.stdout, done.stderr)


class ByCotta:
    """Runs cotta in this process, which `go_to` takes to a folder."""

    name = "Cotta"

    def __init__(self, go_to: Callable[[Path], object]) -> None:
        self._go_to = go_to

    def __call__(self, *arguments: str, folder: Path) -> Ended:
        self._go_to(folder)
        return run_cotta(*arguments, environment={"PATH": "/usr/bin:/bin"})


def compare(
    steps: Iterable[Step], folder: Path, go_to: Callable[[Path], object], *, in_text: bool
) -> None:
    """Perform the steps with both programs; they must agree after each, and on each other."""
    theirs = Rehearsal(ByTerraform(), folder / "theirs", in_text)
    ours = Rehearsal(ByCotta(go_to), folder / "ours", in_text)
    for one in (theirs, ours):
        one.folder.mkdir()
    last: Any = None
    calls: Any = None
    for step in steps:
        for one in (theirs, ours):
            one.write(step)
        if calls != (calls := _modules(theirs.folder)):
            for one in (theirs, ours):
                one.program("init", folder=one.folder)
        expected, found = theirs.perform(step), ours.perform(step)
        said = [one["summary"] for one in expected.get("diagnostics", ())]
        said += [head.removeprefix("Error: ") for head in expected.get("heads", ())]
        if any(map(_is_beyond, said)):
            return
        needs = needs_of(last, expected["state"])
        for outcome in (expected, found):
            outcome["order"] = determined(outcome.get("order", []), needs)
        assert found == expected, f"{expected['command']}\n{difference(expected, found)}"
        last = expected["state"]
    swap(theirs, ours)


def _is_beyond(summary: str) -> bool:
    """Say whether terraform fell over its own graph, where we go on."""
    return summary.startswith(("Cycle: ", "no change found for "))


def _modules(folder: Path) -> list[str]:
    """Return the lines that say which modules there are, in every file."""
    texts = (path.read_text() for path in sorted(folder.rglob("*.tf")))
    return [line for text in texts for line in text.splitlines() if line.startswith("module ")]


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


def main(paths: Iterable[str]) -> int:
    """Compare the rehearsals in files; return how many differ."""
    wrong = 0
    for path in paths:
        steps = parse_rehearsal(Path(path).read_text())
        for in_text in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    compare(steps, Path(folder), os.chdir, in_text=in_text)
                except AssertionError as error:
                    wrong += 1
                    how = "text" if in_text else "records"
                    sys.stdout.write(f"==== {path} as {how}\n{error}\n")
                os.chdir("/")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
