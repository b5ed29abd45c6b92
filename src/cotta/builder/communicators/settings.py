"""What a template says about reaching a machine by SSH, as data.  Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

SSH_PORT: Final = 22
SOCKS_PORT: Final = 1080
# Packer's: the whole of waiting for a machine to answer, and how often it may refuse a login.
USUAL_TIMEOUT: Final = timedelta(minutes=5)
USUAL_ATTEMPTS: Final = 10
USUAL_KEEP_ALIVE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in, and what proves it: keys are tried in order, then the agent's, then a password.

    `keys` are private keys as text, `key_files` their files; a `certificate_file` goes with the
    first key.
    """

    user: str
    keys: tuple[str, ...] = field(default=(), repr=False)
    key_files: tuple[str, ...] = ()
    certificate_file: str | None = None
    password: str | None = field(default=None, repr=False)
    uses_agent: bool = False
    is_interactive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bastion:
    """A machine through which the other is reached."""

    host: str
    port: int = SSH_PORT
    login: Login


@dataclass(frozen=True, slots=True, kw_only=True)
class SocksProxy:
    """A SOCKS5 proxy in front of the first machine."""

    host: str
    port: int = SOCKS_PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSettings:
    """How a machine is reached, and for how long that is tried."""

    login: Login
    port: int = SSH_PORT
    timeout: timedelta = USUAL_TIMEOUT
    attempts: int = USUAL_ATTEMPTS
    keep_alive: timedelta = USUAL_KEEP_ALIVE
    # How long a command may say nothing; None is for ever.
    silence: timedelta | None = None
    has_pty: bool = False
    transfer: str = "sftp"
    ciphers: tuple[str, ...] = ()
    key_exchanges: tuple[str, ...] = ()
    bastion: Bastion | None = None
    proxy: SocksProxy | None = None
    pause_before: timedelta = timedelta()
    # Carries folders in the reverse order, which must make no difference.
    reverses: bool = False
