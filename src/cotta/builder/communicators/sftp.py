"""Files by SFTP, many packets under way at a time."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from cotta.builder.communicators.interface import CommunicatorError, StoppedError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from cotta.builder.communicators.interface import Carried

# What OpenSSH takes in one packet; paramiko's own is the same.
_PIECE: Final = 2**15


class SftpCarrier:
    """Carries files over one SFTP session."""

    def __init__(self, client: Any, stopped: Callable[[], bool], *, reverses: bool = False) -> None:
        self._client = client
        self._stopped = stopped
        self._reverses = reverses

    def upload(
        self,
        file: IO[bytes],
        status: os.stat_result,
        remote: str,
        mode: int | None,
        carried: Carried,
    ) -> None:
        """Carry an open file."""
        with _told(f"uploading to {remote}"), self._client.open(remote, "wb") as there:
            # Answers are awaited at the end, all together.
            there.set_pipelined(True)
            while piece := file.read(_PIECE):
                there.write(piece)
                carried(len(piece))
                self._heed()
            there.chmod(stat.S_IMODE(status.st_mode) if mode is None else mode)

    def upload_folder(self, local: Path, remote: str, carried: Carried) -> None:
        """Carry what is in a folder, in the order of names."""
        self._make_folder(remote)
        for entry in in_order(local, reverses=self._reverses):
            there = f"{remote.rstrip('/')}/{entry.name}"
            if entry.is_dir():
                self.upload_folder(entry, there, carried)
                with _told(f"uploading to {there}"):
                    self._client.chmod(there, stat.S_IMODE(entry.stat().st_mode))
            else:
                with entry.open("rb") as file:
                    self.upload(file, entry.stat(), there, None, carried)

    def download(self, remote: str, local: Path, carried: Carried) -> None:
        """Carry a file here."""
        before = 0

        def heed(so_far: int, _: int) -> None:
            nonlocal before
            carried(so_far - before)
            before = so_far
            self._heed()

        with _told(f"downloading {remote}"), local.open("wb") as file:
            self._client.getfo(remote, file, callback=heed)

    def download_folder(self, remote: str, local: Path, carried: Carried) -> None:
        """Carry what is in a folder here; links are followed."""
        local.mkdir(parents=True, exist_ok=True)
        with _told(f"downloading {remote}"):
            entries = sorted(self._client.listdir_attr(remote), key=lambda one: one.filename)
        for entry in entries:
            there, here = f"{remote.rstrip('/')}/{entry.filename}", local / entry.filename
            if self.is_folder(there):
                self.download_folder(there, here, carried)
            else:
                self.download(there, here, carried)

    def is_folder(self, remote: str) -> bool:
        """Say whether there is a folder of this name."""
        try:
            with _told(f"looking at {remote}", missing=FileNotFoundError):
                return stat.S_ISDIR(self._client.stat(remote).st_mode or 0)
        except FileNotFoundError:
            return False

    def _make_folder(self, remote: str) -> None:
        if self.is_folder(remote):
            return
        parent = str(Path(remote).parent)
        if parent not in ("/", ".", remote):
            self._make_folder(parent)
        with _told(f"making the folder {remote}"):
            self._client.mkdir(remote)

    def _heed(self) -> None:
        if self._stopped():
            raise StoppedError("interrupted while a file was carried")


def in_order(folder: Path, *, reverses: bool) -> list[Path]:
    """Return the entries of a folder by name."""
    return sorted(folder.iterdir(), key=lambda one: one.name, reverse=reverses)


@contextlib.contextmanager
def _told(what: str, *, missing: type[Exception] = CommunicatorError) -> Iterator[None]:
    import paramiko

    try:
        yield
    except FileNotFoundError as error:
        raise missing(f"{what}: there is no such file or folder on the machine") from error
    except PermissionError as error:
        raise CommunicatorError(
            f"{what}: the user may not do that. Upload to a folder of the user's and move it with "
            "a shell provisioner and sudo."
        ) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise CommunicatorError(f"{what}: {error or 'the connection broke'}") from error
