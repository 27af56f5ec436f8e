"""What the web channel asks of the action server, over real sockets."""

import io
import json
import os
import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import jwt
import psutil
import pytest
import web_server
from PIL import Image
from web_server import CAP_BYTES, KEY

from tickets.case import Case
from tickets.files import BAD_TYPE, LIES, TOO_LARGE
from tickets.triage import Decision, Triage

PATHS = ("/inbox", "/attachments", "/ratings")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with web_server.running(tmp_path_factory.mktemp("actions")) as running:
        running.warm_up()
        yield running


@pytest.fixture
def chat(request):
    """A conversation of the test's own, for all share one server."""
    return f"web-{abs(hash(request.node.nodeid)):032x}"[:36]


def picture(kind="PNG", size=(40, 30)):
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind)
    return written.getvalue()


def said(chat, **changes):
    body = {
        "conversation": chat,
        "id": "0b6f2c1e-1111-4222-8333-444455556666",
        "role": "shopper",
        "name": None,
        "text": "Hello?",
        "attachment": None,
        "at": 1_780_000_000.25,
    }
    return {**body, **changes}


def lines(server, chat):
    with closing(server.store()) as store:
        return store.conversations.lines(chat)


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "words"}
    assert body["words"]
    return response.status_code, body["code"]


def test_message_is_stored_once_with_personal_data_masked(server, chat):
    body = said(chat, name="Zo\u00eb", text="mail anna@example.com or +1 415 555 0132\0 \ud83d now")
    assert server.post("/inbox", json=None, content=json.dumps(body)).json() == {"new": True}
    again = server.post("/inbox", json={**said(chat), "text": "other"})
    assert (again.status_code, again.json()) == (200, {"new": False})
    (line,) = lines(server, chat)
    assert line.text == "mail [email] or [phone] now"
    assert (line.role, line.name, line.message_id) == ("shopper", "Zo\u00eb", body["id"])
    assert line.created_at.timestamp() == pytest.approx(1_780_000_000.25)
    stored = (server.state / "tickets.db").read_bytes()
    stored += (server.state / "tickets.db-wal").read_bytes()
    assert b"anna@example.com" not in stored


def test_same_message_from_two_at_once_is_stored_once(server, chat):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: server.post("/inbox", json=said(chat)).json(), range(6)))
    assert answers.count({"new": True}) == 1
    assert len(lines(server, chat)) == 1


def test_message_names_its_attachment(server, chat):
    file = server.send_file(picture(), chat=chat).json()
    for number, attachment in enumerate((file["id"], file, {"id": "of another"}, {}, None)):
        server.post("/inbox", json=said(chat, id=f"message-{number}", attachment=attachment))
    assert [line.attachment_id for line in lines(server, chat)] == [file["id"], file["id"]] + [
        None
    ] * 3


def test_endless_text_is_cut(server, chat):
    assert server.post("/inbox", json=said(chat, text="long " * 100_000)).status_code == 200
    (line,) = lines(server, chat)
    assert len(line.text) <= 4000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"conversation": ""}, "conversation"),
        ({"conversation": "x" * 256}, "conversation"),
        ({"id": None}, "id"),
        ({"id": ["a"]}, "id"),
        ({"role": "agent"}, "role"),
        ({"text": 3}, "text"),
        ({"attachment": 3}, "attachment"),
        ({"at": "soon"}, "at"),
        ({"at": -1}, "at"),
        ({"at": 1e300}, "at"),
    ],
)
def test_message_outside_the_protocol_is_refused_and_the_field_is_named(
    server, chat, changes, field
):
    response = server.post("/inbox", json=said(chat, text="my secret words", **changes)
                           if "text" not in changes else said(chat, **changes))  # fmt: skip
    assert refusal(response) == (400, "bad_message")
    assert response.json()["words"].endswith(f"found a problem with: {field}.")
    assert "secret" not in response.text
    assert lines(server, chat) == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"3", b"\xff\xfe", b'{"at": NaN}', b"[" * 5000]
)
@pytest.mark.parametrize("path", ["/inbox", "/ratings"])
def test_what_is_no_json_object_is_refused(server, path, content):
    assert refusal(server.post(path, content=content)) == (400, "bad_message")


def token(**changes):
    now = int(time.time())
    claims = {"aud": "amends-service", "sub": "amends", "iat": now, "exp": now + 60, **changes}
    return {name: value for name, value in claims.items() if value is not None}


def unsigned():
    return jwt.encode(token(), None, algorithm="none")


FORGED = {
    "none": lambda: "",
    "no scheme": lambda: jwt.encode(token(), KEY),
    "not a token": lambda: "Bearer nonsense",
    "unsigned": lambda: f"Bearer {unsigned()}",
    "another key": lambda: f"Bearer {jwt.encode(token(), 'x' * 40)}",
    "for chat": lambda: f"Bearer {jwt.encode(token(aud='amends-chat'), KEY)}",
    "a shopper's": lambda: f"Bearer {jwt.encode(token(sub='web-1'), KEY)}",
    "for ever": lambda: f"Bearer {jwt.encode(token(exp=None), KEY)}",
    "no audience": lambda: f"Bearer {jwt.encode(token(aud=None), KEY)}",
    "of tomorrow": lambda: f"Bearer {jwt.encode(token(iat=int(time.time()) + 9999), KEY)}",
    "HS512": lambda: f"Bearer {jwt.encode(token(), KEY * 2, algorithm='HS512')}",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("forged", FORGED)
def test_who_is_not_the_channel_is_refused(server, chat, path, forged):
    headers = {"Authorization": FORGED[forged](), "X-Conversation": chat, "X-Filename": "a.png"}
    body = picture() if path == "/attachments" else json.dumps(said(chat, score=3)).encode()
    response = server.post(path, content=body, headers=headers)
    assert refusal(response) == (401, "bad_token")
    with closing(server.store()) as store:
        assert store.conversations.lines(chat) == ()
        assert store.attachments.of(chat) == ()


def test_token_of_the_protocol_needs_no_more_than_the_protocol_says(server, chat):
    """The channel's own tokens say nothing of when they were made."""
    headers = {"Authorization": f"Bearer {jwt.encode(token(iat=None), KEY)}"}
    assert server.post("/inbox", json=said(chat), headers=headers).status_code == 200


def test_expired_token_has_a_code_of_its_own(server):
    past = int(time.time()) - 100
    headers = {"Authorization": f"Bearer {jwt.encode(token(iat=past, exp=past + 60), KEY)}"}
    assert refusal(server.post("/inbox", json={}, headers=headers)) == (401, "expired_token")


def test_file_is_checked_and_stored(server, chat):
    response = server.send_file(picture("JPEG"), "Foto%20f%C3%BCr%20anna%40example.com.jpg", chat)
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"id", "name", "media_type", "size"}
    assert (body["name"], body["media_type"]) == ("Foto f\u00fcr [email].jpg", "image/jpeg")
    with closing(server.store()) as store:
        stored, content = store.attachments.read(body["id"])
    assert (stored.conversation_id, len(content)) == (chat, body["size"])
    assert Image.open(io.BytesIO(content)).size == (40, 30)


def test_file_that_is_sent_again_is_the_same_one(server, chat):
    assert (
        server.send_file(picture(), chat=chat).json()
        == server.send_file(picture(), chat=chat).json()
    )


@pytest.mark.parametrize(
    ("content", "name", "expected", "words"),
    [
        (b"<html>", "photo.png", (415, "bad_type"), BAD_TYPE),
        (b"", "photo.png", (415, "bad_type"), BAD_TYPE),
        (picture("PNG"), "photo.jpg", (415, "bad_type"), LIES),
        (picture("PNG", (9000, 9000)), "photo.png", (413, "too_big"), TOO_LARGE),
        (b"x" * (CAP_BYTES + 1), "photo.png", (413, "too_big"), "larger than 1 MB"),
    ],
)
def test_file_that_is_not_taken_is_refused_in_words(server, chat, content, name, expected, words):
    response = server.send_file(content, name, chat)
    assert refusal(response) == expected
    assert words in response.json()["words"]
    with closing(server.store()) as store:
        assert store.attachments.of(chat) == ()


def memory(server):
    """Bytes of the server and its workers."""
    main = psutil.Process(server.pid)
    return sum(one.memory_info().rss for one in [main, *main.children(recursive=True)])


def test_file_without_a_length_is_capped_while_it_is_read(server, chat):
    """What comes after the cap is thrown away as it comes."""
    server.send_file(picture(), chat=chat)
    before = memory(server)
    headers = {"X-Conversation": chat, "X-Filename": "photo.png"}
    pieces = (b"x" * CAP_BYTES for _ in range(80))
    response = server.post("/attachments", content=pieces, headers=headers)
    assert refusal(response) == (413, "too_big")
    assert memory(server) - before < 40 * CAP_BYTES
    assert server.send_file(picture(), chat=chat).status_code == 200


@pytest.mark.parametrize("conversation", [None, "", "x" * 256])
def test_file_of_no_conversation_is_refused(server, conversation):
    headers = {"X-Filename": "photo.png"}
    if conversation is not None:
        headers["X-Conversation"] = conversation
    response = server.post("/attachments", content=picture(), headers=headers)
    assert refusal(response) == (400, "bad_message")


@pytest.mark.parametrize("name", ["%FF%FE.png", "%00", "..%2F..%2Fetc%2Fpasswd", "a" * 3000, "%"])
def test_any_name_is_made_safe(server, chat, name):
    body = server.send_file(picture(), name, chat).json()
    assert body["name"].endswith(".png")
    assert not set("/\\\0") & set(body["name"])


def test_conversation_with_its_share_of_files_is_told(server, chat):
    answers = [server.send_file(picture(size=(n + 1, 1)), chat=chat) for n in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert refusal(answers[-1]) == (429, "too_many")


def resolved(server, chat):
    case = Case(
        conversation_id=chat,
        message_id="m1",
        text="Where is it?",
        category="delivery",
        triage=Triage(decision=Decision.ESCALATE, rule="person", detail="asked"),
    )
    with closing(server.store()) as store:
        reference = store.escalate(case).ticket.reference
        store.takeover.resolve(reference)
    return reference


def test_rating_is_stored_once(server, chat):
    reference = resolved(server, chat)
    body = {"conversation": chat, "id": reference, "score": 2}
    assert server.post("/ratings", json=body).json() == {"new": True}
    assert server.post("/ratings", json={**body, "score": 5}).json() == {"new": False}
    with closing(server.store()) as store:
        assert store.ratings.of(reference).score == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 0}, {"score": 6}, {"score": 2.5}, {"score": None}, {"score": "many"},
        {"id": "AM-CCCCCC"}, {"conversation": "web-other"},
    ],
)  # fmt: skip
def test_rating_that_cannot_be_is_refused(server, chat, changes):
    reference = resolved(server, chat)
    body = {"conversation": chat, "id": reference, "score": 3, **changes}
    assert refusal(server.post("/ratings", json=body)) == (400, "bad_message")
    with closing(server.store()) as store:
        assert store.ratings.of(reference) is None


def test_database_that_is_locked_is_told_and_nothing_of_the_message_leaks(server, chat):
    with closing(sqlite3.connect(server.state / "tickets.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        response = server.post("/inbox", json=said(chat, text="my secret words"))
    assert refusal(response) == (503, "unavailable")
    log = server.log.read_text()
    assert "database is locked" in log
    assert "secret" not in response.text + log
    assert server.post("/inbox", json=said(chat)).json() == {"new": True}


def test_connection_that_breaks_off_in_a_file_leaves_nothing(server, chat):
    head = (
        f"POST /attachments HTTP/1.1\r\nHost: x\r\nX-Conversation: {chat}\r\n"
        f"Authorization: Bearer {jwt.encode(token(), KEY)}\r\nContent-Length: 5000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(head.encode() + picture())
    assert server.send_file(picture(), chat=f"{chat}-other").status_code == 200
    with closing(server.store()) as store:
        assert store.attachments.of(chat) == ()


def test_large_pictures_keep_nobody_else_waiting(server, chat):
    """Decoding takes a thread of its own: messages go on being stored."""
    large = picture("PNG", (5000, 5000))
    with ThreadPoolExecutor(4) as pool:
        files = [pool.submit(server.send_file, large, "photo.png", f"{chat}{n}") for n in range(3)]
        waits = []
        while not all(file.done() for file in files):
            began = time.monotonic()
            server.post("/inbox", json=said(chat, id=f"message-{len(waits)}"))
            waits.append(time.monotonic() - began)
    assert [file.result().status_code for file in files] == [200] * 3
    assert sorted(waits)[len(waits) // 2] < 0.5


def test_actions_and_readiness_are_still_there(server):
    names = {action["name"] for action in httpx.get(f"{server.url}/actions").json()}
    assert "action_escalate" in names
    assert httpx.get(f"{server.url}/inbox").status_code in (405, 500)


def test_without_a_key_nobody_is_let_in(tmp_path):
    with web_server.running(tmp_path, AMENDS_SESSION_KEY="") as server:
        assert refusal(server.post("/inbox", json=said("web-1"))) == (503, "unavailable")
        assert "Expected AMENDS_SESSION_KEY" in server.log.read_text()


def test_message_that_was_answered_with_200_survives_a_kill(tmp_path):
    with web_server.running(tmp_path) as server:
        assert server.post("/inbox", json=said("web-1")).status_code == 200
        os.killpg(server.pid, signal.SIGKILL)
        time.sleep(0.5)
        assert len(lines(server, "web-1")) == 1
