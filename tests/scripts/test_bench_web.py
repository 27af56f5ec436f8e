"""The web benchmark: what it counts, against a small channel that answers in several ways."""

import asyncio
import socket

import jwt
import pytest
from aiohttp import web
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError

from amends.settings import Settings

KEY = "k" * 32
ANSWERS = {"hello": ["Hello there."], "twice": ["One.", "Two."]}
SORRY = "Something went wrong on our side, and I could not answer that."


@pytest.fixture
def bench(script):
    """The benchmark's modules; imported in the order in which they need one another."""
    names = ("bench_servers", "bench_shopper", "bench_rest", "bench_page", "bench_web")
    return {name: script(name) for name in names}


class Channel:
    """A web channel whose bot knows answers to some texts and is silent on the others."""

    def __init__(self, refuses: bool) -> None:
        self.origins, self.refuses = [], refuses
        self.senders, self.connections = set(), set()
        self.server = AsyncServer(async_mode="aiohttp", cors_allowed_origins="http://shop.example")
        self.server.on("connect", self.connect)
        self.server.on("message", self.message)

    async def connect(self, sid, environ, auth):
        if self.refuses:
            raise ConnectionRefusedError("too_many")
        assert jwt.decode(auth["token"], KEY, ["HS256"])["sub"] == "web-1"
        self.server.start_background_task(self.server.emit, "session_confirm", {}, to=sid)

    async def message(self, sid, data):
        if data["text"] == "refused":
            return {"ok": False, "words": "That was a lot at once."}
        self.server.start_background_task(self.answer, sid, data["text"])
        return {"ok": True}

    async def answer(self, sid, text):
        for words in ANSWERS.get(text, ()):
            await self.server.emit("message", {"role": "bot", "text": words}, to=sid)

    async def session(self, request):
        self.origins.append(request.headers.get("Origin"))
        return web.json_response({"token": jwt.encode({"sub": "web-1"}, KEY, "HS256")})

    async def rest(self, request):
        asked = await request.json()
        self.senders.add(asked["sender"])
        self.connections.add(request.transport.get_extra_info("peername"))
        return web.json_response([{"text": words} for words in ANSWERS.get(asked["message"], ())])

    async def start(self) -> int:
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", self.rest)
        app.router.add_post("/webhooks/web/session", self.session)
        self.server.attach(app, socketio_path="webhooks/web/socket.io")
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        return port


@pytest.fixture
def shopping(bench, tmp_path):
    """Run a coroutine function with a connected shopper and the servers it uses."""

    def run(does, refuses=False):
        async def whole():
            channel = Channel(refuses)
            settings = Settings(state_dir=tmp_path, rasa_port=await channel.start())
            servers = bench["bench_servers"].Servers(settings, "http://shop.example")
            try:
                async with bench["bench_shopper"].Shopper(servers) as shopper:
                    assert channel.origins == ["http://shop.example"]
                    return await does(shopper)
            finally:
                await channel.runner.cleanup()

        return asyncio.run(whole())

    return run


def test_a_shopper_gets_a_session_and_an_answer_and_the_time_it_took(shopping):
    async def chat(shopper):
        return shopper.sender, await shopper.ask("hello")

    sender, answer = shopping(chat)
    assert sender == "web-1"
    assert answer.text == "Hello there."
    assert 0 < answer.seconds < 5


def test_a_second_word_of_one_answer_is_not_counted_as_the_next_answer(shopping):
    async def chat(shopper):
        await shopper.ask("twice")
        await asyncio.sleep(0.3)
        return await shopper.ask("hello")

    assert shopping(chat).text == "Hello there."


def test_silence_is_counted_as_no_answer(shopping, bench, monkeypatch):
    monkeypatch.setattr(bench["bench_shopper"], "ANSWER_S", 0.5)
    assert shopping(lambda shopper: shopper.ask("nobody knows this")) is None


def test_a_refused_message_ends_the_benchmark_with_the_channels_words(shopping, bench):
    # script() imports the module anew for each test, so the class is this test's own.
    with pytest.raises(bench["bench_servers"].BenchError) as caught:
        shopping(lambda shopper: shopper.ask("refused"))
    assert "expected the channel to take 'refused', found: That was a lot at once." in str(
        caught.value
    )


def test_a_refused_connection_ends_the_benchmark_with_its_reason(shopping, bench):
    with pytest.raises(
        bench["bench_servers"].BenchError, match=r"expected to connect, found: .*too"
    ):
        shopping(lambda shopper: shopper.ask("hello"), refuses=True)


def test_rest_has_one_conversation_on_one_connection(bench, tmp_path):
    async def chat():
        channel = Channel(refuses=False)
        settings = Settings(state_dir=tmp_path, rasa_port=await channel.start())
        servers = bench["bench_servers"].Servers(settings, "http://shop.example")
        async with bench["bench_rest"].RestShopper(servers) as shopper:
            answers = [await shopper.ask(text) for text in ("twice", "nobody knows this")]
        await channel.runner.cleanup()
        with pytest.raises(bench["bench_servers"].BenchError, match="found: Connect"):
            await bench["bench_rest"].RestShopper(servers).__aenter__()
        return answers, channel

    (twice, silence), channel = asyncio.run(chat())
    assert twice.text == "One."
    assert silence is None
    assert (len(channel.senders), len(channel.connections)) == (1, 1)


def figures(bench, answers, pushes=(0.05,)):
    crowd = bench["bench_page"].Crowd(2, 10.0, 180.0, answers)
    return bench["bench_page"].Figures([0.040] * 3, [0.035] * 3, list(pushes), crowd)


def test_the_page_counts_silence_and_apologies_apart(bench):
    answer = bench["bench_shopper"].Answer
    apology = next(iter(bench["bench_page"].apologies()))
    answers = [answer(0.1, "Hello."), answer(0.3, apology), None, answer(0.2, "Hello.")]
    page = bench["bench_page"].page(figures(bench, answers), [])
    assert "| 4 | 3 | 1 | 200 | 290 | 300 |" in page
    assert "Web against REST in the median: +5.0 ms." in page
    assert "Measured by `make bench-web` on " in page


def test_every_apology_of_the_channel_is_known(bench):
    assert len(bench["bench_page"].apologies()) == len(bench["bench_page"].APOLOGIES)


def test_the_page_has_the_command_with_its_options(bench):
    page = bench["bench_page"].page(figures(bench, []), ["--turns", "12"])
    assert "Measured by `.venv/bin/python scripts/bench_web.py --turns 12` on " in page
    assert "| 0 | 0 | 0 | – | – | – |" in page


def test_an_amends_that_ends_at_once_is_told_with_what_it_said(bench, tmp_path, monkeypatch):
    program = tmp_path / "amends"
    program.write_text("#!/bin/sh\necho 'no such encoder'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(bench["bench_servers"], "AMENDS", program)
    with (
        pytest.raises(bench["bench_servers"].BenchError) as caught,
        bench["bench_servers"].running(),
    ):
        pytest.fail("it never was ready")
    assert "found that it ended:\nno such encoder" in str(caught.value)
