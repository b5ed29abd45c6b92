"""What every way to a machine can do: over SSH by SFTP and by scp, and the fake twin."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from cotta.builder.communicators.interface import CommunicatorError
from cotta.builder.communicators.settings import Login, SshSettings
from cotta.builder.communicators.ssh import HostKeys, connect
from cotta.system.clock import SystemClock
from tests.support.own_machine import OwnMachine
from tests.support.ssh_server import Rules, new_key, ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.builder.communicators.interface import Communicator


@pytest.fixture(params=["own", "sftp", "scp", "no-sftp"])
def machine(request: pytest.FixtureRequest) -> Iterator[Communicator]:
    if request.param == "own":
        yield OwnMachine()
        return
    if request.param != "sftp" and shutil.which("scp") is None:
        pytest.skip("MISSING: scp (apt-get install openssh-client)")
    private, public = new_key()
    rules = Rules(keys=frozenset({public}), has_sftp=request.param != "no-sftp")
    with ssh_server(rules) as server:
        settings = SshSettings(
            login=Login(user="ec2-user", keys=(private,)),
            port=server.port,
            transfer="scp" if request.param == "scp" else "sftp",
        )
        connected = connect(
            lambda: "127.0.0.1", settings, SystemClock(), host_keys=HostKeys(frozenset)
        )
        yield connected
        connected.close()


class Said:
    """What a command has written, by stream."""

    def __init__(self) -> None:
        self.streams: dict[str, bytes] = {"stdout": b"", "stderr": b""}

    def __call__(self, stream: str, piece: bytes) -> None:
        self.streams[stream] += piece


def test_a_command_tells_its_output_and_status(machine: Communicator) -> None:
    said = Said()

    status = machine.run("echo out; echo err >&2; exit 3", said)

    assert status == 3
    assert said.streams == {"stdout": b"out\n", "stderr": b"err\n"}


def test_much_output_comes_whole(machine: Communicator) -> None:
    said = Said()

    assert machine.run("seq 1 100000; seq 1 50000 >&2", said) == 0

    assert said.streams["stdout"] == "".join(f"{n}\n" for n in range(1, 100001)).encode()
    assert said.streams["stderr"] == "".join(f"{n}\n" for n in range(1, 50001)).encode()


def test_output_comes_while_the_command_runs(machine: Communicator, tmp_path: Path) -> None:
    go = tmp_path / "go"

    def on(_: str, piece: bytes) -> None:
        if b"first" in piece:
            go.touch()

    # It ends only if its first line was seen before its end.
    assert machine.run(f"echo first; timeout 10 sh -c 'until [ -e {go} ]; do :; done'", on) == 0


def test_a_command_has_no_input(machine: Communicator) -> None:
    assert machine.run("cat", lambda *_: None) == 0


def test_a_file_goes_up_and_comes_down(machine: Communicator, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.write_bytes(os.urandom(300_001))
    here.chmod(0o640)

    machine.upload(here, str(tmp_path / "there"))
    machine.upload(here, str(tmp_path / "other"), mode=0o755)
    machine.download(str(tmp_path / "there"), tmp_path / "back")

    assert (tmp_path / "there").read_bytes() == here.read_bytes()
    assert (tmp_path / "back").read_bytes() == here.read_bytes()
    assert (tmp_path / "there").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o755


def test_an_uploaded_file_replaces_a_longer_one(machine: Communicator, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.write_text("new")
    there.write_text("what was there before")

    machine.upload(here, str(there))

    assert there.read_text() == "new"


def test_an_empty_file_and_odd_names(machine: Communicator, tmp_path: Path) -> None:
    here = tmp_path / "it's a ;name $HOME"
    here.write_bytes(b"")
    there = tmp_path / "over there"
    there.mkdir()

    machine.upload(here, str(there / here.name))
    machine.download(str(there / here.name), tmp_path / "back")

    assert (there / here.name).read_bytes() == b""
    assert (tmp_path / "back").read_bytes() == b""


def a_tree(folder: Path) -> dict[str, bytes]:
    """Make a tree, and return its files."""
    files = {"a.txt": b"a", "sub/b.bin": bytes(range(256)), "sub/deep/c": b"c" * 70_000}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "sub" / "run").write_text("#!/bin/sh\n")
    (folder / "sub" / "run").chmod(0o755)
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("a.txt")
    return {**files, "sub/run": b"#!/bin/sh\n", "link": b"a"}


def read_tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_goes_up(machine: Communicator, tmp_path: Path, *, exists: bool) -> None:
    here, there = tmp_path / "here", tmp_path / "out" / "there"
    files = a_tree(here)
    if exists:
        there.mkdir(parents=True)

    machine.upload_folder(here, str(there))

    assert read_tree(there) == files
    assert (there / "empty").is_dir()
    assert (there / "sub" / "run").stat().st_mode & 0o777 == 0o755
    assert not (there / "link").is_symlink()


def test_a_folder_comes_down(machine: Communicator, tmp_path: Path) -> None:
    files = a_tree(tmp_path / "there")

    machine.download_folder(str(tmp_path / "there"), tmp_path / "here")

    assert read_tree(tmp_path / "here") == files
    assert (tmp_path / "here" / "empty").is_dir()


def test_what_is_not_there_is_said(machine: Communicator, tmp_path: Path) -> None:
    with pytest.raises(CommunicatorError, match="nothing-here"):
        machine.download(str(tmp_path / "nothing-here"), tmp_path / "back")
    here = tmp_path / "here"
    here.write_text("x")
    with pytest.raises(CommunicatorError):
        machine.upload(here, str(tmp_path / "no" / "such" / "folder"))
    assert machine.is_folder(str(tmp_path))
    assert not machine.is_folder(str(here))
    assert not machine.is_folder(str(tmp_path / "nothing-here"))
