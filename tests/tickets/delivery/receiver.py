"""A helpdesk's webhook that keeps what it takes and breaks on demand."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0" * 4

Break = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """What it was sent and what it took.

    Attributes:
        asked: Ids of all webhooks that came, also of those that were not taken.
        taken: Id and content of those that were, in their order; each was verified.
        breaks: Deals with the next requests in place of taking them.
        always: Deals with every request while it is set.
        lock: Held while it notes what it took.
    """

    port: int = 0
    asked: list[str] = field(default_factory=list)
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    always: Break | None = None
    times: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/amends"

    @property
    def types(self) -> list[str]:
        return [content["type"] for _, content in self.taken]


def answers(status: int, body: bytes = b"", **headers: str) -> Break:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def resets(handler: BaseHTTPRequestHandler) -> None:
    """Closes so that the client reads a reset, not an end."""
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    handler.connection.setsockopt(1, 13, linger)  # SOL_SOCKET, SO_LINGER
    handler.connection.close()


def hangs(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def trickles(handler: BaseHTTPRequestHandler) -> None:
    """A header that never ends: no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(30):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def floods(handler: BaseHTTPRequestHandler) -> None:
    """An answer without an end."""
    handler.wfile.write(b"HTTP/1.1 500 No\r\n\r\n")
    while True:
        handler.wfile.write(b"x" * 1_000_000)


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\xff\x00 what?\r\n\r\n")


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with receiver.lock:
                receiver.asked.append(self.headers["webhook-id"])
                receiver.times.append(time.monotonic())
                broken = receiver.always or (receiver.breaks.pop(0) if receiver.breaks else None)
            if broken:
                broken(self)
                return
            content = Webhook(SECRET).verify(body, dict(self.headers))
            with receiver.lock:
                receiver.taken.append((self.headers["webhook-id"], content))
            answers(204)(self)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    # A client that has hung up is what some tests want.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
