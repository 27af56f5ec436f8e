"""What goes wrong between a shop and us; each takes the server's handler of a request."""

import socket
import struct
import time


def reset(handler):
    """Cut the connection off."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def says(status, content, media_type="text/html", **headers):
    """Answer this, whatever was asked."""
    return lambda handler: handler.reply(status, content, media_type, **headers)


def waits(seconds):
    """Say nothing for some seconds."""
    return lambda _: time.sleep(seconds)


def drips(handler):
    """Send a byte now and then, each before any time-out of a single read."""
    handler.close_connection = True
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 400:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        pass


def drips_body(handler):
    """The same after whole headers."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
        for _ in range(400):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass
