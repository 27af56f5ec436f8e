"""A stand-in for what the web channel keeps of shoppers; it keeps to the channel's protocol."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from amends.service_tokens import TokenRefusedError, check_service_token

KEY = "k" * 40
RECORD, FORGET = "/webhooks/web/record", "/webhooks/web/forget"


@dataclass
class RecordChannel:
    """What is kept, by conversation: events with a timestamp.

    Attributes:
        status: What it answers instead, when it is not 200.
        body: What it answers instead, when it is not None.
        refused: How often it did so with `status`.
    """

    port: int = 0
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: int = 200
    body: bytes | None = None
    refused: int = 0

    def answered(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        if path == RECORD:
            return {"events": self.records.get(asked["conversation"], []), "kept": []}
        if "before" in asked:
            going = [
                sender
                for sender, events in self.records.items()
                if max(event["timestamp"] for event in events) < asked["before"]
            ]
        else:
            going = [asked["conversation"]]
        events = sum(len(self.records.pop(sender, [])) for sender in going)
        return {"events": events, "kept": 0, "tabs": 0}


def _handler(channel: RecordChannel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                check_service_token(self.headers["authorization"], KEY)
            except TokenRefusedError as error:
                self._answer(401, {"code": error.code, "words": "No."})
                return
            if self.path not in (RECORD, FORGET):
                self._answer(404, {})
            elif channel.status != 200:
                channel.refused += 1
                self._answer(channel.status, {"code": "unavailable", "words": "Later."})
            else:
                self._answer(200, channel.answered(self.path, asked))

        def _answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode() if channel.body is None else channel.body
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def listening() -> Iterator[RecordChannel]:
    """A channel on a port of its own."""
    channel = RecordChannel()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(channel))
    channel.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield channel
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
