"""Pages of a shop that is not the demo shop, on an origin of their own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Another shop</title>
<script src="{assistant}/webhooks/web/widget.js" {data} async></script></head>
<body><main><h1>Another shop</h1><p>{words}</p></main></body></html>
"""
HEBREW = {
    "dir": "rtl",
    "title": "שיחה איתנו",
    "greeting": "שלום! ספרו לנו במילים שלכם במה אפשר לעזור.",
    "open": "פתיחת שיחה",
    "close": "סגירת שיחה",
    "bot": "עוזר אוטומטי",
    "you": "אתם",
    "placeholder": "כתבו הודעה…",
    "send": "שליחה",
    "with_you": "{name} כאן איתכם",
}


class Pages:
    """A web server on one port as long as the block runs.

    Args:
        port: Of the origin; 0 for any.
        assistant: Address that the script tag points to.
        csp: Content-Security-Policy of each page, or none.
    """

    def __init__(self, port: int, assistant: str, csp: str = "") -> None:
        self.assistant = assistant
        self.csp = csp
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def url(self, **data: str) -> str:
        """Address of a page; `lang` and `dir` are the page's, all others the script tag's data-."""
        return f"{self.origin}/?" + "&".join(f"{name}={value}" for name, value in data.items())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: str) -> tuple[str, bytes]:
        if path == "/hebrew.json":
            return "application/json", json.dumps(HEBREW).encode()
        asked = dict(parse_qsl(query))
        page = {"lang": asked.pop("lang", "en"), "dir": asked.pop("dir", "ltr")}
        data = " ".join(f'data-{name}="{value}"' for name, value in asked.items())
        words = "A page with the chat on it."
        made = PAGE.format(**page, data=data, assistant=self.assistant, words=words)
        return "text/html; charset=utf-8", made.encode()


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            media_type, body = pages.answer(parts.path, parts.query)
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if pages.csp:
                self.send_header("Content-Security-Policy", pages.csp)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: pytest shows what matters."""

    return Handler
