"""A balancer that is only played: the twin of HAProxy, for tests and simulations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from cotta.region.balancer.config import fingerprint_of
from cotta.region.balancer.driver import SeenBalancer, SeenServer
from cotta.region.balancer.servers import Add, Drain, LetIn, Remove

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.region.balancer.layout import Layout
    from cotta.region.balancer.servers import Change, Server


class SimulatedBalancer:
    """Servers pass their checks at once, unless their targets are in `sick`.

    `before_act` is called with the name of each act and may raise `BalancerError`.
    Targets in `busy` have a request under way.
    """

    def __init__(self, before_act: Callable[[str], None] = lambda _: None) -> None:
        self.before_act = before_act
        self.sick: set[str] = set()
        self.busy: set[str] = set()
        self.layout: Layout | None = None
        self.servers: dict[tuple[str, str], SeenServer] = {}

    def observe(self) -> SeenBalancer | None:
        """Return what runs, after every server was checked once."""
        if self.layout is None:
            return None
        return SeenBalancer(
            fingerprint_of(self.layout),
            {key: self._checked(key, server) for key, server in self.servers.items()},
        )

    def configure(self, layout: Layout, servers: Sequence[Server]) -> None:
        """Run by a layout, with servers that are well."""
        self.before_act("configure")
        if not layout.frontends:
            self.stop()
            return
        self.layout = layout
        self.servers = {
            one.key: SeenServer(is_up=True, is_draining=False, requests=0, passed=0)
            for one in servers
        }

    def change(self, changes: Sequence[Change]) -> None:
        """Add, let in, drain and remove servers."""
        for change in changes:
            self.before_act("change")
            match change:
                case Add(server):
                    fresh = SeenServer(is_up=False, is_draining=False, requests=0, passed=0)
                    self.servers.setdefault(server.key, fresh)
                case LetIn(key):
                    self.servers[key] = replace(self.servers[key], is_up=True)
                case Drain(key):
                    drained = replace(self.servers[key], is_up=False, is_draining=True)
                    self.servers[key] = drained
                case Remove(key):
                    self.servers.pop(key, None)
                case _:
                    assert_never(change)

    def stop(self) -> None:
        """Run no more."""
        self.before_act("stop")
        self.layout = None
        self.servers = {}

    def _checked(self, key: tuple[str, str], server: SeenServer) -> SeenServer:
        target = key[1].rpartition(":")[0]
        is_well = target not in self.sick
        return replace(
            server,
            is_up=server.is_up and is_well,
            passed=1 if is_well else 0,
            requests=1 if target in self.busy else 0,
            check="L7OK" if is_well else "L7STS",
            code=200 if is_well else 500,
        )
