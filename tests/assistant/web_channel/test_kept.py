import asyncio
import sqlite3
import time

import pytest
from bench import App, broken

from assistant.web_channel.inbox import Inbox, InboxError
from assistant.web_channel.kept import REMEMBERED_S, Item, Kept, KeptError, NeverTakenError


class Destination:
    """Takes what it is not told to fail at."""

    def __init__(self):
        self.taken, self.tried, self.error = [], [], {}

    async def deliver(self, item):
        self.tried.append(item.id)
        error = self.error.get(item.id, self.error.get("*"))
        if error is not None:
            raise error
        self.taken.append((item.conversation, item.id, item.body))

    @property
    def ids(self):
        return [identifier for _, identifier, _ in self.taken]


@pytest.fixture
def inbox():
    return Destination()


@pytest.fixture
def kept(tmp_path, inbox):
    return Kept(tmp_path / "kept.db", {"inbox": inbox.deliver}, again_s=0.05)


def item(identifier, conversation="web-1", **body):
    return Item("inbox", conversation, identifier, body)


async def nobody_is_told(notice):
    raise AssertionError(notice)


def keep(kept, loop, *items):
    for one in items:
        loop.run_until_complete(kept.keep(one))


def background(kept, loop, seconds=0.3):
    async def run():
        kept.start()
        await asyncio.sleep(seconds)
        await kept.stop()

    loop.run_until_complete(run())


def test_in_order_and_once(kept, inbox, loop):
    keep(kept, loop, item("a", text="Größe 😀"), item("b"), item("a", text="again"), item("c"))
    background(kept, loop)
    assert inbox.taken == [
        ("web-1", "a", {"text": "Größe 😀"}),
        ("web-1", "b", {}),
        ("web-1", "c", {}),
    ]
    keep(kept, loop, item("b"))
    background(kept, loop)
    assert inbox.ids == ["a", "b", "c"]


def test_one_that_is_not_taken_holds_back_its_own_conversation_only(kept, inbox, loop):
    inbox.error["a"] = OSError("down")
    keep(kept, loop, item("a"), item("b"), item("c", "web-2"))
    background(kept, loop)
    assert inbox.ids == ["c"]
    inbox.error.clear()
    background(kept, loop)
    assert inbox.ids == ["c", "a", "b"]


def test_one_that_is_never_taken_does_not_hold_back_anything(kept, inbox, loop, tmp_path, caplog):
    inbox.error["a"] = NeverTakenError("status 422")
    keep(kept, loop, item("a", text="secret"), item("b"))
    background(kept, loop)
    assert inbox.ids == ["b"]
    assert inbox.tried.count("a") == 1
    assert "inbox refuses message a: status 422" in caplog.text
    assert "secret" not in caplog.text
    with sqlite3.connect(tmp_path / "kept.db") as database:
        rows = dict(database.execute("SELECT id, state FROM kept"))
        bodies = dict(database.execute("SELECT id, body FROM kept"))
    assert rows == {"a": "refused", "b": "given"}
    assert bodies == {"a": '{"text": "secret"}', "b": "{}"}


def test_a_destination_that_is_down_is_not_asked_for_everybody(kept, inbox, loop):
    inbox.error["*"] = OSError("down")
    keep(kept, loop, *[item("a", f"web-{number}") for number in range(20)])
    loop.run_until_complete(kept._round())
    assert len(inbox.tried) == 3
    inbox.error.clear()
    loop.run_until_complete(kept._round())
    assert len(inbox.taken) == 20


def test_give_says_whether_anything_waits(kept, inbox, loop):
    assert loop.run_until_complete(kept.give("inbox", "web-1")) is True
    keep(kept, loop, item("a"))
    inbox.error["*"] = OSError("down")
    assert loop.run_until_complete(kept.give("inbox", "web-1")) is False
    inbox.error.clear()
    assert loop.run_until_complete(kept.give("inbox", "web-1")) is True


def test_two_who_give_at_once_give_once(kept, inbox, loop):
    keep(kept, loop, item("a"), item("b"))

    async def both():
        await asyncio.gather(kept.give("inbox", "web-1"), kept.give("inbox", "web-1"))

    loop.run_until_complete(both())
    assert inbox.ids == ["a", "b"]


def test_a_file_that_cannot_be_opened_is_named_and_forgiven(kept, inbox, loop, tmp_path, caplog):
    keep(kept, loop, item("a"))
    with broken(tmp_path / "kept.db"):
        with pytest.raises(KeptError, match=r"kept\.db: OperationalError: unable to open"):
            keep(kept, loop, item("b"))
        background(kept, loop)
    assert "what is kept waits" in caplog.text
    background(kept, loop)
    assert inbox.ids == ["a"]


def test_what_was_given_is_forgotten_after_a_while(kept, inbox, loop, tmp_path):
    keep(kept, loop, item("a"), item("b"))
    background(kept, loop)
    with sqlite3.connect(tmp_path / "kept.db") as database:
        long_ago = time.time() - REMEMBERED_S - 1
        database.execute("UPDATE kept SET at = ? WHERE id = 'a'", (long_ago,))
    background(kept, loop)
    with sqlite3.connect(tmp_path / "kept.db") as database:
        assert database.execute("SELECT id FROM kept").fetchall() == [("b",)]


@pytest.fixture
def app():
    app = App()
    yield app
    app.close()


def test_inbox_posts_with_the_token(app, loop):
    inbox = Inbox(app.url, lambda: "service", nobody_is_told)
    loop.run_until_complete(inbox.deliver(item("a", text="hi")))
    assert app.inbox == [{"text": "hi"}]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, NeverTakenError), (422, NeverTakenError), (401, InboxError), (503, InboxError)],
)
def test_inbox_tells_never_from_not_now(app, loop, status, error):
    app.inbox_status = status
    inbox = Inbox(app.url, lambda: "service", nobody_is_told)
    with pytest.raises(error, match=f"status {status}"):
        loop.run_until_complete(inbox.deliver(item("a")))
