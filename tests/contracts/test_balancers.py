"""What every balancer does: the played one, and HAProxy itself on loopback."""

from __future__ import annotations

import contextlib
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest

from cotta.region.balancer.config import fingerprint_of
from cotta.region.balancer.haproxy import HAProxy
from cotta.region.balancer.layout import Backend, Frontend, Layout
from cotta.region.balancer.servers import Add, Drain, LetIn, Remove, Server
from cotta.region.balancer.simulated import SimulatedBalancer
from tests.support.balancing import a_listener, a_load_balancer, a_target_group
from tests.support.http_targets import web_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.region.balancer.driver import Balancer, SeenBalancer, SeenServer

ADDRESS = "127.31.0.9"
PORT = 8931
GROUP = a_target_group()
BACKEND = Backend(group=GROUP, source=ADDRESS, idle_timeout=60)
LAYOUT = Layout(
    frontends=(
        Frontend(
            balancer=a_load_balancer(address=ADDRESS),
            listener=a_listener(forwards_to=GROUP.id, port=PORT),
            rules=(),
            sources=None,
        ),
    ),
    backends=(BACKEND,),
    addresses=frozenset({ADDRESS}),
)
OTHER = replace(LAYOUT, backends=(replace(BACKEND, idle_timeout=61),))
NOTHING = Layout(frontends=(), backends=(), addresses=frozenset())


class Ground(Protocol):
    """Where balancers run, with two targets: at the second nobody is well."""

    def balancer(self) -> Balancer:
        """Return one more balancer of the same ground, as after a restart."""
        ...

    def server(self, number: int) -> Server:
        """Return a target."""
        ...


class SimulatedGround:
    """The twin's."""

    def __init__(self) -> None:
        self._balancer = SimulatedBalancer()
        self._balancer.sick = {"t-2"}

    def balancer(self) -> Balancer:
        """Return the one there is: the twin lives in this process."""
        return self._balancer

    def server(self, number: int) -> Server:
        """Return any target."""
        return Server(backend=BACKEND, target_id=f"t-{number}", port=80, address="127.31.0.1")


class RealGround:
    """HAProxy's, on loopback."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self._folder = folder
        self._ports = ports

    def balancer(self) -> Balancer:
        """Return a balancer of the same folder."""
        return HAProxy(self._folder, list)

    def server(self, number: int) -> Server:
        """Return a target with a server behind it."""
        port = self._ports[number - 1]
        return Server(backend=BACKEND, target_id=f"t-{number}", port=port, address="127.31.0.1")


@pytest.fixture(params=["simulated", pytest.param("haproxy", marks=pytest.mark.boot)])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    if request.param == "simulated":
        yield SimulatedGround()
        return
    if shutil.which("haproxy", path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        pytest.skip("MISSING: haproxy is not installed; the real load balancer was not tested")
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(web_server("127.31.0.1", "first"))
        second = stack.enter_context(web_server("127.31.0.1", "second"))
        second.status = 500
        # Longer than a socket's path may be.
        folder = tmp_path / ("long" * 30)
        ground = RealGround(folder, [first.port, second.port])
        stack.callback(ground.balancer().stop)
        yield ground


def observed(balancer: Balancer) -> SeenBalancer:
    """Return what runs."""
    seen = balancer.observe()
    assert seen is not None
    return seen


def wait_for(balancer: Balancer, key: tuple[str, str], is_so: Callable[[SeenServer], bool]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        seen = balancer.observe()
        if seen is not None and key in seen.servers and is_so(seen.servers[key]):
            return
        time.sleep(0.02)
    raise AssertionError(f"{key} did not become so: {balancer.observe()}")


def test_nothing_runs_at_first_and_stopping_that_is_fine(ground: Ground) -> None:
    balancer = ground.balancer()

    assert balancer.observe() is None
    balancer.configure(NOTHING, [])
    balancer.stop()


def test_what_runs_is_known_by_its_layout(ground: Ground) -> None:
    balancer = ground.balancer()

    balancer.configure(LAYOUT, [])
    seen = observed(ground.balancer())
    assert (seen.fingerprint, dict(seen.servers)) == (fingerprint_of(LAYOUT), {})

    balancer.configure(OTHER, [])
    seen = observed(balancer)
    assert seen.fingerprint == fingerprint_of(OTHER) != fingerprint_of(LAYOUT)

    balancer.configure(NOTHING, [])
    assert balancer.observe() is None


def test_target_goes_through_its_life(ground: Ground) -> None:
    balancer, server = ground.balancer(), ground.server(1)
    balancer.configure(LAYOUT, [])

    balancer.change([Add(server)])
    wait_for(balancer, server.key, lambda seen: seen.passed > 0)
    seen = observed(balancer)
    assert not seen.servers[server.key].is_up, "it is not let in by itself"

    balancer.change([LetIn(server.key)])
    wait_for(balancer, server.key, lambda seen: seen.is_up)
    balancer.change([Add(server)])
    wait_for(balancer, server.key, lambda seen: seen.is_up)

    balancer.change([Drain(server.key)])
    wait_for(balancer, server.key, lambda seen: seen.is_draining and not seen.is_up)
    assert observed(balancer).servers[server.key].requests == 0

    balancer.change([Remove(server.key)])
    seen = observed(balancer)
    assert server.key not in seen.servers
    balancer.change([Remove(server.key)])


def test_drained_target_is_taken_back(ground: Ground) -> None:
    balancer, server = ground.balancer(), ground.server(1)
    balancer.configure(LAYOUT, [server])
    balancer.change([Drain(server.key)])

    balancer.change([LetIn(server.key)])

    wait_for(balancer, server.key, lambda seen: seen.is_up)


def test_target_that_is_not_well_says_why(ground: Ground) -> None:
    balancer, server = ground.balancer(), ground.server(2)
    balancer.configure(LAYOUT, [])

    balancer.change([Add(server)])

    wait_for(balancer, server.key, lambda seen: seen.code == 500)
    seen = observed(balancer)
    found = seen.servers[server.key]
    assert (found.is_up, found.passed, found.check) == (False, 0, "L7STS")


def test_those_that_are_well_are_up_from_the_start(ground: Ground) -> None:
    balancer, server = ground.balancer(), ground.server(1)
    balancer.configure(LAYOUT, [])

    balancer.configure(OTHER, [server])

    seen = observed(balancer)
    assert seen.servers[server.key].is_up
