"""A line from browser to server that can really be cut: new connections are refused."""

import contextlib
import socket
import threading
from typing import Self

BYTES = 65_536


class Relay:
    """Passes bytes on, both ways, as long as the block runs.

    Args:
        port: Of the server behind it, on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self._behind = ("127.0.0.1", port)
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._address = self._server.getsockname()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        # Only shutdown wakes the thread that waits in accept().
        _end(self._server)
        for one in list(self._open):
            _end(one)

    def mend(self) -> None:
        """Work again, on the same port."""
        self._server = socket.create_server(self._address)
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = server.accept()
                self._join(browser, socket.create_connection(self._behind))

    def _join(self, one: socket.socket, other: socket.socket) -> None:
        self._open |= {one, other}
        for source, target in ((one, other), (other, one)):
            threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(BYTES):
                target.sendall(data)
        for one in (source, target):
            _end(one)
            self._open.discard(one)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
