"""Reaching a machine by SSH: waiting, logging in, proxies, host keys, broken connections."""

from __future__ import annotations

import contextlib
import socket
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.communicators.interface import (
    CommandTooLongError,
    CommunicatorError,
    DisconnectedError,
    StoppedError,
)
from cotta.builder.communicators.settings import Bastion, Login, SocksProxy, SshSettings
from cotta.builder.communicators.ssh import HostKeys, connect, never
from cotta.system.clock import SystemClock
from tests.support.ssh_server import Rules, new_key, ssh_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.builder.communicators.ssh import SshCommunicator

ANY = Login(user="ec2-user", password="open")
SOON = timedelta(seconds=20)


def reach(
    port: int,
    *,
    told: frozenset[tuple[str, str]] = frozenset(),
    stopped: Callable[[], bool] = never,
    **changes: Any,
) -> SshCommunicator:
    settings = SshSettings(**{"login": ANY, "port": port, "timeout": SOON, **changes})
    return connect(
        lambda: "127.0.0.1",
        settings,
        SystemClock(),
        host_keys=HostKeys(lambda: told),
        stopped=stopped,
    )


def says(machine: SshCommunicator, command: str) -> bytes:
    said = bytearray()
    assert machine.run(command, lambda _, piece: said.extend(piece)) == 0
    return bytes(said)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def test_it_waits_until_the_machine_answers() -> None:
    rules = Rules(password="open", refuse_first=5)

    with ssh_server(rules) as server:
        machine = reach(server.port)

        assert says(machine, "echo up") == b"up\n"
        machine.close()


def test_what_was_tried_is_in_the_mistake() -> None:
    with pytest.raises(CommunicatorError) as caught:
        reach(free_port(), timeout=timedelta(seconds=0.3))

    assert "ec2-user@127.0.0.1 port" in str(caught.value)
    assert "times: 127.0.0.1 port" in str(caught.value)
    assert "Connection refused" in str(caught.value)


def test_a_user_who_is_not_let_in_is_told_so_after_some_tries(tmp_path: Path) -> None:
    private, _ = new_key()
    (tmp_path / "key").write_text(private)
    login = Login(user="admin", keys=(private,), key_files=(str(tmp_path / "key"),), password="no")
    rules = Rules(password="open")

    with ssh_server(rules) as server, pytest.raises(CommunicatorError) as caught:
        reach(server.port, login=login, attempts=2)

    assert (
        f'2 times: the user "admin" was not let in with the temporary key, the key '
        f"{tmp_path}/key, the password" in str(caught.value)
    )
    assert len(rules.logins) == 6


def test_a_key_file_that_is_no_key_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key")
    login = Login(user="admin", key_files=(str(tmp_path / "key"),))

    with (
        ssh_server(Rules(password="open")) as server,
        pytest.raises(CommunicatorError, match="is no private key of a known kind"),
    ):
        reach(server.port, login=login)


def test_a_host_key_that_the_console_does_not_have_is_refused() -> None:
    with ssh_server(Rules(password="open")) as server:
        other = ("ssh-ed25519", new_key()[1])
        with pytest.raises(CommunicatorError, match="not among those"):
            reach(server.port, told=frozenset({other}))

        machine = reach(server.port, told=frozenset({other, server.host_key}))
        assert says(machine, "echo fine") == b"fine\n"
        machine.close()


def test_another_host_key_than_at_first_is_refused() -> None:
    keys = HostKeys(frozenset)
    settings = SshSettings(login=ANY, port=free_port(), timeout=SOON)
    for is_first in (True, False):
        with ssh_server(Rules(password="open"), settings.port):
            expected: Any = (
                contextlib.nullcontext() if is_first else pytest.raises(CommunicatorError)
            )
            with expected:
                connect(lambda: "127.0.0.1", settings, SystemClock(), host_keys=keys).close()


def test_a_bastion_leads_to_the_machine() -> None:
    private, public = new_key()
    outer = Rules(keys=frozenset({public}), is_bastion=True)
    with ssh_server(outer) as bastion, ssh_server(Rules(password="open")) as server:
        through = Bastion(
            host="127.0.0.1", port=bastion.port, login=Login(user="jump", keys=(private,))
        )
        machine = reach(server.port, bastion=through)

        assert says(machine, "echo far") == b"far\n"
        assert outer.logins == ["jump ssh-ed25519"] * 2 or outer.logins == ["jump ssh-ed25519"]
        assert outer.commands == []
        machine.close()


@contextlib.contextmanager
def socks_proxy(user: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Give a SOCKS5 proxy of a few lines; the list is what it was asked for."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            # A client that gives up is followed by one that tries again.
            with contextlib.suppress(OSError, IndexError), sock:
                talk(sock)

    def talk(sock: socket.socket) -> None:
        sock.recv(2 + 2)
        sock.sendall(b"\5\2" if user is not None else b"\5\0")
        if user is not None:
            asked.append(sock.recv(512)[2:].decode())
            sock.sendall(b"\1\0")
        request = sock.recv(512)
        length = request[4]
        name = request[5 : 5 + length].decode()
        port = int.from_bytes(request[5 + length : 7 + length], "big")
        asked.append(f"{name}:{port}")
        with socket.create_connection((name, port)) as inner:
            sock.sendall(b"\5\0\0\1\0\0\0\0\0\0")
            back = threading.Thread(target=pipe, args=(inner, sock), daemon=True)
            back.start()
            pipe(sock, inner)
            back.join(5)

    def pipe(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(2**15):
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize("user", [None, "me"])
def test_a_proxy_leads_to_the_machine(user: str | None) -> None:
    with socks_proxy(user) as (port, asked), ssh_server(Rules(password="open")) as server:
        proxy = SocksProxy(host="127.0.0.1", port=port, user=user, password="pw")
        machine = reach(server.port, proxy=proxy)

        assert says(machine, "echo far") == b"far\n"
        assert asked[-1] == f"127.0.0.1:{server.port}"
        assert (user in asked[0]) if user is not None else (asked[0] == asked[-1])
        machine.close()


def test_a_connection_that_breaks_is_not_a_command_that_ended() -> None:
    with ssh_server(Rules(password="open", drop_at=0)) as server:
        machine = reach(server.port)

        with pytest.raises(DisconnectedError):
            machine.run("sleep 5", lambda *_: None)
        assert not machine.is_alive
        machine.close()


def test_a_command_is_given_up_when_the_person_says_so() -> None:
    asked = [False]
    with ssh_server(Rules(password="open")) as server:
        machine = reach(server.port, stopped=lambda: asked[0])

        def on(*_: object) -> None:
            asked[0] = True

        with pytest.raises(StoppedError):
            machine.run("echo begun; sleep 30", on)
        machine.close()


def test_a_command_that_says_nothing_for_too_long_is_given_up() -> None:
    with ssh_server(Rules(password="open")) as server:
        machine = reach(server.port, silence=timedelta(seconds=0.3))

        with pytest.raises(CommandTooLongError):
            machine.run("sleep 30", lambda *_: None)
        machine.close()
