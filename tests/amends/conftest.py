"""A server that answers the REST channel in every way a server can."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest


@dataclass
class FakeRasa:
    """What the server answers next, and what it was asked."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b'[{"recipient_id": "x", "text": "Hello there."}]'
    release: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False
    asked: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _handler(fake: FakeRasa) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.asked.append(self.rfile.read(int(self.headers.get("content-length", 0))))
            if fake.hangs:
                fake.release.wait(30)
                return
            self.send_response(fake.status)
            self.send_header("content-type", fake.content_type)
            self.send_header("content-length", str(len(fake.body)))
            self.end_headers()
            self.wfile.write(fake.body)

        do_GET = do_POST  # noqa: N815 - the name that http.server calls

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def fake_rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield fake
    fake.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


@pytest.fixture
def is_running() -> Callable[[int], bool]:
    """Whether a process of that id does anything; one that only waits to be collected does not."""

    def state(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return state
