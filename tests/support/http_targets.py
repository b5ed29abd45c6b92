"""Web servers on loopback that answer with their name, and with any status."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class WebServer:
    """A server: where it listens, what it answers with, and what it was asked."""

    address: str
    port: int
    status: int = 200
    # Requests with /slow in their path wait for it.
    released: threading.Event = field(default_factory=threading.Event)
    seen: list[dict[str, str]] = field(default_factory=list)
    # Where each of those requests came from: the same one if it came by the same connection.
    clients: list[tuple[str, int]] = field(default_factory=list)


@contextlib.contextmanager
def web_server(address: str, name: str, port: int = 0) -> Iterator[WebServer]:
    """Give a server that runs until the block ends."""
    running = WebServer(address, port)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if "/slow" in self.path:
                running.released.wait(30)
            if "ELB-HealthChecker" not in self.headers.get("user-agent", ""):
                running.clients.append(self.client_address)
                running.seen.append({key.lower(): value for key, value in self.headers.items()})
            self.send_response(running.status)
            body = f"{name} {self.path}".encode()
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of clients that went away."""

    server = Server((address, port), Handler)
    server.daemon_threads = True
    running.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        running.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
