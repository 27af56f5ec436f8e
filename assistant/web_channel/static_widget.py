"""`GET widget.js`: the built widget, for any page."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from sanic.request import Request
from sanic.response import HTTPResponse, raw, text

from assistant.web_channel.configuration import variable

NAME = "widget.js"
TYPE = "text/javascript; charset=utf-8"
HEADERS = {
    # Pages follow an update of the shop's server within minutes, and ask with the tag until then.
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Built:
    """One version of the file."""

    changed: tuple[int, int]
    plain: bytes
    packed: bytes
    tag: str


class WidgetEndpoint:
    """Serves the widget from a folder; a new build is served from the next request on."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._built: Built | None = None

    async def get(self, request: Request) -> HTTPResponse:
        """The file, packed where the browser can unpack it; 404 says what is missing."""
        try:
            built = self._read()
        except OSError:
            return text(
                f"The widget is not built: expected {NAME} in the folder that "
                f"{variable('widget_dir')} names. `make run` builds it.",
                status=404,
            )
        packed = "gzip" in (request.headers.get("accept-encoding") or "")
        tag = f'"{built.tag}{"-gz" if packed else ""}"'
        headers = {**HEADERS, "ETag": tag}
        if tag in (request.headers.get("if-none-match") or ""):
            return HTTPResponse(status=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return raw(built.packed if packed else built.plain, headers=headers, content_type=TYPE)

    def _read(self) -> Built:
        stat = self._file.stat()
        changed = (stat.st_mtime_ns, stat.st_size)
        if self._built is None or self._built.changed != changed:
            plain = self._file.read_bytes()
            tag = hashlib.sha256(plain).hexdigest()[:32]
            self._built = Built(changed, plain, gzip.compress(plain, mtime=0), tag)
        return self._built
