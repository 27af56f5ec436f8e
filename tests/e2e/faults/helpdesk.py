"""A helpdesk's webhook that can be the moment at which the deliveries are killed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "ZmF1bHRz" * 4

Deed = Callable[[], object]


@dataclass
class Helpdesk:
    """What it took, each verified by the library of Standard Webhooks.

    Attributes:
        taken: Id and content, in their order; a repeat stands here again.
        before: What happens once in place of taking the next one.
        after: What happens once after the next one is taken and before that is answered.
    """

    url: str = ""
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before: Deed | None = None
    after: Deed | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_deed(self, when: str) -> Deed | None:
        """What is to happen, and never again."""
        with self.lock:
            deed: Deed | None = getattr(self, when)
            setattr(self, when, None)
        return deed


def _handler(helpdesk: Helpdesk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # Who sent it was killed meanwhile.
            if deed := helpdesk.next_deed("before"):
                deed()
                return
            content = Webhook(SECRET).verify(body, dict(self.headers))
            with helpdesk.lock:
                helpdesk.taken.append((self.headers["webhook-id"], content))
            if deed := helpdesk.next_deed("after"):
                deed()
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def listening() -> Iterator[Helpdesk]:
    """One on a port of its own."""
    helpdesk = Helpdesk()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(helpdesk))
    server.daemon_threads = True
    helpdesk.url = f"http://127.0.0.1:{server.server_address[1]}/amends"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield helpdesk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
