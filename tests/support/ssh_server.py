"""An SSH server on loopback that runs commands on this machine: paramiko's other half."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Rules:
    """Whom the server lets in, and what it does not offer."""

    keys: frozenset[str] = frozenset()
    password: str | None = None
    any_key: bool = False
    has_sftp: bool = True
    # Connections that are dropped before any is served.
    refuse_first: int = 0
    # Whether it connects on to other machines.
    is_bastion: bool = False
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    # The number of the command that is not finished: the connection goes.
    drop_at: int | None = None
    # A program that the machine does not have: commands with this text in them fail.
    lacks: str = ""


class _Server(paramiko.ServerInterface):  # type: ignore[misc]  # untyped
    def __init__(self, rules: Rules, transport: paramiko.Transport) -> None:
        self._rules = rules
        self._transport = transport

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._rules.logins.append(f"{username} {key.get_name()}")
        fine = self._rules.any_key or key.get_base64() in self._rules.keys
        return int(paramiko.AUTH_SUCCESSFUL if fine else paramiko.AUTH_FAILED)

    def check_auth_password(self, username: str, password: str) -> int:
        self._rules.logins.append(f"{username} password")
        fine = self._rules.password is not None and password == self._rules.password
        return int(paramiko.AUTH_SUCCESSFUL if fine else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def check_channel_pty_request(self, *_: Any) -> bool:
        return True

    def check_channel_direct_tcpip_request(self, chanid: int, origin: Any, destination: Any) -> int:
        if not self._rules.is_bastion:
            return int(paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED)
        threading.Thread(target=self._pipe, args=(destination,), daemon=True).start()
        return int(paramiko.OPEN_SUCCEEDED)

    def _pipe(self, destination: tuple[str, int]) -> None:
        channel = self._transport.accept(10)
        if channel is None:
            return
        with socket.create_connection(destination) as sock:

            def back() -> None:
                with contextlib.suppress(OSError):
                    while piece := sock.recv(2**15):
                        channel.sendall(piece)
                channel.close()

            threading.Thread(target=back, daemon=True).start()
            with contextlib.suppress(OSError):
                while piece := channel.recv(2**15):
                    sock.sendall(piece)

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        text = command.decode()
        self._rules.commands.append(text)
        if self._rules.drop_at is not None and len(self._rules.commands) > self._rules.drop_at:
            self._rules.drop_at = None
            threading.Thread(target=self._transport.close, daemon=True).start()
            return True
        if self._rules.lacks and self._rules.lacks in text:
            text = "exit 127"
        threading.Thread(target=_execute, args=(channel, text), daemon=True).start()
        return True

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        if not self._rules.has_sftp:
            return False
        return bool(super().check_channel_subsystem_request(channel, name))


def _execute(channel: paramiko.Channel, command: str) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None

    def carry(pipe: Any, send: Any) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(pipe.fileno(), 2**15):
                send(piece)

    def feed() -> None:
        assert process.stdin
        with contextlib.suppress(OSError, ValueError):
            while piece := channel.recv(2**15):
                process.stdin.write(piece)
                process.stdin.flush()
            process.stdin.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    readers = [
        threading.Thread(target=carry, args=(process.stdout, channel.sendall)),
        threading.Thread(target=carry, args=(process.stderr, channel.sendall_stderr)),
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    status = process.wait()
    # A client ends its input once it knows that the command was started: not before that may
    # the channel be closed.
    feeder.join(5)
    with contextlib.suppress(OSError, EOFError):
        channel.send_exit_status(status)
        channel.close()
    for pipe in (process.stdin, process.stdout, process.stderr):
        with contextlib.suppress(OSError):
            pipe.close()


class _Handle(paramiko.SFTPHandle):  # type: ignore[misc]  # untyped
    def __init__(self, file: Any, flags: int) -> None:
        super().__init__(flags)
        self.readfile = file
        self.writefile = file

    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def chattr(self, attr: Any) -> int:
        if attr.st_mode is not None:
            os.fchmod(self.readfile.fileno(), attr.st_mode)
        return int(paramiko.SFTP_OK)


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]  # untyped
    def list_folder(self, path: str) -> Any:
        return self._told(
            lambda: [
                paramiko.SFTPAttributes.from_stat(one.lstat(), one.name)
                for one in Path(path).iterdir()
            ]
        )

    def stat(self, path: str) -> Any:
        return self._told(lambda: paramiko.SFTPAttributes.from_stat(Path(path).stat()))

    def lstat(self, path: str) -> Any:
        return self._told(lambda: paramiko.SFTPAttributes.from_stat(Path(path).lstat()))

    def open(self, path: str, flags: int, attr: Any) -> Any:
        mode = "rb" if flags & 3 == os.O_RDONLY else "r+b"

        def opened() -> Any:
            file = os.fdopen(os.open(path, flags, attr.st_mode or 0o666), mode)
            return _Handle(file, flags)

        return self._told(opened)

    def mkdir(self, path: str, attr: Any) -> Any:
        return self._told(lambda: Path(path).mkdir()) or paramiko.SFTP_OK

    def chattr(self, path: str, attr: Any) -> Any:
        return self._told(lambda: Path(path).chmod(attr.st_mode)) or paramiko.SFTP_OK

    def _told(self, act: Any) -> Any:
        try:
            return act()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at 127.0.0.1 on `port`."""

    port: int
    rules: Rules
    host_key: tuple[str, str]


# Making one takes no time, but it is the same for all servers of a process.
_HOST_KEY_TYPE = "ssh-ed25519"


def new_key() -> tuple[str, str]:
    """Return a new private key as OpenSSH writes it, and its public half in base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return text, paramiko.Ed25519Key.from_private_key(io.StringIO(text)).get_base64()


@contextlib.contextmanager
def ssh_server(rules: Rules | None = None, port: int = 0) -> Iterator[RunningServer]:
    """Give a server for a block."""
    rules = rules or Rules()
    text, _ = new_key()
    host_key = paramiko.Ed25519Key.from_private_key(io.StringIO(text))
    listener = socket.create_server(("127.0.0.1", port))
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        left = rules.refuse_first
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if left > 0:
                left -= 1
                sock.close()
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(sock)
            transport.add_server_key(host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files)
            transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(event=threading.Event(), server=_Server(rules, transport))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield RunningServer(
            listener.getsockname()[1], rules, (host_key.get_name(), host_key.get_base64())
        )
    finally:
        # A thread that waits in accept() is woken by this alone.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
