"""Runs of the real command that are killed at a write, and a remote world that outlives them."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.values.codec_json import decode_json, encode_json
from cotta.values.json_text import parse_json, write_json
from cotta.values.value import ObjectValue
from tests.support.cli import run_cotta
from tests.support.disks import FaultyDisk, Stopped
from tests.support.engine import SCRIPTED
from tests.support.scripted_provider import THING, RemoteWorld, ScriptedProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.providers.options import ProviderOptions
    from cotta.system.disk import Disk, Log
    from tests.support.cli import Ended


class FolderObjects(MutableMapping[str, ObjectValue]):
    """Scripted things, each a file of a folder, so that they outlive the process that makes them.

    `ever` is how many there have been: what is gone leaves a file too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    @property
    def ever(self) -> int:
        return len(list(self._folder.iterdir()))

    def __getitem__(self, key: str) -> ObjectValue:
        try:
            text = (self._folder / key).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyError(key) from None
        found = decode_json(parse_json(text), THING.implied_type)
        assert isinstance(found, ObjectValue)
        return found

    def __setitem__(self, key: str, value: ObjectValue) -> None:
        text = write_json(encode_json(value, THING.implied_type))
        (self._folder / key).write_text(text, encoding="utf-8")

    def __delitem__(self, key: str) -> None:
        try:
            (self._folder / key).rename(self._folder / f"gone-{key}")
        except FileNotFoundError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.iterdir() if path.name.startswith("obj-"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def run_scripted(*arguments: str, disk: Disk | None = None) -> Ended:
    """Run a command that finds the scripted provider; its world is the folder `world` here."""

    def scripted(_options: ProviderOptions) -> ScriptedProvider:
        objects = FolderObjects(Path("world"))
        return ScriptedProvider(RemoteWorld(objects=objects, made=objects.ever))

    return run_cotta(*arguments, disk=disk, providers={SCRIPTED: scripted})


class KillingDisk:
    """A disk at one of whose writes the process is killed, after `share` of the bytes."""

    def __init__(self, writes: int, share: float) -> None:
        self._disk = FaultyDisk(writes, share=share)

    def read(self, path: Path) -> bytes | None:
        return self._disk.read(path)

    def replace(self, path: Path, content: bytes) -> None:
        _or_die(lambda: self._disk.replace(path, content))

    def overwrite(self, path: Path, content: bytes) -> None:
        _or_die(lambda: self._disk.overwrite(path, content))

    def open_log(self, path: Path) -> Log:
        return _KillingLog(self._disk.open_log(path))

    def remove(self, path: Path) -> None:
        _or_die(lambda: self._disk.remove(path))


class _KillingLog:
    def __init__(self, log: Log) -> None:
        self._log = log

    def append(self, content: bytes) -> None:
        _or_die(lambda: self._log.append(content))

    def sync(self) -> None:
        _or_die(self._log.sync)

    def close(self) -> None:
        self._log.close()


def _or_die(write: Callable[[], None]) -> None:
    try:
        write()
    except Stopped:
        os.kill(os.getpid(), signal.SIGKILL)


def run_until_killed(disk: Disk, *arguments: str) -> int:
    """Run a command in a process of its own; return its status, negative if it was killed.

    The process is a fork of this one, which saves the start of an interpreter.
    """
    with warnings.catch_warnings():
        # pytest-xdist has a thread, which the child does not need.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 70
        # Should it ever hang, it is ended, and the test fails.
        signal.alarm(120)
        try:
            status = run_scripted(*arguments, disk=disk).status
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
