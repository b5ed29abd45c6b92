"""HTTP between sockets and `handle(Request) -> Response`: a thread for each connection.

Connections are kept alive, so a client pays for one once.  A mistake of ours in
a handler is logged and answered with 500; the connection and the server go on.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final

from cotta.region.numbers import is_decimal
from cotta.region.wire.http import Request, Response

log: Final = logging.getLogger(__name__)

Handle = Callable[[Request], Response]

_LARGEST_BODY: Final = 16 * 1024 * 1024
# A connection that says nothing for so long is closed; clients open another.
_IDLE_SECONDS: Final = 300
# How long stopping may take to be noticed; looking costs some 20 µs.
_POLL_SECONDS: Final = 0.05


class Server:
    """A listening socket whose requests go to `handle`.

    It is made for an address, or taken as it is: from inside a network namespace, say.
    """

    def __init__(self, handle: Handle, at: tuple[str, int] | socket.socket) -> None:
        handler = type("Handler", (_Connection,), {"handle_request": staticmethod(handle)})
        if isinstance(at, socket.socket):
            self._server = _Listener(at.getsockname(), handler, bind_and_activate=False)
            self._server.socket.close()
            self._server.socket = at
        else:
            self._server = _Listener(at, handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on: the one that was free, if 0 was asked for."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Answer from now on, on threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take no new connection; those there are end with the process."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # As many clients may arrive at once as a fleet has machines.
    request_queue_size = 1024

    def server_bind(self) -> None:
        # HTTPServer would ask the name service who we are, which can take seconds.
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        # A client that went away; mistakes of ours have been logged before.
        log.debug("connection broken", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    handle_request: Handle

    def _serve(self) -> None:
        length = self.headers.get("content-length", "0")
        if not is_decimal(length, 0, _LARGEST_BODY):
            self.close_connection = True
            self._send(Response(status=413, body=b"The request is too large.\n"))
            return
        if "transfer-encoding" in self.headers:
            # Its pieces would be taken for the next request.
            self.close_connection = True
            self._send(Response(status=411, body=b"The request needs a Content-Length.\n"))
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            peer=str(self.client_address[0]),
        )
        try:
            response = self.handle_request(request)
        except Exception:
            log.exception("mistake in a handler", extra={"target": self.path})
            response = Response(
                status=500,
                headers={"content-type": "text/plain"},
                body=b"This is a bug in cotta: `cotta region logs` has more.\n",
            )
        self._send(response)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 - the library's names

    def _send(self, response: Response) -> None:
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"content-length: {len(response.body)}")
        if self.close_connection:
            lines.append("connection: close")
        head = "\r\n".join(lines) + "\r\n\r\n"
        body = b"" if self.command == "HEAD" else response.body
        # In one piece: two would make the client wait for the second.
        self.wfile.write(head.encode("latin-1") + body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
