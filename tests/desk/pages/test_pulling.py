"""The chat assistant's side of a conversation comes onto the page while it is open."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from amends.service_tokens import check_service_token
from amends.settings import get_settings

KEY = "k" * 40
SAID = [
    {"id": "m1", "role": "shopper", "text": "Where <is> it? jo@example.com", "at": 1_700_000_000.5},
    {"id": "r1", "role": "bot", "text": "I am sorry.", "at": 1_700_000_001.0},
]


class Chat:
    """Answers as the web channel does, while it is up."""

    def __init__(self):
        self.asked, self.is_up = [], True


@contextmanager
def serving(chat):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            check_service_token(self.headers["authorization"], KEY)
            chat.asked.append(self.path)
            content = json.dumps({"messages": SAID}).encode()
            self.send_response(200 if chat.is_up else 503)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def chat(monkeypatch):
    one = Chat()
    with serving(one) as port:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", KEY)
        get_settings.cache_clear()
        yield one


def test_what_the_assistant_said_is_on_the_page_once_and_masked(chat, ada, opened):
    reference = opened()
    for _ in range(2):
        answer = ada.do(f"/tickets/{reference}/pull")
        assert (answer.status_code, answer.text) == (200, "")
    page = ada.page(f"/tickets/{reference}/live")
    assert page.count("I am sorry.") == 1
    assert "Where &lt;is&gt; it?" in page
    assert "jo@example.com" not in page


def test_while_a_person_talks_it_is_asked_for_at_the_opening_alone(chat, ada, store, opened):
    reference = opened()
    store.takeover.claim(reference, "Ada", "ada")
    ada.do(f"/tickets/{reference}/pull")
    assert chat.asked == []
    ada.do(f"/tickets/{reference}/pull?opened=true")
    assert len(chat.asked) == 1


def test_a_chat_that_is_down_is_said_and_takes_nothing_away(chat, ada, opened):
    reference = opened(text="You lost it")
    chat.is_up = False
    answer = ada.do(f"/tickets/{reference}/pull")
    assert answer.status_code == 200
    assert answer.text == "The chat cannot be read right now; what is stored is shown."
    assert "You lost it" in ada.page(f"/tickets/{reference}")


def test_a_ticket_that_is_gone_asks_nobody(chat, ada):
    assert ada.do("/tickets/AM-CDFGHJ/pull").text == ""
    assert chat.asked == []
