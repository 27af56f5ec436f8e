"""Scripted conversations against a small channel that really opens tickets and cancels orders."""

import asyncio
import socket
from contextlib import closing
from datetime import UTC, datetime

import jwt
import pytest
from aiohttp import web
from socketio import AsyncServer

from amends.orders.demo import DemoShop
from amends.settings import Settings
from tickets.case import Case
from tickets.conversations import Line
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

KEY = "k" * 32


class Channel:
    """Says the turn's events as assistant/web_channel/README.md does; its bot knows a few texts."""

    def __init__(self, settings: Settings) -> None:
        self.store = TicketStore.open(settings.ticket_database_url)
        self.shop = DemoShop(settings.state_dir)
        self.server = AsyncServer(async_mode="aiohttp", cors_allowed_origins="http://shop.example")
        self.server.on("connect", self.connect)
        self.server.on("message", self.message)
        self.heard, self.sids, self.refused = [], {}, False

    async def connect(self, sid, environ, auth):
        self.sids[sid] = jwt.decode(auth["token"], KEY, ["HS256"])["sub"]
        self.server.start_background_task(self.server.emit, "session_confirm", {}, to=sid)

    async def message(self, sid, data):
        if data["text"] == "too fast" and not self.refused:
            self.refused = True
            return {"ok": False, "code": "too_many", "words": "Wait.", "retry_after_s": 0.05}
        self.heard.append(data["text"])
        self.server.start_background_task(self.turn, sid, data)
        return {"ok": True}

    async def turn(self, sid, data):
        sender, text = self.sids[sid], data["text"]
        if self.store.conversations.owner(sender).talking == "waiting":
            await self.server.emit("talking", {"who": "waiting", "name": None}, to=sid)
            if text != "lost":
                self.store.conversations.record(_line(sender, data))
            return
        state = {"typing": True, "still_looking": False}
        await self.server.emit("state", state, to=sid)
        for words, titles in self.answer(sender, data):
            buttons = [{"title": title, "payload": title} for title in titles]
            said = {"role": "bot", "text": words, "buttons": buttons}
            await self.server.emit("message", said, to=sid)
        await self.server.emit("state", {**state, "typing": False}, to=sid)

    def answer(self, sender, data):
        if data["text"] == "furious":
            ticket = self.store.escalate(_case(sender, data["id"])).ticket
            return [(f"Our team has it as {ticket.reference}.", [])]
        if data["text"].startswith("cancel "):
            self.number = data["text"].removeprefix("cancel ")
            return [("One moment.", []), (f"Cancel {self.number}?", ["Yes", "No"])]
        if data["text"] == "Yes":
            self.shop.cancel(self.number)
            return [(f"Order {self.number} is now cancelled.", [])]
        return [] if data["text"] == "ignored" else [("I see.", [])]

    async def session(self, _):
        sub = f"web-{len(self.sids)}"
        return web.json_response({"token": jwt.encode({"sub": sub}, KEY, "HS256")})

    async def start(self, port: int) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/webhooks/web/session", self.session)
        self.server.attach(app, socketio_path="webhooks/web/socket.io")
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner


def _case(sender, message_id):
    triage = Triage(decision=Decision.ESCALATE, rule="strong_negative", detail="test")
    return Case(
        conversation_id=sender, message_id=message_id, text="x", category="other", triage=triage
    )


def _line(sender, data):
    at = datetime.now(UTC)
    return Line(
        conversation_id=sender, message_id=data["id"], role="shopper", text="x", created_at=at
    )


@pytest.fixture
def speak(script, tmp_path):
    """Speak one script and give its verdict and what the channel heard."""

    def run(**fields):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            settings = Settings(state_dir=tmp_path, rasa_port=probe.getsockname()[1])
        migrate(settings.ticket_database_url)
        return asyncio.run(_spoken(script, settings, fields))

    return run


async def _spoken(script, settings, fields):
    talk = script("bench_dialogue_talk")
    orders = script("bench_dialogue_orders").Orders.of(settings)
    (folder := settings.state_dir / "said").mkdir()
    servers = script("bench_servers").Servers(settings, "http://shop.example")
    known = {"name": "one", "about": "calm", "group": "calm"}
    scripted = script("bench_dialogue_scripts").Script.model_validate(known | fields)
    row = {"id": "1", "text": "furious", "complaint": "1", "escalate": "yes"}
    channel = Channel(settings)
    with closing(channel.store):
        runner = await channel.start(settings.rasa_port)
        try:
            stage = talk.Stage(servers, orders, script("bench_dialogue_judge").Judge(), folder)
            tweets = script("bench_dialogue_tweets").Tweets([row])
            (verdict,) = await stage.speak(stage.plan([scripted], tweets))
        finally:
            await runner.cleanup()
    return verdict, channel.heard


def test_a_furious_message_is_drawn_and_its_ticket_is_seen_at_its_turn(speak):
    verdict, heard = speak(says=["hello", "{tweet: escalate=1}", "anyone?"], escalated=2)
    assert heard == ["hello", "furious", "anyone?"]
    assert (verdict.escalated, verdict.is_missed) == (2, False)
    assert verdict.silent == ()
    assert len(verdict.seconds) == 2


def test_a_transcript_leaves_other_peoples_words_out(speak, tmp_path):
    speak(says=["hello", "{tweet: escalate=1}", "anyone?"])
    said = (tmp_path / "said" / "one-1.txt").read_text()
    assert "1. shopper: hello\n   bot: I see.\n" in said
    assert "2. shopper: {tweet: escalate=1}\n   bot: Our team has it as AM-" in said
    assert "furious" not in said


def test_a_transcript_leaves_out_the_words_that_others_go_on_with(speak, tmp_path):
    speak(says=["hello"], goes_on=["{tweet: escalate=1}"])
    said = (tmp_path / "said" / "one-1.txt").read_text()
    assert "2. shopper: {tweet: escalate=1}\n   bot: Our team has it as AM-" in said
    assert "furious" not in said


@pytest.mark.parametrize(
    ("fields", "spoken", "at", "late", "missed"),
    [
        ({"says": ["furious"], "goes_on": ["again"]}, ["furious"], 1, False, False),
        (
            {"says": ["hm"], "goes_on": ["{tweet: escalate=1}", "again"]},
            ["hm", "furious"],
            2,
            True,
            False,
        ),
        (
            {"says": ["hm"], "goes_on": ["again", "and again"]},
            ["hm", "again", "and again"],
            None,
            True,
            True,
        ),
    ],
)
def test_who_is_not_content_goes_on_until_a_person_is_called(
    speak, fields, spoken, at, late, missed
):
    verdict, heard = speak(**fields, group="angry", escalated=1)
    assert heard == spoken
    assert (verdict.escalated, verdict.is_late, verdict.is_missed) == (at, late, missed)


def test_a_message_that_is_not_kept_for_the_person_is_silence(script, speak, monkeypatch):
    monkeypatch.setattr(script("bench_dialogue_talk"), "KEEP_S", 0.3)
    verdict, _ = speak(says=["furious", "lost"], escalated=1)
    assert verdict.silent == (2,)


def test_a_shopper_goes_on_until_the_shops_database_has_it(speak):
    verdict, heard = speak(
        says=["cancel {number}", {"most": 5}, "thanks"],
        order="processing",
        solved={"deed": "cancel", "by": 2},
        never=["{city}"],
    )
    assert heard[1:] == ["Yes", "thanks"]
    assert (verdict.solved, verdict.wrong, verdict.untrue) == (2, (), ())


def test_a_turn_without_words_is_silence_and_a_refused_one_is_sent_again(speak):
    verdict, heard = speak(says=["too fast", "ignored", "hello"])
    assert heard == ["too fast", "ignored", "hello"]
    assert verdict.silent == (2,)
    assert verdict.turns == 3


def test_pasted_lines_are_as_many_as_asked_for(speak):
    _, heard = speak(says=["{lines: 50}"])
    assert len(heard[0].splitlines()) == 50
    assert len(heard[0]) < Settings().max_message_chars


def test_a_placeholder_that_nobody_knows_is_an_error(script, speak):
    with pytest.raises(script("bench_servers").BenchError, match=r"found \{colour\}"):
        speak(says=["it is {colour}"])
