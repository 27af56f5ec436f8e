"""An action server, or one in front of it, that breaks on demand: really, on real sockets.

Standard library only: the tests of both environments use it.
"""

import json
import socket
import struct
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODES = ("refused", "reset", "500", "503", "404", "html", "bad_json", "empty", "slow", "hung")
"""The ten of the facts page. `slow` answers, after `slow_s`; `hung` never does."""

WEBHOOK = "/webhook"
BODIES = {
    "500": (500, "application/json", b'{"error": "broken on purpose", "request_body": {}}'),
    "503": (503, "text/plain", b"Service Unavailable"),
    "404": (404, "application/json", b'{"error": "no such action", "action_name": "x"}'),
    "html": (200, "text/html", b"<html><body>It works!</body></html>"),
    "bad_json": (200, "application/json", b'{"events": [], "respon'),
    "empty": (200, "application/json", b""),
}


def say_its_name(call):
    """What an action answers unless a test says otherwise."""
    return {"events": [], "responses": [{"text": call["next_action"]}]}


class Faults:
    """Serves on one port as long as it is open.

    Attributes:
        mode: one of MODES, or None: all is well. Set it with `break_it` and `heal`.
        only: names of the actions that the fault is for; None: all of them.
        slow_s: how long `slow` takes.
        answer: makes the answer of an action from the call, where there is no `upstream`.
        calls: (sender, action) of each call that arrived.
        sizes: of the bodies of these calls, in bytes.
    """

    def __init__(self, answer=say_its_name, upstream=None):
        self.answer = answer
        self._upstream = upstream
        self.mode, self.only, self.slow_s = None, None, 1.0
        self.calls, self.sizes = [], []
        self._wake = threading.Event()
        self._server = None
        self._port = 0
        self._listen()

    @property
    def url(self):
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def break_it(self, mode, only=None, slow_s=1.0):
        """Fail in this way from now on."""
        assert mode in MODES, mode
        self.heal()
        self.mode, self.only, self.slow_s = mode, only, slow_s
        if mode == "refused":
            self._shut()

    def heal(self):
        """Work from now on; those that hang are hung up on."""
        self.mode = None
        self._wake.set()
        self._wake = threading.Event()
        if self._server is None:
            self._listen()

    def close(self):
        """For good."""
        self.mode = None
        self._wake.set()
        if self._server is not None:
            self._shut()

    def _listen(self):
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _shut(self):
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def mode_for(self, path, body):
        """The fault of this request, if any; remembers the call."""
        if path != WEBHOOK:
            return None
        call = json.loads(body)
        self.calls.append((call["sender_id"], call["next_action"]))
        self.sizes.append(len(body))
        hit = self.only is None or call["next_action"] in self.only
        return self.mode if hit else None

    def healthy(self, request, body):
        """Status, media type and body of the answer without a fault."""
        if self._upstream is not None:
            return _forward(self._upstream, request, body)
        if request.path != WEBHOOK:
            return 404, "text/plain", b""
        return 200, "application/json", json.dumps(self.answer(json.loads(body))).encode()

    def wait(self, seconds):
        """Until then, or until it heals; whether it was until then."""
        return not self._wake.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """Say nothing: who hangs up on us gave up, as it should."""


def _handler(faults):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            mode = faults.mode_for(self.path, body)
            if mode == "reset":
                self._reset()
            elif mode == "hung":
                faults.wait(300)
            elif mode != "slow" or faults.wait(faults.slow_s):
                self._reply(*(BODIES.get(mode) or faults.healthy(self, body)))

        def do_GET(self):
            self.do_POST()

        def _reply(self, status, media_type, body):
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _reset(self):
            linger = struct.pack("ii", 1, 0)  # Closing sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.rfile.close()
            self.wfile.close()
            self.connection.close()

        def log_message(self, *_):
            """Say nothing: pytest shows what matters."""

    return Handler


def _forward(upstream, request, body):
    headers = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "connection"}}
    data = body if request.command == "POST" else None
    forwarded = urllib.request.Request(
        upstream + request.path, data=data, headers=headers, method=request.command
    )
    try:
        with urllib.request.urlopen(forwarded, timeout=60) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Content-Type", ""), error.read()


@contextmanager
def faults(**settings):
    """A `Faults` that is closed at the end."""
    served = Faults(**settings)
    try:
        yield served
    finally:
        served.close()
