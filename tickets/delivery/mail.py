"""Mail to the support agents about new tickets."""

import smtplib
import socket
import ssl
import sys
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime, parseaddr
from functools import partial
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from tickets.delivery.connectors import DeliveryError
from tickets.delivery.threads import beside
from tickets.outbox import Event

STEP_S = 10.0
TIMEOUT_S = 30.0
PORTS = {"smtp": 25, "smtps": 465}

MEND = "Look at AMENDS_SMTP_URL, AMENDS_MAIL_FROM and AMENDS_MAIL_TO."

BODY = """\
A shopper needs a person: ticket {reference}.

Category: {category}
Why:      {why}

The shopper wrote:

{text}

Answer at the desk: {link}
"""


class MailConnector:
    """Writes to the agents when a ticket is opened; what comes after, they read at the desk.

    Args:
        url: Of the mail server, `smtp://` or `smtps://`, with name and password where it has such.
        sender: The mail's sender.
        to: Who gets it, separated by commas.
        desk: Address of the desk, for the link.
        timeout_s: Longest time for one mail, in seconds.
    """

    name = "mail"

    def __init__(
        self, url: SecretStr, sender: str, to: str, desk: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.timeout_s = timeout_s
        self._url, self._sender, self._to, self._desk = url, sender, to, desk

    def wants(self, event: Event) -> bool:
        """New tickets alone."""
        return event.event == "ticket.opened"

    async def send(self, event: Event) -> None:
        """Hand the mail to the server; taken is what it accepts for at least one recipient.

        Raises:
            DeliveryError: it was not.
        """
        mail = mail_about(event, self._sender, self._to, self._desk)
        connected: list[smtplib.SMTP] = []
        try:
            await beside(partial(_hand_over, self._url, mail, connected))
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(_words(error)) from error
        finally:
            for server in connected:
                _hang_up(server)  # a thread that still waits for the server ends now


def mail_about(event: Event, sender: str, to: str, desk: str) -> EmailMessage:
    """The mail: plain text, the same `Message-ID` for the same event."""
    told, reference = event.payload, event.reference
    category = _line(str(told["category"]).replace("_", " "))
    mail = EmailMessage(POLICY)
    mail["Subject"] = f"{reference}: a shopper needs a person ({category})"
    mail["From"], mail["To"] = sender, to
    mail["Date"] = format_datetime(event.created_at)
    mail["Message-ID"] = f"<{event.name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    text = BODY.format(
        reference=reference,
        category=category,
        why=_line(str(told["message"]["triage"]["detail"])),
        text=_paragraphs(str(told["message"]["text"])),
        link=f"{desk}/tickets/{reference}",
    )
    mail.set_content(text)
    return mail


def _line(text: str) -> str:
    # A line break in a header would begin another header.
    return "".join(filter(str.isprintable, " ".join(text.split())))


def _paragraphs(text: str) -> str:
    return "\n".join(f"  {_line(line)}" for line in text.splitlines())


def _hand_over(url: SecretStr, mail: EmailMessage, connected: list[smtplib.SMTP]) -> None:
    parts = urlsplit(url.get_secret_value())
    server = _connect(parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme])
    connected.append(server)
    server.ehlo_or_helo_if_needed()
    if parts.scheme == "smtp" and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    if parts.username:
        _log_in(server, unquote(parts.username), unquote(parts.password or ""))
    refused = server.send_message(mail)
    if refused:  # the others have it: to send it again would be a second mail for them
        print(f"Mail: {len(refused)} recipients were refused. {MEND}", file=sys.stderr, flush=True)  # noqa: T201 - the log
    with suppress(
        OSError, smtplib.SMTPException
    ):  # it has the mail; how it says goodbye is its own
        server.quit()


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=STEP_S, context=context)
    return smtplib.SMTP(host, port, timeout=STEP_S)


def _log_in(server: smtplib.SMTP, name: str, password: str) -> None:
    if not isinstance(server.sock, ssl.SSLSocket):
        raise DeliveryError(
            "Expected a mail server with TLS to tell our password, found one without. "
            "Use smtps:// in AMENDS_SMTP_URL, or a server that offers STARTTLS."
        )
    server.login(name, password)


def _hang_up(server: smtplib.SMTP) -> None:
    sock: socket.socket | None = server.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    server.close()


def _words(error: Exception) -> str:
    # Servers repeat addresses, and some of them the mail, in what they say: its code is enough.
    code = getattr(error, "smtp_code", None)
    found = f"SMTP {code}" if code else type(error).__name__
    return f"Expected the mail server to take a mail, found {found}. {MEND}"
