"""A machine that is connected to anew where its connection broke: after it was rebooted, say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.communicators.interface import uncounted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cotta.builder.communicators.interface import Carried, Output
    from cotta.builder.communicators.ssh import SshCommunicator


class LastingMachine:
    """A `Communicator` that `connect` makes, again and again if need be."""

    def __init__(self, connect: Callable[[], SshCommunicator]) -> None:
        self._connect = connect
        self._current: SshCommunicator | None = None

    def now(self) -> SshCommunicator:
        """Return the connection that stands, made if there is none."""
        if self._current is None or not self._current.is_alive:
            self.close()
            self._current = self._connect()
        return self._current

    def run(self, command: str, output: Output) -> int:
        """Run a command by the user's shell and return its status."""
        return self.now().run(command, output)

    def upload(
        self, local: Path, remote: str, *, mode: int | None = None, carried: Carried = uncounted
    ) -> None:
        """Carry a file to the very path `remote`."""
        self.now().upload(local, remote, mode=mode, carried=carried)

    def upload_folder(self, local: Path, remote: str, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder into the folder `remote`."""
        self.now().upload_folder(local, remote, carried=carried)

    def download(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry a file from the machine."""
        self.now().download(remote, local, carried=carried)

    def download_folder(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder of the machine into a local folder."""
        self.now().download_folder(remote, local, carried=carried)

    def is_folder(self, remote: str) -> bool:
        """Say whether the machine has a folder of this name."""
        return self.now().is_folder(remote)

    def close(self) -> None:
        """End the connection; the next call makes another."""
        if self._current is not None:
            self._current.close()
            self._current = None
