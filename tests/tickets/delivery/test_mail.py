"""Mail to a server that takes it, and to one that breaks."""

import smtplib
import socket
import ssl
import threading
import time
from types import SimpleNamespace

import mail_server
import pytest
from pydantic import SecretStr

from tickets.delivery.connectors import DeliveryError
from tickets.delivery.mail import MailConnector, mail_about

DESK = "https://desk.shop.example"


def connector(port, scheme="smtp", login="", to="support@shop.example", timeout_s=5.0):
    url = SecretStr(f"{scheme}://{login}127.0.0.1:{port}")
    return MailConnector(url, "Amends <amends@shop.example>", to, DESK, timeout_s)


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server's side of TLS, with a certificate that this process trusts."""
    file = mail_server.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def test_agents_read_what_it_is_about_and_where_to_answer(mail, send, event):
    send(connector(mail.port), event())
    (taken,) = mail.taken
    assert taken["Subject"] == "AM-K7RD4X: a shopper needs a person (damaged or defective)"
    assert (taken["From"], taken["To"]) == ("Amends <amends@shop.example>", "support@shop.example")
    assert taken["Message-ID"] == "<AM-K7RD4X-7@shop.example>"
    assert taken.get_content_type() == "text/plain"
    text = taken.get_content().replace("\r\n", "\n")
    assert "ticket AM-K7RD4X.\n" in text
    assert "Category: damaged or defective\nWhy:      severity 0.81 >= 0.44\n" in text
    assert "\n  Zerbrochen! 坏了 [email]\n" in text
    assert text.endswith("Answer at the desk: https://desk.shop.example/tickets/AM-K7RD4X\n")


def test_same_event_has_the_same_message_id_and_another_one_another(event):
    names = [
        mail_about(one, "amends@shop.example", "a@b.example", DESK)["Message-ID"]
        for one in (event(), event(attempts=4), event(id=8))
    ]
    assert names == ["<AM-K7RD4X-7@shop.example>"] * 2 + ["<AM-K7RD4X-8@shop.example>"]


def test_only_new_tickets_are_worth_a_mail(event):
    mail = connector(1)
    names = ("ticket.opened", "ticket.appended", "ticket.claimed", "chat.left")
    assert [name for name in names if mail.wants(event(event=name))] == ["ticket.opened"]


def test_all_recipients_get_it(mail, send, event):
    send(connector(mail.port, to="a@shop.example, Bea <b@shop.example>"), event())
    assert mail.recipients == [["a@shop.example", "b@shop.example"]]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x00"])
def test_words_make_no_header_and_no_second_mail(mail, send, event, end):
    evil = f"x{end}Bcc: all@evil.example{end}{end}.{end}MAIL FROM:<evil@evil.example>{end}"
    payload = event().payload | {
        "category": evil,
        "message": {"text": evil, "triage": {"detail": evil}},
    }
    send(connector(mail.port), event(payload=payload))
    (taken,) = mail.taken
    assert mail.recipients == [["support@shop.example"]]
    assert taken["Bcc"] is None
    assert len(taken.get_all("From")) == 1
    assert "Answer at the desk" in taken.get_content()


def test_one_address_that_is_refused_does_not_send_the_others_a_second_mail(
    mail, send, event, capfd
):
    mail.refuses = {"gone@shop.example"}
    send(connector(mail.port, to="gone@shop.example, b@shop.example"), event())
    assert mail.recipients == [["b@shop.example"]]
    assert "Mail: 1 recipients were refused. Look at" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("breaks", "found"),
    [
        ({"answer": "554 no Zerbrochen here"}, "found SMTP 554. Look at AMENDS_SMTP_URL"),
        ({"answer": "451 later"}, "found SMTP 451"),
        ({"refuses": {"support@shop.example"}}, "found SMTPRecipientsRefused"),
    ],
)
def test_mail_that_is_refused_is_told_without_the_servers_words(mail, send, event, breaks, found):
    vars(mail).update(breaks)
    with pytest.raises(DeliveryError) as refusal:
        send(connector(mail.port), event())
    assert found in str(refusal.value)
    assert "shop.example" not in str(refusal.value)
    assert "Zerbrochen" not in str(refusal.value)
    assert mail.taken == []


def test_server_that_is_down_is_told(send, event):
    with pytest.raises(DeliveryError, match="found ConnectionRefusedError"):
        send(connector(9), event())


@pytest.fixture
def silent():
    """A server that accepts and says nothing; it notes when it is hung up on."""
    hung_up = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve():
            talk, _ = listening.accept()
            talk.sendall(b"220 hello\r\n")
            while talk.recv(1000):
                pass
            hung_up.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield SimpleNamespace(port=listening.getsockname()[1], hung_up=hung_up)
        thread.join(10)


def test_server_that_hangs_is_left_at_the_deadline(silent, send, event):
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        send(connector(silent.port, timeout_s=0.5), event())
    assert time.monotonic() - started < 2
    assert silent.hung_up.wait(2)


def test_offered_tls_is_used_before_the_password_is_told(tls, send, event):
    with mail_server.listening(tls) as server:
        send(connector(server.port, login="anna%40shop:p%40ss%20word@"), event())
    assert server.secure == [True]
    assert server.logins == [(b"anna@shop", b"p@ss word")]


def test_tls_from_the_start(tls, send, event):
    with mail_server.listening(tls, at_once=True) as server:
        send(connector(server.port, scheme="smtps"), event())
    assert server.secure == [True]


@pytest.mark.parametrize("at_once", [False, True])
def test_certificate_of_a_stranger_is_refused(tls, send, event, monkeypatch, at_once):
    monkeypatch.delenv("SSL_CERT_FILE")
    scheme = "smtps" if at_once else "smtp"
    with (
        mail_server.listening(tls, at_once=at_once) as server,
        pytest.raises(DeliveryError, match="found SSLCertVerificationError"),
    ):
        send(connector(server.port, scheme, login="anna:p%40ss%20word@"), event())
    assert (server.taken, server.logins) == ([], [])


def test_password_is_not_told_in_the_clear(mail, send, event):
    with pytest.raises(DeliveryError, match="Expected a mail server with TLS") as refusal:
        send(connector(mail.port, login="anna:p%40ss%20word@"), event())
    assert "p@ss" not in str(refusal.value)
    assert (mail.taken, mail.logins) == ([], [])


def test_wrong_password_is_told_without_it(tls, send, event):
    with (
        mail_server.listening(tls) as server,
        pytest.raises(DeliveryError, match="found SMTP 535") as refusal,
    ):
        send(connector(server.port, login="anna:wrong@"), event())
    assert "wrong" not in str(refusal.value)


def test_goodbye_that_fails_is_no_failure(mail, send, event, monkeypatch):
    def quit_badly(self):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", quit_badly)
    send(connector(mail.port), event())
    assert len(mail.taken) == 1
