"""A mail server that keeps what it takes and breaks on demand."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session


@dataclass
class MailServer:
    """What it took, and how it breaks.

    Attributes:
        taken: Mails.
        recipients: Of each mail.
        secure: Of each mail, whether it came over TLS.
        answer: To the content of a mail, in place of taking it.
        refuses: Recipients that it does not know.
        logins: Names and passwords that it was told.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    answer: str | None = None
    refuses: set[str] = field(default_factory=set)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the names that aiosmtpd calls
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return f"550 no {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if self.answer:
            return self.answer
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.recipients.append(envelope.rcpt_tos)
        self.secure.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, how: str, told: Any):
        self.logins.append((told.login, told.password))
        return AuthResult(success=told.password == b"p@ss word", handled=False)


@contextmanager
def listening(tls: ssl.SSLContext | None = None, at_once: bool = False) -> Iterator[MailServer]:
    """A server on a port of its own; `tls` is offered by STARTTLS, or spoken at once."""
    server = MailServer()
    options: dict[str, Any] = {"authenticator": server.authenticate}
    if at_once:
        options |= {"ssl_context": tls, "auth_require_tls": False}
    elif tls:
        options |= {"tls_context": tls}
    else:
        options |= {"auth_require_tls": False}
    with socket.socket() as probe:  # the controller wants to know its port
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, "127.0.0.1", server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    file = folder / "mail.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    how = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    key = folder / "mail.key"
    subprocess.run([*how, *name, "-keyout", str(key), "-out", str(file)], check=True, timeout=60,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    file.write_text(file.read_text() + key.read_text())
    return file
