"""A machine by SSH: reached as soon as it answers, and again when its connection broke."""

from __future__ import annotations

import contextlib
import select
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.communicators.interface import (
    STDERR,
    STDOUT,
    CommandTooLongError,
    CommunicatorError,
    DisconnectedError,
    StoppedError,
    uncounted,
)
from cotta.builder.communicators.reach import HopelessError, LoginRefusedError, open_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.builder.communicators.interface import Carried, Output
    from cotta.builder.communicators.settings import SshSettings
    from cotta.system.clock import Clock

_FIRST_PAUSE: Final = timedelta(milliseconds=50)
_LONGEST_PAUSE: Final = timedelta(seconds=2)
# How soon a person's Ctrl-C is noticed.
_LOOK_SECONDS: Final = 0.2
_PIECE: Final = 2**15
# What paramiko says when the other end did not tell a command's status.
_NO_STATUS: Final = -1


def never() -> bool:
    """Say that nobody has asked for an end."""
    return False


class HostKeys:
    """The host keys that a machine may have: the ones it has told, else the first one seen.

    `told` returns what the cloud knows of the machine's keys, as (kind, base64) pairs, or nothing
    if it knows none yet.
    """

    def __init__(self, told: Callable[[], frozenset[tuple[str, str]]]) -> None:
        self._told = told
        self._seen: tuple[str, str] | None = None

    def check(self, kind: str, key: str) -> None:
        """Raise `HopelessError` for a key that is not the machine's."""
        if self._seen is not None:
            if (kind, key) != self._seen:
                raise HopelessError(
                    "another host key than at first: somebody else answers at this address"
                )
            return
        told = {pair for pair in self._told() if pair[0] == kind}
        if told and (kind, key) not in told:
            raise HopelessError(
                "its host key is not among those that the machine has written on its console: "
                "somebody else answers at this address"
            )
        self._seen = (kind, key)


def connect(
    address: Callable[[], str],
    settings: SshSettings,
    clock: Clock,
    *,
    host_keys: HostKeys,
    stopped: Callable[[], bool] = never,
) -> SshCommunicator:
    """Return a machine as soon as it lets the user in.

    Raises `StoppedError`, or `CommunicatorError` with what was tried for how long and how often.
    `address` is asked before every try, since a machine may get its address late.
    """
    tries: Counter[str] = Counter()
    start, pause, refused = clock.now(), _FIRST_PAUSE, 0
    while True:
        host = address()
        try:
            opened = open_transport(host, settings, host_keys.check)
        except HopelessError as error:
            raise CommunicatorError(f"{host} was reached, but {error}") from error
        except CommunicatorError as error:
            tries[str(error)] += 1
            refused += isinstance(error, LoginRefusedError)
        else:
            return SshCommunicator(*opened, settings, stopped)
        if stopped():
            raise StoppedError("interrupted while waiting for SSH")
        waited = clock.now() - start
        if waited >= settings.timeout or refused >= settings.attempts:
            raise CommunicatorError(_unreachable(host, settings, tries, waited))
        clock.sleep(min(pause, settings.timeout - waited))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _unreachable(host: str, settings: SshSettings, tries: Counter[str], waited: timedelta) -> str:
    seconds = f"{waited.total_seconds():.0f} s"
    who = f"{settings.login.user}@{host} port {settings.port}"
    lines = [f"{who} could not be reached by SSH within {seconds}. What was tried ended so:"]
    lines += [f"  {count} times: {what}" for what, count in tries.most_common(5)]
    return "\n".join(lines)


class SshCommunicator:
    """A machine over one connection; several commands may follow one another on it."""

    def __init__(
        self,
        transport: Any,
        closing: list[Any],
        settings: SshSettings,
        stopped: Callable[[], bool] = never,
    ) -> None:
        self._transport = transport
        self._closing = closing
        self._settings = settings
        self._stopped = stopped
        self._sftp: Any = None

    @property
    def is_alive(self) -> bool:
        """Whether the connection still stands."""
        return bool(self._transport.is_active())

    def run(self, command: str, output: Output) -> int:
        """Run a command by the user's shell and return its status."""
        with self._channel() as channel:
            with _whole_connection():
                if self._settings.has_pty:
                    channel.get_pty()
                channel.exec_command(command)
                channel.shutdown_write()
            return self._follow(channel, output)

    def upload(
        self, local: Path, remote: str, *, mode: int | None = None, carried: Carried = uncounted
    ) -> None:
        """Carry a file to the very path `remote`."""
        with local.open("rb") as file:
            self._carrier().upload(file, local.stat(), remote, mode, carried)

    def upload_folder(self, local: Path, remote: str, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder into the folder `remote`, which is made if it is not there."""
        self._carrier().upload_folder(local, remote, carried)

    def download(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry a file from the machine."""
        self._carrier().download(remote, local, carried)

    def download_folder(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder of the machine into a local folder, which is made."""
        self._carrier().download_folder(remote, local, carried)

    def is_folder(self, remote: str) -> bool:
        """Say whether the machine has a folder of this name."""
        return bool(self._carrier().is_folder(remote))

    def close(self) -> None:
        """End the connection."""
        self._sftp = None
        for one in self._closing:
            one.close()

    def _channel(self) -> Any:
        with _whole_connection():
            return self._transport.open_session(timeout=60)

    def _follow(self, channel: Any, output: Output) -> int:
        """Hand on what a command writes until it ends; return its status."""
        silence = self._settings.silence
        last = time.monotonic()
        while True:
            ready, _, _ = select.select([channel], [], [], _LOOK_SECONDS)
            if self._stopped():
                raise StoppedError("interrupted while a command ran")
            has_written = _drain(channel, output)
            if has_written:
                last = time.monotonic()
            elif channel.exit_status_ready() or channel.closed or not self.is_alive:
                # What came between the last look and the end.
                _drain(channel, output)
                break
            elif ready:
                # End of output, and the command goes on: nothing more wakes us.
                time.sleep(0.01)
            if silence is not None and time.monotonic() - last > silence.total_seconds():
                raise CommandTooLongError(
                    f"the command said nothing for {silence.total_seconds():.0f} s "
                    "(ssh_read_write_timeout)"
                )
        status = int(channel.recv_exit_status()) if channel.exit_status_ready() else _NO_STATUS
        if status == _NO_STATUS:
            raise DisconnectedError("the machine ended the connection while a command ran")
        return status

    def _carrier(self) -> Any:
        """Return what carries files: by SFTP, or by scp if that was chosen or is all there is."""
        from cotta.builder.communicators.scp import ScpCarrier
        from cotta.builder.communicators.sftp import SftpCarrier

        if self._sftp is None:
            client = None
            if self._settings.transfer == "sftp":
                client = self._open_sftp()
            self._sftp = (
                SftpCarrier(client, self._stopped, reverses=self._settings.reverses)
                if client is not None
                else ScpCarrier(
                    self._channel, self.run, self._stopped, reverses=self._settings.reverses
                )
            )
        return self._sftp

    def _open_sftp(self) -> Any:
        import paramiko

        channel = self._channel()
        try:
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        except (paramiko.SSHException, EOFError, OSError):
            # sshd has no such subsystem; scp needs none.
            with contextlib.suppress(OSError, EOFError):
                channel.close()
            return None


@contextlib.contextmanager
def _whole_connection() -> Iterator[None]:
    import paramiko

    try:
        yield
    except (paramiko.SSHException, EOFError, OSError) as error:
        reason = f": {error}" if str(error) else ""
        raise DisconnectedError(f"the connection to the machine broke{reason}") from error


def _drain(channel: Any, output: Output) -> bool:
    """Hand on what has come; say whether anything has."""
    found = False
    while channel.recv_ready():
        piece = channel.recv(_PIECE)
        if not piece:
            break
        output(STDOUT, piece)
        found = True
    while channel.recv_stderr_ready():
        piece = channel.recv_stderr(_PIECE)
        if not piece:
            break
        output(STDERR, piece)
        found = True
    return found
