"""A stand-in for the web channel's push, which keeps to its protocol and breaks on demand."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from amends.service_tokens import TokenRefusedError, check_service_token

KEY = "k" * 40
PATH = "/webhooks/web/push"


@dataclass
class Channel:
    """What it was asked, what it shows, and how it breaks next.

    Attributes:
        pushes: Every push that came in, also the same one twice.
        screens: How many are connected.
        breaks: Called with the handler before it answers; True when it has dealt with the request.
        before: Called with a push before it is answered.
    """

    port: int = 0
    screens: int = 1
    pushes: list[dict[str, Any]] = field(default_factory=list)
    breaks: list[Callable[[BaseHTTPRequestHandler], bool]] = field(default_factory=list)
    before: Callable[[dict[str, Any]], None] = lambda push: None

    @property
    def kinds(self) -> list[str]:
        return [push["kind"] for push in self.pushes]

    @property
    def on_screen(self) -> dict[str, dict[str, Any]]:
        """What the shopper sees: the same id is there once."""
        return {push["id"]: push for push in self.pushes}


def answer(handler: BaseHTTPRequestHandler, status: int, body: object) -> bool:
    """Answer with JSON, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
    return True


def hang_up(_: BaseHTTPRequestHandler) -> bool:
    """Take the request and close the connection without an answer."""
    return True


def _handler(channel: Channel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            push = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != PATH:
                answer(self, 404, {})
                return
            try:
                check_service_token(self.headers["authorization"], KEY)
            except TokenRefusedError as error:
                answer(self, 401, {"code": error.code, "words": "No."})
                return
            channel.before(push)
            if channel.breaks and channel.breaks.pop(0)(self):
                return
            channel.pushes.append(push)
            answer(self, 200, {"shown": channel.screens})

        def do_GET(self) -> None:
            # Of a conversation that Rasa knows nothing of.
            answer(self, 200, {"messages": []})

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def listening() -> Iterator[Channel]:
    """A channel on a port of its own."""
    channel = Channel()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(channel))
    # A client that has hung up is what some tests want.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    channel.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield channel
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
