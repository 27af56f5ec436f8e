"""Stands in for the app's addresses: remembers requests, answers as it is told to."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FakeApp:
    """What came in, and what the next answers are."""

    def __init__(self):
        self.requests = []
        self.status = 200
        self.body = None
        self.wait_s = 0.0

    def answer(self, path, headers, content):
        self.requests.append((path, headers, content))
        time.sleep(self.wait_s)
        if self.body is not None:
            return self.body
        if path == "/attachments":
            name = headers["X-Filename"]
            file = {"id": "file-1", "name": name, "media_type": "image/png", "size": len(content)}
            return json.dumps(file).encode()
        return b"{}"


@contextmanager
def serve_app():
    """Serve it on a free port; gives it and its address."""
    app = FakeApp()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            payload = app.answer(self.path, self.headers, content)
            self.send_response(app.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_):
            """Say nothing: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
