"""A proxy between a client and an AWS endpoint that fails on purpose, and notes every call.

    with fault_proxy(region.endpoint, DropAfter("CreateLoadBalancer")) as proxy:
        ...  # work with proxy.endpoint
    assert proxy.operations.count("CreateLoadBalancer") == 2

It stands where the network is: whatever speaks HTTP to AWS can be sent through it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `parameters` as the form or the JSON document has them; `fault` what it met."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the `at`-th call that matches, and with the next ones, `times` in all.

    `operation` is a regular expression for the whole of a name ("" is every operation).
    """

    operation: str = ""
    at: int = 1
    times: int = 1

    def matches(self, call: Call) -> bool:
        return not self.operation or re.fullmatch(self.operation, call.operation) is not None


class Throttle(Fault):
    """The service says that there are too many requests; nothing was done."""


class ServerError(Fault):
    """The service answers 500; nothing was done."""


class ServerErrorAfter(Fault):
    """The service answers 500, and has done it all the same."""


class DropBefore(Fault):
    """The connection breaks before the request arrives."""


class DropAfter(Fault):
    """The connection breaks when the request was carried out, before the answer comes."""


@dataclass(frozen=True, slots=True)
class Silence(Fault):
    """The request is carried out, and no answer comes for some time; then the connection ends."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Denied(Fault):
    """The caller may not do this."""

    code: str = "AccessDenied"


class Stale(Fault):
    """A read does not see what was written last: it gets what the same read got before it.

    What was never asked before is not there yet.
    """


@dataclass
class FaultProxy:
    """A running proxy; faults can be added while it runs."""

    endpoint: str
    faults: list[Fault]
    calls: list[Call] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def operations(self) -> list[str]:
        """The operations called, in order, retries too."""
        return [call.operation for call in self.calls]

    @property
    def writes(self) -> list[str]:
        """The operations called that change something, in order."""
        return [name for name in self.operations if not is_read(name)]

    def met(self) -> list[Fault]:
        """Return the faults that came to pass."""
        return [call.fault for call in self.calls if call.fault is not None]

    def note(self, call: Call) -> Fault | None:
        """Write a call down, and return what is to go wrong with it."""
        with self._lock:
            chosen: Fault | None = None
            for number, fault in enumerate(self.faults):
                if not fault.matches(call):
                    continue
                self._seen[number] = seen = self._seen.get(number, 0) + 1
                if chosen is None and fault.at <= seen < fault.at + fault.times:
                    chosen = fault
            self.calls.append(Call(call.service, call.operation, call.parameters, chosen))
            return chosen


@contextlib.contextmanager
def fault_proxy(
    upstream: str, *faults: Fault, rewritten: Callable[[Call, bytes], bytes] = lambda _, body: body
) -> Iterator[FaultProxy]:
    """Run a proxy in front of `upstream`, on loopback.

    `rewritten` says what is sent on of a body, for an upstream that does not look at signatures.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    proxy = FaultProxy(f"http://127.0.0.1:{server.server_port}", list(faults))
    server.proxy, server.upstream, server.answers = proxy, upstream, {}
    server.rewritten = rewritten
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def is_read(operation: str) -> bool:
    """Say whether an operation only looks."""
    return operation.startswith(("Describe", "Get", "List"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client that keeps its connection open keeps nobody from ending.
    block_on_close = False
    proxy: FaultProxy
    upstream: str
    answers: dict[tuple[str, bytes], _Answer]
    rewritten: Callable[[Call, bytes], bytes]


_Answer = tuple[int, dict[str, str], bytes]

# Headers that are about one connection alone.
_OF_A_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})

# The codes by which services say that there is no such thing.
_NOT_YET: Final = {
    "DescribeImages": "InvalidAMIID.NotFound",
    "DescribeInstances": "InvalidInstanceID.NotFound",
    "DescribeInstanceAttribute": "InvalidInstanceID.NotFound",
    "DescribeKeyPairs": "InvalidKeyPair.NotFound",
    "DescribeLaunchTemplates": "InvalidLaunchTemplateId.NotFound",
    "DescribeLaunchTemplateVersions": "InvalidLaunchTemplateId.NotFound",
    "DescribeListenerAttributes": "ListenerNotFound",
    "DescribeListeners": "ListenerNotFound",
    "DescribeLoadBalancerAttributes": "LoadBalancerNotFound",
    "DescribeLoadBalancers": "LoadBalancerNotFound",
    "DescribeRules": "RuleNotFound",
    "DescribeSecurityGroupRules": "InvalidSecurityGroupRuleId.NotFound",
    "DescribeSecurityGroups": "InvalidGroup.NotFound",
    "DescribeTargetGroupAttributes": "TargetGroupNotFound",
    "DescribeTargetGroups": "TargetGroupNotFound",
    "GetInstanceProfile": "NoSuchEntity",
    "GetRole": "NoSuchEntity",
    "GetRolePolicy": "NoSuchEntity",
}
# Those that answer with nothing instead.
_EMPTY: Final = {
    "DescribeAutoScalingGroups": (
        '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
        "<DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult>"
        "</DescribeAutoScalingGroupsResponse>"
    ),
    "DescribeTargetHealth": (
        "<DescribeTargetHealthResponse "
        'xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
        "<DescribeTargetHealthResult><TargetHealthDescriptions/></DescribeTargetHealthResult>"
        "</DescribeTargetHealthResponse>"
    ),
}
_THROTTLING: Final = {"ec2": "RequestLimitExceeded", "ssm": "ThrottlingException"}
_JSON: Final = frozenset({"ssm", "dynamodb", "ecs", "kms"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = _decode(self.headers, self.path, body)
        fault = self.server.proxy.note(call)
        match fault:
            case None:
                answer = self._forward(self.server.rewritten(call, body))
                if is_read(call.operation):
                    self.server.answers[(call.service, body)] = answer
                self._answer(answer)
            case Throttle():
                code = _THROTTLING.get(call.service, "Throttling")
                self._answer(_refusal(call, 400, code, "Rate exceeded"))
            case ServerError():
                self._answer(_refusal(call, 500, "InternalFailure", "It broke."))
            case Denied(code=code):
                why = f"not authorized to perform: {call.service}:{call.operation}"
                self._answer(_refusal(call, 403, code, why))
            case ServerErrorAfter():
                self._forward(body)
                self._answer(_refusal(call, 500, "InternalFailure", "It broke in the end."))
            case DropAfter():
                self._forward(body)
                self._drop()
            case Silence(seconds=seconds):
                self._forward(body)
                time.sleep(seconds)
                self._drop()
            case Stale():
                self._answer(self._stale(call, body))
            case _:
                self._drop()

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815

    def _forward(self, body: bytes) -> _Answer:
        upstream = urlsplit(self.server.upstream)
        assert upstream.hostname is not None
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=120)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in _OF_A_HOP}  # fmt: skip
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _stale(self, call: Call, body: bytes) -> _Answer:
        before = self.server.answers.get((call.service, body))
        if before is not None:
            return before
        if call.operation in _EMPTY:
            return 200, {"Content-Type": "text/xml"}, _EMPTY[call.operation].encode()
        return _refusal(call, 400, _NOT_YET[call.operation], "It does not exist.")

    def _answer(self, answer: _Answer) -> None:
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _OF_A_HOP and name.lower() not in {"server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        pass


_SCOPE: Final = re.compile(r"Credential=[^/]*/\d+/[^/]+/([^/]+)/aws4_request")


def _decode(headers: Any, path: str, body: bytes) -> Call:
    """Return a request as a call; one of a kind that has no operation goes by its path."""
    scope = _SCOPE.search(headers.get("Authorization") or "")
    service = scope.group(1) if scope is not None else ""
    target = headers.get("X-Amz-Target")
    if target is not None:
        return Call(service, target.rpartition(".")[2], json.loads(body or b"{}"))
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Call(service, form.pop("Action", path), form)


def _refusal(call: Call, status: int, code: str, why: str) -> _Answer:
    if call.service in _JSON:
        record = {"__type": code, "message": why}
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(record).encode()
    error = f"<Code>{escape(code)}</Code><Message>{escape(why)}</Message>"
    if call.service == "ec2":
        text = (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
            "<RequestId>r</RequestId></ErrorResponse>"
        )
    return status, {"Content-Type": "text/xml"}, text.encode()
