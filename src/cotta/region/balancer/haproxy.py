"""HAProxy itself: started, told what to do over its socket, and found again.

It runs on without the daemon: whoever has its socket has it.  A new configuration is a new
process that takes the listening sockets over; the old one finishes its requests.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.balancer.actions import backend_name
from cotta.region.balancer.config import SOCKET, render_config
from cotta.region.balancer.counts import parse_counts
from cotta.region.balancer.driver import BalancerError, SeenBalancer
from cotta.region.balancer.servers import commands_for, line_for, parse_seen
from cotta.system.files import write_atomically
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cotta.region.balancer.counts import Counts
    from cotta.region.balancer.layout import Layout
    from cotta.region.balancer.servers import Change, Server

_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.01
# What HAProxy says when a command was done; anything else is a complaint.
_DONE: Final = ("", "New server registered.", "Server deleted.")
# There already, or gone already: as it should be.
_SO_ALREADY: Final = ("Already exists", "No such server", "No such backend")
# A server in maintenance that has connections a moment longer: the next look removes it.
_NOT_YET: Final = "Server still has connections attached to it"


class HAProxy:
    """The balancer of one region: in its network, with its files in `folder`."""

    def __init__(self, folder: Path, inside: Callable[[Sequence[str]], list[str]]) -> None:
        """`inside` returns the command that runs another one in the region's network."""
        self._folder = folder
        self._inside = inside
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _socket(self) -> Path:
        return self._folder / SOCKET

    @property
    def _config(self) -> Path:
        return self._folder / "haproxy.cfg"

    def observe(self) -> SeenBalancer | None:
        """Return what runs; None if nothing does."""
        try:
            about = _fields(self._ask("show info"))
            return parse_seen(about.get("description", ""), self._ask("show stat -1 4 -1"))
        except OSError:
            return None

    def counts(self) -> Mapping[str, Counts]:
        """Return how many requests each target group has had since this process began; by name."""
        try:
            return parse_counts(self._ask("show stat -1 2 -1"))
        except OSError:
            return {}

    def configure(self, layout: Layout, servers: Sequence[Server]) -> None:
        """Run by a layout from now on, with servers that are well."""
        if not layout.frontends:
            self.stop()
            return
        before = self._pid()
        config = _with_servers(render_config(layout, _threads()), servers)
        write_atomically(self._config, config.encode())
        argv = ["haproxy", "-D", "-f", str(self._config)]
        if before is not None:
            argv += ["-x", SOCKET, "-sf", str(before)]
        try:
            run(self._inside(argv), folder=self._folder)
        except CommandError as error:
            raise BalancerError(f"The load balancer can't be started: {error}") from error
        if before is not None:
            self._wait_for_handing_over(before)

    def change(self, changes: Sequence[Change]) -> None:
        """Add, let in, drain and remove servers."""
        for change in changes:
            for command in commands_for(change):
                try:
                    answer = self._ask(command).strip()
                except OSError as error:
                    raise BalancerError(f"The load balancer doesn't answer: {error}") from error
                if answer.startswith((*_SO_ALREADY, _NOT_YET)):
                    break
                if answer not in _DONE:
                    raise BalancerError(f"The load balancer refused `{command}`: {answer}")

    def stop(self) -> None:
        """End it at once, and whatever is left of those before."""
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._socket.unlink(missing_ok=True)

    def _wait_for_handing_over(self, before: int) -> None:
        """Return when a process has let go of the sockets that its successor took over.

        Until then either may answer, and the elder one would be told what the younger is to do.
        """
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            others = (_sockets(pid) for pid in self._processes() if pid != before)
            if _sockets(before).isdisjoint(set[str]().union(*others)):
                return
            time.sleep(_POLL_SECONDS)

    def _pid(self) -> int | None:
        try:
            return int(_fields(self._ask("show info"))["Pid"])
        except (OSError, KeyError, ValueError):
            return None

    def _processes(self) -> list[int]:
        """Return every HAProxy of this region: those that finish requests have no socket."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                argv = (folder / "cmdline").read_bytes().split(b"\0")
                if argv[0].endswith(b"haproxy") and os.fsencode(self._config) in argv:
                    found.append(int(folder.name))
        return found

    def _ask(self, command: str) -> str:
        """Return the answer to one command; OSError if nobody listens."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            self._connect(connection)
            connection.sendall(command.encode() + b"\n")
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts).decode(errors="replace")

    def _connect(self, connection: socket.socket) -> None:
        """Connect to the socket by its folder: the whole path may be too long for one."""
        folder = os.open(self._folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{SOCKET}")
        finally:
            os.close(folder)


def _sockets(pid: int) -> set[str]:
    """Return the sockets that a process has open; none if it has ended."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(str(descriptor.readlink()))
    return {one for one in found if one.startswith("socket:")}


def _threads() -> int:
    """Return how many threads serve best beside the machines that they serve.

    A second one makes a request a fifth dearer (23 µs of processor for 19), which two
    processors that are busy with the answers can't make good; many can.
    """
    return max(1, len(os.sched_getaffinity(0)) // 2)


def _with_servers(config: str, servers: Sequence[Server]) -> str:
    """Return a configuration with each server in its backend's section."""
    by_backend: dict[str, list[str]] = {}
    for server in servers:
        name = f"backend {backend_name(server.backend.group.id)}"
        by_backend.setdefault(name, []).append(line_for(server))
    lines: list[str] = []
    for line in config.splitlines():
        lines.append(line)
        lines += by_backend.get(line, ())
    return "\n".join(lines) + "\n"


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name: value for name, _, value in pairs}
