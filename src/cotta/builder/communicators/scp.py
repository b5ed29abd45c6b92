"""Files by scp, as its two ends talk over a command's input and output.

The sender announces each file (`C0644 size name`), each folder (`D0755 0 name`) and its end (`E`);
the receiver answers each with a zero byte, or with 1 or 2 and a line that says what is wrong.
"""

from __future__ import annotations

import io
import shlex
import stat
from typing import IO, TYPE_CHECKING, Any, Final, Self

from cotta.builder.communicators.interface import (
    STDERR,
    CommunicatorError,
    DisconnectedError,
    StoppedError,
)
from cotta.builder.communicators.sftp import in_order

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from cotta.builder.communicators.interface import Carried, Output

_PIECE: Final = 2**15
_FINE: Final = b"\0"


class ScpCarrier:
    """Carries files by commands of the machine's own scp."""

    def __init__(
        self,
        channel: Callable[[], Any],
        run: Callable[[str, Output], int],
        stopped: Callable[[], bool],
        *,
        reverses: bool = False,
    ) -> None:
        self._channel = channel
        self._run = run
        self._reverses = reverses
        self._stopped = stopped

    def upload(
        self,
        file: IO[bytes],
        status: os.stat_result,
        remote: str,
        mode: int | None,
        carried: Carried,
    ) -> None:
        """Carry an open file."""
        # Into the folder by the file's name, so that a folder of this name is never taken for one
        # to put the file into.
        folder, _, name = remote.rpartition("/")
        with _Talk(
            self._channel(), f"scp -t -- {shlex.quote(folder or '/')}", self._stopped, carried
        ) as talk:
            permissions = stat.S_IMODE(status.st_mode) if mode is None else mode
            talk.send_file(file, status.st_size, name, permissions)

    def upload_folder(self, local: Path, remote: str, carried: Carried) -> None:
        """Carry what is in a folder, in the order of names."""
        self._shell(f"mkdir -p -- {shlex.quote(remote)}", f"making the folder {remote}")
        command = f"scp -r -t -- {shlex.quote(remote)}"
        with _Talk(self._channel(), command, self._stopped, carried) as talk:
            talk.send_entries(local, reverses=self._reverses)

    def download(self, remote: str, local: Path, carried: Carried) -> None:
        """Carry a file here."""
        command = f"scp -f -- {shlex.quote(remote)}"
        with _Talk(self._channel(), command, self._stopped, carried) as talk:
            talk.receive_file(local)

    def download_folder(self, remote: str, local: Path, carried: Carried) -> None:
        """Carry what is in a folder here."""
        local.mkdir(parents=True, exist_ok=True)
        command = f"scp -r -f -- {shlex.quote(remote)}"
        with _Talk(self._channel(), command, self._stopped, carried) as talk:
            talk.receive_folder(local)

    def is_folder(self, remote: str) -> bool:
        """Say whether there is a folder of this name."""
        return self._run(f"test -d {shlex.quote(remote)}", lambda *_: None) == 0

    def _shell(self, command: str, what: str) -> None:
        said = io.BytesIO()
        status = self._run(command, lambda stream, text: _keep(said, stream, text))
        if status != 0:
            raise CommunicatorError(f"{what}: {said.getvalue().decode(errors='replace').strip()}")


def _keep(said: io.BytesIO, stream: str, text: bytes) -> None:
    if stream == STDERR:
        said.write(text)


class _Talk:
    """One conversation with scp on the machine."""

    def __init__(
        self, channel: Any, command: str, stopped: Callable[[], bool], carried: Carried
    ) -> None:
        self._channel = channel
        self._carried = carried
        self._stopped = stopped
        self._read = channel.makefile("rb")
        channel.exec_command(command)
        self._is_receiving = " -f " in command

    def __enter__(self) -> Self:
        if not self._is_receiving:
            self._hear()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._channel.shutdown_write()
        self._channel.close()

    # --- sending ------------------------------------------------------------------

    def send_file(self, file: IO[bytes], size: int, name: str, mode: int) -> None:
        self._announce(f"C{mode:04o} {size} {name}\n")
        left = size
        while left:
            piece = file.read(min(_PIECE, left))
            if not piece:
                raise CommunicatorError(f"{name} became shorter while it was uploaded")
            self._send(piece)
            self._carried(len(piece))
            left -= len(piece)
        self._send(_FINE)
        self._hear()

    def send_entries(self, folder: Path, *, reverses: bool) -> None:
        for entry in in_order(folder, reverses=reverses):
            status = entry.stat()
            mode = stat.S_IMODE(status.st_mode)
            if entry.is_dir():
                self._announce(f"D{mode:04o} 0 {entry.name}\n")
                self.send_entries(entry, reverses=reverses)
                self._announce("E\n")
            else:
                with entry.open("rb") as file:
                    self.send_file(file, status.st_size, entry.name, mode)

    def _announce(self, line: str) -> None:
        self._send(line.encode("utf-8", "surrogateescape"))
        self._hear()

    def _send(self, piece: bytes) -> None:
        if self._stopped():
            raise StoppedError("interrupted while a file was carried")
        try:
            self._channel.sendall(piece)
        except OSError as error:
            raise DisconnectedError(f"the connection broke: {error}") from error

    def _hear(self) -> None:
        answer = self._read.read(1)
        if answer == _FINE:
            return
        said = self._read.readline().decode(errors="replace").strip() or self._errors()
        raise CommunicatorError(f"scp: {said or 'it ended without a word'}")

    def _errors(self) -> str:
        return bytes(self._channel.recv_stderr(4096)).decode(errors="replace").strip()

    # --- receiving ----------------------------------------------------------------

    def receive_file(self, local: Path) -> None:
        self._send(_FINE)
        kind, size, _ = self._header()
        if kind != "C":
            raise CommunicatorError("scp: it is a folder, and a file was asked for")
        self._take(local, size)

    def receive_folder(self, local: Path) -> None:
        """Receive a folder's content; the folder itself is announced first."""
        self._send(_FINE)
        here, depth = local, 0
        while True:
            kind, size, name = self._header()
            if kind == "D":
                here = here / name if depth else here
                here.mkdir(exist_ok=True)
                depth += 1
                self._send(_FINE)
            elif kind == "E":
                depth -= 1
                self._send(_FINE)
                if depth <= 0:
                    return
                here = here.parent
            else:
                self._take(here / name, size)

    def _take(self, local: Path, size: int) -> None:
        self._send(_FINE)
        with local.open("wb") as file:
            left = size
            while left:
                piece = self._read.read(min(_PIECE, left))
                if not piece:
                    raise DisconnectedError("the connection broke while a file was downloaded")
                file.write(piece)
                self._carried(len(piece))
                left -= len(piece)
        self._hear()
        self._send(_FINE)

    def _header(self) -> tuple[str, int, str]:
        line = self._read.readline()
        if line[:1] in (b"\1", b"\2") or not line:
            said = line[1:].decode(errors="replace").strip() or self._errors()
            raise CommunicatorError(f"scp: {said or 'it ended without a word'}")
        text = line.decode("utf-8", "surrogateescape").rstrip("\n")
        if text == "E":
            return "E", 0, ""
        _mode, size, name = text[1:].split(" ", 2)
        # A machine is somebody else's: no name of it leads out of the folder.
        if "/" in name or name in ("..", "."):
            raise CommunicatorError(f'scp: the machine sent the name "{name}"')
        return text[0], int(size), name
