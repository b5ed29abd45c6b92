"""HAProxy's configuration of a layout, without its servers: those come and go while it runs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cotta.region.balancer.actions import action_lines, backend_name, condition_words
from cotta.region.balancer.quoting import quote_argument, quote_format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.balancer.layout import Backend, Frontend, Layout

_ALGORITHMS: Final = {
    "round_robin": "roundrobin",
    "least_outstanding_requests": "leastconn",
    "weighted_random": "random",
}

# Where HAProxy listens for commands: a path of its own may be longer than a socket's can be.
SOCKET: Final = "haproxy.sock"

# An answer of 32 KiB in one go costs half of what it does in three; it is also what the
# headers of a request may be in AWS.
_BUFFER: Final = 65536

# A target that is new, or not well, is asked again so soon.
_FAST: Final = "250ms"

_RESPONSE_HEADERS: Final = {
    "routing.http.response.access_control_allow_credentials.header_value": (
        "Access-Control-Allow-Credentials"
    ),
    "routing.http.response.access_control_allow_headers.header_value": (
        "Access-Control-Allow-Headers"
    ),
    "routing.http.response.access_control_allow_methods.header_value": (
        "Access-Control-Allow-Methods"
    ),
    "routing.http.response.access_control_allow_origin.header_value": "Access-Control-Allow-Origin",
    "routing.http.response.access_control_expose_headers.header_value": (
        "Access-Control-Expose-Headers"
    ),
    "routing.http.response.access_control_max_age.header_value": "Access-Control-Max-Age",
    "routing.http.response.content_security_policy.header_value": "Content-Security-Policy",
    "routing.http.response.strict_transport_security.header_value": "Strict-Transport-Security",
    "routing.http.response.x_content_type_options.header_value": "X-Content-Type-Options",
    "routing.http.response.x_frame_options.header_value": "X-Frame-Options",
}

# Requests that a target can't have begun to answer are tried again with another one.
_DEFAULTS: Final = """
defaults
    mode http
    option dontlognull
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
    timeout connect 3s
    timeout client-fin 5s
    timeout http-request 60s
    timeout queue 10s
    load-server-state-from-file none
"""


def fingerprint_of(layout: Layout) -> str:
    """Return what tells one layout's configuration from any other's."""
    return hashlib.sha256("\n".join(_sections(layout)).encode()).hexdigest()[:32]


def render_config(layout: Layout, threads: int = 1) -> str:
    """Return the configuration; HAProxy listens for commands in the folder it is started in."""
    return "\n".join(
        [
            "global",
            f"    nbthread {threads}",
            f"    tune.bufsize {_BUFFER}",
            f"    description {fingerprint_of(layout)}",
            f"    stats socket unix@{SOCKET} mode 600 level admin expose-fd listeners",
            "    hard-stop-after 300s",
            "    spread-checks 0",
            *_sections(layout),
            "",
        ]
    )


def _sections(layout: Layout) -> Iterator[str]:
    yield _DEFAULTS
    for frontend in layout.frontends:
        yield from _frontend(frontend)
    for backend in layout.backends:
        yield from _backend(backend)


def check_words(backend: Backend) -> str:
    """Return how a backend's servers are reached and checked, as options of each.

    Connections to be used again are asked for: HAProxy 2.6 keeps none to a server that was
    added while it runs, and then each request costs a connection (three times the work).
    """
    check = backend.group.health_check
    interval = f"{check.interval_seconds}s"
    port = "" if check.port == "traffic-port" else f"port {check.port} "
    words = (
        f"{port}source {backend.source} inter {interval} fastinter {interval} downinter {_FAST} "
        f"rise {check.healthy_threshold} fall {check.unhealthy_threshold} "
        "pool-max-conn -1 pool-purge-delay 5s"
    )
    slow = backend.group.attributes.get("slow_start.duration_seconds", "0")
    return words if slow == "0" else f"{words} slowstart {slow}s"


def _frontend(frontend: Frontend) -> Iterator[str]:
    balancer, listener = frontend.balancer, frontend.listener
    attributes = balancer.attributes
    idle = attributes.get("idle_timeout.timeout_seconds", "60")
    kept = attributes.get("client_keep_alive.seconds", "3600")
    yield f"frontend {listener.id.replace('/', ':')}"
    yield f"    bind {balancer.address}:{listener.port}"
    yield f"    timeout client {idle}s"
    yield f"    timeout http-keep-alive {min(int(idle), int(kept))}s"
    if frontend.sources is not None:
        # What the security groups of the load balancer let in.
        allowed = " ".join(frontend.sources) or "0.0.0.0/32"
        yield f"    tcp-request connection reject if !{{ src {allowed} }}"
    yield from _request_headers(frontend)
    for index, rule in enumerate(frontend.rules, 1):
        words = " ".join(condition_words(condition) for condition in rule.conditions)
        first = "!{ var(txn.rule) -m found }"
        yield f"    http-request set-var(txn.rule) int({index}) if {first} {words}"
    yield "    http-request set-var(txn.rule) int(0) if !{ var(txn.rule) -m found }"
    for index, action in enumerate((listener.action, *(rule.action for rule in frontend.rules))):
        yield from (f"    {line}" for line in action_lines(listener, index, action))
    yield from _response_headers(frontend)


def _request_headers(frontend: Frontend) -> Iterator[str]:
    attributes = frontend.balancer.attributes
    client = "%[src]"
    if attributes.get("routing.http.xff_client_port.enabled") == "true":
        client = "%[src]:%[src_port]"
    # Asked before the header is set: the second line must not see the first one's work.
    yield "    http-request set-var(txn.xff) req.fhdr(x-forwarded-for)"
    match attributes.get("routing.http.xff_header_processing.mode", "append"):
        case "append":
            yield (
                f'    http-request set-header X-Forwarded-For "%[var(txn.xff)], {client}" '
                "if { var(txn.xff) -m found }"
            )
            yield (
                f"    http-request set-header X-Forwarded-For {client} "
                "if !{ var(txn.xff) -m found }"
            )
        case "remove":
            yield "    http-request del-header X-Forwarded-For"
        case "preserve":
            pass
        case other:
            raise AssertionError(other)
    yield f"    http-request set-header X-Forwarded-Proto {frontend.listener.protocol.lower()}"
    yield f"    http-request set-header X-Forwarded-Port {frontend.listener.port}"
    yield (
        "    http-request set-header X-Amzn-Trace-Id "
        "Root=1-%[date,hex,bytes(8,8),lower]-%[uuid,bytes(24,12)]%[uuid,bytes(24,12)] "
        "if !{ req.hdr(x-amzn-trace-id) -m found }"
    )


def _response_headers(frontend: Frontend) -> Iterator[str]:
    for name, header in _RESPONSE_HEADERS.items():
        if value := frontend.listener.attributes.get(name):
            yield f"    http-response set-header {header} {quote_format(value)}"


def _backend(backend: Backend) -> Iterator[str]:
    group, check = backend.group, backend.group.health_check
    attributes = group.attributes
    yield f"backend {backend_name(group.id)}"
    yield f"    balance {_ALGORITHMS[attributes.get(_ALGORITHM, 'round_robin')]}"
    yield f"    timeout server {backend.idle_timeout}s"
    yield f"    timeout check {check.timeout_seconds}s"
    # A request that may have had its effect is not sent a second time.
    yield "    http-request disable-l7-retry unless METH_GET or METH_HEAD or METH_OPTIONS"
    yield "    option httpchk"
    yield (
        f"    http-check send meth GET uri {quote_format(check.path)} ver HTTP/1.1 "
        f"hdr Host {backend.source} hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close"
    )
    yield f"    http-check expect status {check.matcher}"
    yield f"    default-server {check_words(backend)}"
    if attributes.get("stickiness.enabled") == "true":
        yield from _stickiness(backend)


_ALGORITHM: Final = "load_balancing.algorithm.type"


def _stickiness(backend: Backend) -> Iterator[str]:
    attributes = backend.group.attributes
    match attributes.get("stickiness.type", "lb_cookie"):
        case "lb_cookie":
            seconds = attributes.get("stickiness.lb_cookie.duration_seconds", "86400")
            yield f"    cookie AWSALB insert indirect nocache maxlife {seconds}s"
        case "app_cookie":
            seconds = attributes.get("stickiness.app_cookie.duration_seconds", "86400")
            name = quote_argument(attributes.get("stickiness.app_cookie.cookie_name", ""))
            yield f"    stick-table type string len 128 size 100k expire {seconds}s"
            yield f"    stick match req.cook({name})"
            yield f"    stick store-response res.cook({name})"
        case other:
            raise AssertionError(other)
