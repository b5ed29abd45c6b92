"""Requests through HAProxy itself, by a layout with everything that rules can say."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.balancer.counts import Counts
from cotta.region.balancer.haproxy import HAProxy
from cotta.region.balancer.layout import Backend, Frontend, Layout
from cotta.region.balancer.servers import Add, Drain, LetIn, Remove, Server
from cotta.region.model import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    QueryPair,
    Redirect,
    TargetGroupId,
    WeightedGroup,
)
from tests.support.balancing import (
    a_listener,
    a_load_balancer,
    a_rule,
    a_target_group,
    forward_to,
)
from tests.support.http_targets import WebServer, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.model import Rule, TargetGroup

pytestmark = pytest.mark.boot

ADDRESS = "127.31.0.10"
PORT = 8932
LISTENER = a_listener(
    forwards_to="main/73e2d6bc24d8a067",
    port=PORT,
    attributes={"routing.http.response.x_frame_options.header_value": "DENY 100%"},
)
BODY = 'It\'s "closed",\n50 % of $HOME {x} ü'


def rule(priority: int, action: Action, *conditions: Condition) -> Rule:
    return a_rule(
        None, LISTENER, forwards_to="", priority=priority, action=action, conditions=conditions
    )


def when(field: str, *values: str, header: str | None = None) -> Condition:
    return Condition(field=field, values=values, header=header)


OTHER = forward_to("other/73e2d6bc24d8a067")
SPLIT = Forward(
    groups=(
        WeightedGroup(TargetGroupId("main/73e2d6bc24d8a067"), 30),
        WeightedGroup(TargetGroupId("other/73e2d6bc24d8a067"), 70),
    ),
    sticky_seconds=60,
    is_simple=False,
)
RULES = (
    rule(1, Action(fixed_response=FixedResponse(status=404, body=BODY, content_type="text/html")),
         when("path-pattern", "/closed")),
    rule(2, Action(redirect=Redirect(status=301, path="/new/#{path}")),
         when("path-pattern", "/old*")),
    rule(3, Action(redirect=Redirect(status=302, protocol="HTTPS", port="443", query="a=1&b=%20")),
         when("path-pattern", "/safe")),
    rule(4, OTHER, when("path-pattern", "/api/*", "/?.txt"), when("http-request-method", "GET")),
    rule(5, OTHER, when("host-header", "*.Example.com")),
    rule(6, OTHER, when("http-header", "be*ta", header="X-Stage")),
    rule(7, OTHER, Condition(field="query-string",
                             pairs=(QueryPair("v", "2*"), QueryPair(None, "x y")))),
    rule(8, OTHER, when("source-ip", "127.0.0.77/32")),
    rule(9, Action(forward=SPLIT), when("path-pattern", "/split")),
    rule(10, OTHER, when("http-header", "yes", header="X-It's`#%1")),
)  # fmt: skip


@dataclass
class World:
    """HAProxy with two target groups, a server in each."""

    haproxy: HAProxy
    main: WebServer
    other: WebServer

    def get(
        self, path: str, source: str = "127.0.0.1", method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text of a request of its own connection."""
        connection = http.client.HTTPConnection(
            ADDRESS, PORT, timeout=10, source_address=(source, 0)
        )
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"Host": "web.test", **named})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read().decode()

    def name(self, path: str, **how: Any) -> str:
        """Return the name of the server that answered."""
        return self.get(path, **how)[2].partition(" ")[0]


def layout(
    *groups: TargetGroup, sources: tuple[str, ...] | None = None, idle_timeout: int = 60
) -> Layout:
    attributes = {"idle_timeout.timeout_seconds": str(idle_timeout)}
    balancer = a_load_balancer(address=ADDRESS, attributes=attributes)
    frontend = Frontend(balancer=balancer, listener=LISTENER, rules=RULES, sources=sources)
    backends = tuple(Backend(group=one, source=ADDRESS, idle_timeout=10) for one in groups)
    return Layout(frontends=(frontend,), backends=backends, addresses=frozenset({ADDRESS}))


MAIN, SECOND = a_target_group("main"), a_target_group("other")
LAYOUT = layout(MAIN, SECOND)


def server(group: int, port: int, address: str = "127.31.0.1") -> Server:
    backend = LAYOUT.backends[group]
    return Server(backend=backend, target_id=f"t-{port}", port=port, address=address)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if shutil.which("haproxy", path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        pytest.skip("MISSING: haproxy is not installed; no request went through it")
    haproxy = HAProxy(tmp_path_factory.mktemp("balancer"), list)
    with contextlib.ExitStack() as stack:
        stack.callback(haproxy.stop)
        main = stack.enter_context(web_server("127.31.0.1", "main"))
        other = stack.enter_context(web_server("127.31.0.1", "other"))
        haproxy.configure(LAYOUT, [server(0, main.port), server(1, other.port)])
        yield World(haproxy, main, other)


@pytest.mark.parametrize(
    ("path", "how", "expected"),
    [
        ("/", {}, "main"),
        ("/api/users", {}, "other"),
        ("/api", {}, "main"),
        ("/x.txt", {}, "other"),
        ("/xxtxt", {}, "main"),
        ("/API/users", {}, "main"),
        ("/", {"Host": "a.b.EXAMPLE.com:80"}, "other"),
        ("/", {"Host": "example.com"}, "main"),
        ("/", {"X_Stage": "BEtta"}, "other"),
        ("/", {"X_Stage": "alpha"}, "main"),
        ("/", {"X_It's`#%1": "yes"}, "other"),
        ("/?v=2.1&w=3", {}, "other"),
        ("/?w=3&V=2", {}, "other"),
        ("/?v=1", {}, "main"),
        ("/?v=&x=2", {}, "main"),
        ("/", {"source": "127.0.0.77"}, "other"),
    ],
)
def test_request_goes_where_its_rule_says(
    world: World, path: str, how: dict[str, str], expected: str
) -> None:
    assert world.name(path, **how) == expected


def test_fixed_response_has_its_text_to_the_byte(world: World) -> None:
    status, headers, text = world.get("/closed")

    assert (status, text) == (404, BODY)
    assert headers["content-type"] == "text/html"
    assert headers["server"] == "awselb/2.0"


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old/a%20b?x=1&y=2", 301, f"http://web.test:{PORT}/new/old/a%20b?x=1&y=2"),
        ("/old", 301, f"http://web.test:{PORT}/new/old"),
        ("/safe?x=1", 302, "https://web.test:443/safe?a=1&b=%20"),
    ],
)
def test_redirect_puts_the_requests_parts_in(
    world: World, path: str, status: int, location: str
) -> None:
    found, headers, _ = world.get(path)

    assert (found, headers["location"]) == (status, location)


def test_requests_are_shared_by_weight_and_clients_stay(world: World) -> None:
    names = [world.name("/split") for _ in range(300)]
    assert 45 < names.count("main") < 145, "30 % of 300, give or take more than 5 deviations"

    _, headers, text = world.get("/split")
    cookie = headers["set-cookie"].partition(";")[0]
    assert "Max-Age=60" in headers["set-cookie"]
    assert {world.name("/split", Cookie=cookie) for _ in range(20)} == {text.partition(" ")[0]}


def test_target_sees_whose_request_it_is(world: World) -> None:
    world.main.seen.clear()

    _, headers, _ = world.get("/", X_Forwarded_For="203.0.113.9")
    world.get("/")

    first, second = world.main.seen
    assert first["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert second["x-forwarded-for"] == "127.0.0.1"
    assert (first["x-forwarded-proto"], first["x-forwarded-port"]) == ("http", str(PORT))
    traces = [one["x-amzn-trace-id"] for one in (first, second)]
    assert all(re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", one) for one in traces)
    assert traces[0] != traces[1]
    assert abs(int(traces[0][7:15], 16) - time.time()) < 60
    assert headers["x-frame-options"] == "DENY 100%"


def test_requests_share_the_connections_to_a_target_that_was_added(world: World) -> None:
    with web_server("127.31.0.1", "fourth") as fourth:
        added = server(1, fourth.port)
        world.haproxy.change([Drain(server(1, world.other.port).key), Add(added)])
        wait_until(lambda: seen(world, added).passed > 0)
        world.haproxy.change([LetIn(added.key)])
        wait_until(lambda: seen(world, added).is_up)

        with contextlib.closing(http.client.HTTPConnection(ADDRESS, PORT, timeout=10)) as client:
            for _ in range(8):
                client.request("GET", "/api/x")
                assert client.getresponse().read() == b"fourth /api/x"

        world.haproxy.change([LetIn(server(1, world.other.port).key)])
        wait_until(lambda: removed(world, added))
    assert len(set(fourth.clients)) == 1


def removed(world: World, one: Server) -> bool:
    """Remove a server as the region does: again, until it is not there any more."""
    world.haproxy.change([Remove(one.key)])
    found = world.haproxy.observe()
    return found is not None and one.key not in found.servers


def test_requests_are_counted_and_those_that_came_to_nothing(world: World) -> None:
    before = world.haproxy.counts()
    for _ in range(3):
        world.name("/")
    world.name("/api/x")
    world.haproxy.change([Drain(server(1, world.other.port).key)])

    assert world.get("/api/x")[0] == 503
    world.haproxy.change([LetIn(server(1, world.other.port).key)])

    after = world.haproxy.counts()
    assert after["main"].since(before["main"]) == Counts(3, 0)
    assert after["other"].since(before["other"]) == Counts(2, 1)


def test_drained_target_finishes_its_request(world: World) -> None:
    with web_server("127.31.0.1", "third") as third:
        added = server(1, third.port)
        world.haproxy.change([Drain(server(1, world.other.port).key), Add(added)])
        wait_until(lambda: seen(world, added).passed > 0)
        world.haproxy.change([LetIn(added.key)])
        wait_until(lambda: seen(world, added).is_up)
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(world.name("/api/slow")))
        asking.start()
        wait_until(lambda: seen(world, added).requests == 1)

        world.haproxy.change([LetIn(server(1, world.other.port).key), Drain(added.key)])

        assert {world.name("/api/x") for _ in range(10)} == {"other"}
        assert seen(world, added).requests == 1
        third.released.set()
        asking.join(10)
        wait_until(lambda: seen(world, added).requests == 0)
        wait_until(lambda: removed(world, added))
    assert answers == ["third"]


def seen(world: World, one: Server) -> Any:
    found = world.haproxy.observe()
    assert found is not None
    return found.servers[one.key]


def wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_new_configuration_cuts_no_request(world: World) -> None:
    """Last: what comes after has another layout."""
    failures: list[object] = []
    stopping = threading.Event()

    def ask_on() -> None:
        while not stopping.is_set():
            try:
                status, _, _ = world.get("/")
            except OSError as error:
                failures.append(error)
            else:
                if status != 200:
                    failures.append(status)

    asking = [threading.Thread(target=ask_on) for _ in range(4)]
    for thread in asking:
        thread.start()
    well = [server(0, world.main.port), server(1, world.other.port)]
    for timeout in range(20, 25):
        changed = layout(MAIN, SECOND, idle_timeout=timeout)
        world.haproxy.configure(changed, well)
        time.sleep(0.1)
    stopping.set()
    for thread in asking:
        thread.join()

    assert failures == []

    world.haproxy.configure(layout(MAIN, SECOND, sources=("127.0.0.77/32",)), well)
    assert world.name("/", source="127.0.0.77") == "other"
    with pytest.raises(OSError, match=r"reset|closed|refused"):
        world.get("/")
