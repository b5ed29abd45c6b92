"""A communicator whose machine is this one: the fake twin of SSH, held to the same contract."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cotta.builder.communicators.interface import STDERR, STDOUT, CommunicatorError, uncounted

if TYPE_CHECKING:
    from cotta.builder.communicators.interface import Carried, Output


class OwnMachine:
    """Runs commands and copies files right here; `commands` are those that were run."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def run(self, command: str, output: Output) -> int:
        """Run a command by the shell and return its status."""
        self.commands.append(command)
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None

        def carry(pipe: IO[bytes], stream: str) -> None:
            while piece := os.read(pipe.fileno(), 2**15):
                output(stream, piece)

        threads = [
            threading.Thread(target=carry, args=(process.stdout, STDOUT)),
            threading.Thread(target=carry, args=(process.stderr, STDERR)),
        ]
        with process:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return process.returncode

    def upload(
        self, local: Path, remote: str, *, mode: int | None = None, carried: Carried = uncounted
    ) -> None:
        """Copy a file."""
        try:
            shutil.copyfile(local, remote)
        except OSError as error:
            raise CommunicatorError(f"uploading to {remote}: {error}") from error
        Path(remote).chmod(local.stat().st_mode if mode is None else mode)
        carried(local.stat().st_size)

    def upload_folder(self, local: Path, remote: str, *, carried: Carried = uncounted) -> None:
        """Copy what is in a folder."""
        Path(remote).mkdir(parents=True, exist_ok=True)
        for entry in sorted(local.iterdir()):
            there = Path(remote) / entry.name
            if entry.is_dir():
                self.upload_folder(entry, str(there), carried=carried)
            else:
                self.upload(entry, str(there), carried=carried)

    def download(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Copy a file here."""
        try:
            shutil.copyfile(remote, local)
        except OSError as error:
            raise CommunicatorError(f"downloading {remote}: {error}") from error
        carried(local.stat().st_size)

    def download_folder(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Copy what is in a folder here."""
        shutil.copytree(remote, local, dirs_exist_ok=True)

    def is_folder(self, remote: str) -> bool:
        """Say whether there is a folder of this name."""
        return Path(remote).is_dir()

    def close(self) -> None:
        """Do nothing: there is no connection."""
