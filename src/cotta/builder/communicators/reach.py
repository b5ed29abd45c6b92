"""The way to a machine's SSH port, through a SOCKS5 proxy or a bastion, and logging in."""

from __future__ import annotations

import contextlib
import io
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.communicators.interface import CommunicatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.builder.communicators.settings import Login, SocksProxy, SshSettings

_TRY_SECONDS: Final = 5
# A machine that has just booted may take its time over the first keys.
_BANNER_SECONDS: Final = 15
_AUTH_SECONDS: Final = 30


class LoginRefusedError(CommunicatorError):
    """The machine answers and does not let the user in."""


class HopelessError(CommunicatorError):
    """Trying again would not help: a key can't be read, or another machine answers."""


def open_transport(
    host: str, settings: SshSettings, check: Callable[[str, str], None]
) -> tuple[Any, list[Any]]:
    """Return a transport that is logged in, and what else is to be closed with it.

    Raises CommunicatorError: LoginRefusedError or HopelessError, or what kept it from connecting.
    """
    with contextlib.ExitStack() as opened:
        if settings.bastion is not None:
            bastion = settings.bastion
            hop = _transport(_connect(bastion.host, bastion.port, settings.proxy), settings)
            opened.callback(hop.close)
            _begin(hop, bastion.login, lambda *_: None)
            with _told(f"{host} port {settings.port} by way of {bastion.host}"):
                place = ("127.0.0.1", 0)
                sock = hop.open_channel(
                    "direct-tcpip", (host, settings.port), place, timeout=_TRY_SECONDS
                )
        else:
            sock = _connect(host, settings.port, settings.proxy)
        transport = _transport(sock, settings)
        opened.callback(transport.close)
        _begin(transport, settings.login, check)
        if settings.keep_alive:
            transport.set_keepalive(max(1, int(settings.keep_alive.total_seconds())))
        return transport, [opened.pop_all()]


def _connect(host: str, port: int, proxy: SocksProxy | None) -> socket.socket:
    first = (proxy.host, proxy.port) if proxy is not None else (host, port)
    with _told(f"{first[0]} port {first[1]}"):
        sock = socket.create_connection(first, timeout=_TRY_SECONDS)
        try:
            # Without it every command waits 40 ms for an acknowledgement (Nagle's algorithm).
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if proxy is not None:
                _ask_proxy(sock, host, port, proxy)
        except BaseException:
            sock.close()
            raise
    return sock


def _transport(sock: Any, settings: SshSettings) -> Any:
    import paramiko

    with _told("the machine"):
        transport = paramiko.Transport(
            sock, default_window_size=_WINDOW, default_max_packet_size=_PACKET
        )
    transport.daemon = True
    transport.banner_timeout = _BANNER_SECONDS
    transport.auth_timeout = _AUTH_SECONDS
    options = transport.get_security_options()
    if settings.ciphers:
        options.ciphers = settings.ciphers
    if settings.key_exchanges:
        options.kex = settings.key_exchanges
    return transport


# Bytes under way without a word from the other end: enough for 1 GB/s over a millisecond.
_WINDOW: Final = 2**24
_PACKET: Final = 2**15


def _begin(transport: Any, login: Login, check: Callable[[str, str], None]) -> None:
    with _told("the machine"):
        transport.start_client(timeout=_BANNER_SECONDS)
        key = transport.get_remote_server_key()
    check(key.get_name(), key.get_base64())
    tried: list[str] = []
    for what, attempt in _proofs(login):
        tried.append(what)
        if _try(transport, attempt):
            return
    means = ", ".join(tried) or "nothing, since neither a key nor a password is set"
    raise LoginRefusedError(f'the user "{login.user}" was not let in with {means}')


def _try(transport: Any, attempt: Callable[[Any], object]) -> bool:
    import paramiko

    try:
        with _told("the machine"):
            attempt(transport)
    except LoginRefusedError:
        return False
    except paramiko.AuthenticationException:
        return False
    return bool(transport.is_authenticated())


def _proofs(login: Login) -> Iterator[tuple[str, Callable[[Any], object]]]:
    import paramiko

    for what, key in _keys(login):
        yield what, _with_key(login.user, key)
    if login.uses_agent:
        for key in paramiko.Agent().get_keys():
            yield f"the agent's key {key.comment or key.get_name()}", _with_key(login.user, key)
    if login.password is not None:
        password = login.password
        yield "the password", lambda transport: transport.auth_password(login.user, password)


def _with_key(user: str, key: Any) -> Callable[[Any], object]:
    return lambda transport: transport.auth_publickey(user, key)


def _keys(login: Login) -> Iterator[tuple[str, Any]]:
    for text in login.keys:
        yield "the temporary key", read_key(text, "the temporary key", login.password)
    for number, name in enumerate(login.key_files):
        path = Path(name).expanduser()
        try:
            key = read_key(path.read_text(), str(path), login.password)
        except OSError as error:
            raise HopelessError(f"the key file {path} can't be read: {error.strerror}") from error
        if number == 0 and login.certificate_file:
            key.load_certificate(str(Path(login.certificate_file).expanduser()))
        yield f"the key {path}", key


def read_key(text: str, name: str, passphrase: str | None = None) -> Any:
    """Return a private key of any kind; raises `HopelessError`, which no further try would help."""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.RSAKey, paramiko.ECDSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), password=passphrase)
        except paramiko.PasswordRequiredException:
            raise HopelessError(f"{name} needs its passphrase, in ssh_password") from None
        except (paramiko.SSHException, ValueError):
            continue
    raise HopelessError(f"{name} is no private key of a known kind (ed25519, RSA, ECDSA)")


@contextlib.contextmanager
def _told(where: str) -> Iterator[None]:
    """Raise what the network and paramiko raise as `CommunicatorError`, with the place."""
    import paramiko

    try:
        yield
    except paramiko.AuthenticationException as error:
        raise LoginRefusedError(str(error)) from error
    except paramiko.SSHException as error:
        raise CommunicatorError(f"{where}: {error}") from error
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise CommunicatorError(f"{where}: {reason or error or 'it hung up'}") from error


# --- SOCKS5: RFC 1928, and RFC 1929 for names and passwords --------------------------------

_NO_PROOF, _PASSWORD = 0, 2


def _ask_proxy(sock: socket.socket, host: str, port: int, proxy: SocksProxy) -> None:
    """Have a proxy connect to a machine; raises OSError with the reason."""
    methods = [_NO_PROOF] if proxy.user is None else [_NO_PROOF, _PASSWORD]
    sock.sendall(bytes([5, len(methods), *methods]))
    version, method = _exactly(sock, 2)
    if version != 5:
        raise OSError("the proxy does not speak SOCKS5")
    if method == _PASSWORD and proxy.user is not None:
        user, password = proxy.user.encode(), (proxy.password or "").encode()
        sock.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if _exactly(sock, 2)[1] != 0:
            raise OSError("the proxy does not accept the user's name and password")
    elif method != _NO_PROOF:
        raise OSError("the proxy asks for a login that Cotta does not know")
    name = host.encode("idna")
    sock.sendall(b"\5\1\0\3" + bytes([len(name)]) + name + struct.pack(">H", port))
    _, status, _, kind = _exactly(sock, 4)
    if status != 0:
        raise OSError(f"the proxy could not connect to {host} port {port} (status {status})")
    length = {1: 4, 4: 16}.get(kind) or _exactly(sock, 1)[0]
    _exactly(sock, length + 2)


def _exactly(sock: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = sock.recv(count - len(found))
        if not piece:
            raise OSError("the proxy hung up")
        found += piece
    return found
