"""A run of the real command that is killed, interrupted, or out of room: nothing is forgotten.

What is made remotely are files: those of the scripted provider's world, or
those that local commands make, named after the objects' ids.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from cotta.system.disk import SystemDisk
from tests.support.cli import cotta_process, heed_interrupts, run_cotta
from tests.support.disks import FaultyDisk
from tests.support.killed import FolderObjects, KillingDisk, run_scripted, run_until_killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.system.disk import Log

_BEFORE: Final = """
resource "scripted_thing" "a" {
  name = "a-1"
}
resource "scripted_thing" "b" {
  name  = "b-${scripted_thing.a.name}"
  after = scripted_thing.a.id
  lifecycle { create_before_destroy = true }
}
resource "scripted_thing" "c" {
  name = "c"
  note = scripted_thing.b.id
}
resource "scripted_thing" "d" {
  for_each = toset(["old"])
  name     = "d-${each.key}"
  provisioner "local-exec" { command = "true" }
}
resource "scripted_thing" "e" {
  name = "e-1"
}
output "b" { value = scripted_thing.b.id }
"""
_AFTER: Final = _BEFORE.replace("-1", "-2").replace('"old"', '"new"')
_APPLY: Final = ("apply", "-auto-approve", "-parallelism=1")
_DESTROY: Final = ("destroy", "-auto-approve", "-parallelism=1")


def a_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter a folder in which something was applied, and something else is wanted now."""
    path.mkdir(exist_ok=True)
    monkeypatch.chdir(path)
    Path("main.tf").write_text(_BEFORE, encoding="utf-8")
    assert run_scripted(*_APPLY).status == 0
    Path("main.tf").write_text(_AFTER, encoding="utf-8")


def copies(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Enter one copy after the other of a folder as `a_folder` has it; count them from 0."""
    a_folder(path / "before", monkeypatch)
    for number in count():
        monkeypatch.chdir(shutil.copytree(path / "before", path / f"{number}"))
        yield number


def made() -> set[str]:
    return set(FolderObjects(Path("world")))


def ids_of(state: str) -> set[str]:
    """Return the ids of all objects in a state file's text."""
    return {
        instance["attributes"]["id"]
        for resource in json.loads(state)["resources"]
        for instance in resource["instances"]
    }


def remembered() -> set[str]:
    """Return the ids that the next command knows of."""
    return ids_of(run_scripted("state", "pull").stdout)


def assert_converges(command: tuple[str, ...] = _APPLY, *, lost: set[str] | None = None) -> None:
    """Run again: everything is as wanted then, and one more plan has nothing to do."""
    again = run_scripted(*command)

    assert again.status == 0, again.stderr
    assert remembered() == made() - (lost or set())
    assert len(remembered()) == (0 if command is _DESTROY else 5)
    destroys = ("-destroy",) if command is _DESTROY else ()
    assert run_scripted("plan", "-detailed-exitcode", *destroys).status == 0
    assert not Path(".terraform.tfstate.journal").exists()
    assert not Path(".terraform.tfstate.next").exists()


def assert_readable(share: float) -> None:
    """A state file is whole, or what it is to be is whole beside it."""
    text = Path("terraform.tfstate").read_text(encoding="utf-8")
    if Path(".terraform.tfstate.next").exists() and share != 1.0:
        text = Path(".terraform.tfstate.next").read_text(encoding="utf-8").split("\n", 1)[1]
    json.loads(text)


@pytest.mark.slow
@pytest.mark.parametrize("command", [_APPLY, _DESTROY], ids=["apply", "destroy"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_killed_run_is_taken_up_by_the_next(
    share: float, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for writes in copies(tmp_path, monkeypatch):
        status = run_until_killed(KillingDisk(writes, share), *command)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        assert_readable(share)
        # Killed between the answer of a provider and the end of the line about it, one
        # object is known to nobody.  With the line written, none is.
        lost = made() - remembered()
        assert len(lost) <= (share != 1.0), writes
        if command is _APPLY:
            names = {one.attributes["name"] for one in FolderObjects(Path("world")).values()}
            assert names & {"b-a-1", "b-a-2"}, "neither the old nor the new one serves"
        assert_converges(command, lost=lost)
    assert writes > 10


@pytest.mark.slow
def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for writes in copies(tmp_path, monkeypatch):
        disk = FaultyDisk(writes, full=True)
        ended = run_scripted(*_APPLY, disk=disk)
        assert disk.has_failed == (ended.status != 0)
        if not disk.has_failed:
            break
        known = remembered()
        if not made() <= known:
            # The last resort: the state is on the screen, to be put back by hand.
            assert "Failed to create local state file" in ended.stderr
            text = ended.stdout[ended.stdout.index('{\n  "version"') :]
            assert made() <= ids_of(text)
            Path("by-hand.tfstate").write_text(text, encoding="utf-8")
            assert run_scripted("state", "push", "by-hand.tfstate").status == 0
        assert_converges()
    assert writes > 5


class _NoJournal(SystemDisk):
    """A disk on which nothing can be appended, or nothing be synced, any more after some times."""

    def __init__(self, call: str, times: int) -> None:
        self.call, self.left = call, times

    def open_log(self, path: Path) -> Log:
        self.log = super().open_log(path)
        return self

    def append(self, content: bytes) -> None:
        self._count("append")
        self.log.append(content)

    def sync(self) -> None:
        self._count("sync")
        self.log.sync()

    def close(self) -> None:
        self.log.close()

    def _count(self, call: str) -> None:
        self.left -= call == self.call
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["append", "sync"])
@pytest.mark.parametrize("times", [0, 1, 3])
def test_without_a_journal_the_state_is_written_and_nothing_more_is_begun(
    times: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    ended = run_scripted(*_APPLY, disk=_NoJournal(call, times))

    assert ended.status == 1
    assert "Failed to save state" in ended.stderr
    assert "No space left on" in ended.stderr
    assert ids_of(Path("terraform.tfstate").read_text(encoding="utf-8")) >= made()
    assert_converges()


class _NoState(SystemDisk):
    """A disk on which the state file itself can't be written."""

    def overwrite(self, path: Path, content: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_a_state_that_cannot_be_written_is_kept_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    ended = run_scripted(*_APPLY, disk=_NoState())

    assert ended.status == 1
    assert "Failed to persist state to backend" in ended.stderr
    assert ids_of(Path("errored.tfstate").read_text(encoding="utf-8")) == made()
    assert_converges()


_SLOW: Final = """
resource "terraform_data" "a" {
  provisioner "local-exec" { command = "echo $$ > pid; touch begun; %s; touch made/${self.id}" }
}
resource "terraform_data" "b" { input = terraform_data.a.id }
"""


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def an_apply_under_way(path: Path, command: str) -> subprocess.Popen[bytes]:
    """Return a process in whose apply a command has just begun."""
    (path / "made").mkdir()
    (path / "main.tf").write_text(_SLOW % command, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "cotta", *_APPLY],
        cwd=path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )
    wait_until((path / "begun").exists)
    return process


def interrupt(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal and wait until it has been noticed."""
    process.send_signal(number)
    assert process.stderr is not None
    while b"Gracefully shutting down" not in (line := process.stderr.readline()):
        assert line, "it ended without a word"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_waits_for_what_is_under_way(
    number: signal.Signals, tmp_path: Path
) -> None:
    waits = "while ! test -e go; do sleep 0.05; done"
    process = an_apply_under_way(tmp_path, waits)
    interrupt(process, number)
    (tmp_path / "go").touch()
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert b"Execution was interrupted" in err
    state = json.loads((tmp_path / "terraform.tfstate").read_text(encoding="utf-8"))
    (resource,) = state["resources"]
    assert resource["name"] == "a"
    assert "status" not in resource["instances"][0]
    [name] = (tmp_path / "made").iterdir()
    assert name.name == resource["instances"][0]["attributes"]["id"]
    assert cotta_process(*_APPLY, folder=tmp_path).status == 0


@pytest.mark.slow
def test_the_second_interrupt_stops_at_once_and_keeps_the_journal(tmp_path: Path) -> None:
    process = an_apply_under_way(tmp_path, "sleep 600")
    interrupt(process, signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert b"Two interrupts received" in err
    assert (tmp_path / ".terraform.tfstate.journal").exists()
    # The command was ended too: it would make something that nobody knows of.
    wait_until(lambda: not is_running(int((tmp_path / "pid").read_text(encoding="ascii"))))
    (tmp_path / "main.tf").write_text(_SLOW % "true", encoding="utf-8")
    again = cotta_process(*_APPLY, folder=tmp_path)
    assert again.status == 0
    assert "An interrupted run was recovered" in again.stderr
    assert "1 destroyed" in again.stdout


@pytest.mark.slow
def test_of_two_at_once_the_second_is_told_who_the_first_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    process = an_apply_under_way(tmp_path, "sleep 600")
    before = (tmp_path / "terraform.tfstate").read_bytes()

    for command in (_APPLY, _DESTROY, ("plan",), ("state", "rm", "terraform_data.a")):
        refused = run_cotta(*command)
        assert refused.status == 1
        assert "Error acquiring the state lock" in refused.stderr
        for fact in ("ID: ", "OperationTypeApply", "Who: ", "Created: "):
            assert fact in refused.stderr
    assert (tmp_path / "terraform.tfstate").read_bytes() == before
    process.kill()
    process.communicate(timeout=60)
    os.killpg(int((tmp_path / "pid").read_text(encoding="ascii")), signal.SIGKILL)

    # What the dead one has left tells of it, but holds nobody up.
    assert (tmp_path / ".terraform.tfstate.lock.info").exists()
    (tmp_path / "main.tf").write_text(_SLOW % "true", encoding="utf-8")
    again = run_cotta(*_APPLY)
    assert again.status == 0, again.stderr
    assert not (tmp_path / ".terraform.tfstate.lock.info").exists()


_THEIRS: Final = """{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "theirs",
  "outputs": {"whose": {"value": "theirs", "type": "string"}},
  "resources": [], "check_results": null
}
"""


@pytest.mark.parametrize("how", ["cp theirs terraform.tfstate", "mv theirs terraform.tfstate"])
def test_a_state_that_somebody_else_writes_meanwhile_is_not_overwritten(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("made").mkdir()
    Path("main.tf").write_text(_SLOW % "true", encoding="utf-8")
    assert run_cotta(*_APPLY).status == 0
    ours = json.loads(Path("terraform.tfstate").read_text(encoding="utf-8"))
    theirs = _THEIRS.replace('"lineage": "theirs"', f'"lineage": "{ours["lineage"]}"')
    Path("theirs").write_text(theirs, encoding="utf-8")
    Path("main.tf").write_text(
        _SLOW % "true"
        + f"""
resource "terraform_data" "new" {{
  provisioner "local-exec" {{ command = "{how}; touch made/${{self.id}}" }}
}}
""",
        encoding="utf-8",
    )

    ended = run_cotta(*_APPLY)

    assert ended.status == 1
    assert "was changed by somebody else" in " ".join(ended.stderr.replace("│", " ").split())
    assert Path("terraform.tfstate").read_text(encoding="utf-8") == theirs
    assert len(ids_of(Path("errored.tfstate").read_text(encoding="utf-8"))) == 3
    # The next command adds to theirs what only the journal knows.
    [new] = {path.name for path in Path("made").iterdir()} - ids_of(json.dumps(ours))
    pulled = run_cotta("state", "pull").stdout
    assert json.loads(pulled)["outputs"]["whose"]["value"] == "theirs"
    assert ids_of(pulled) == {new}


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # What has ended and is reaped by nobody is still listed.
    return stat.rpartition(")")[2].split()[0] != "Z"
