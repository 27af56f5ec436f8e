"""The channel in a real server of Rasa's, in a thread of its own."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import requests
from browser import Browser
from rasa.core.agent import Agent
from rasa.core.run import configure_app
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sanic import Sanic

from assistant.web_channel import trackers
from assistant.web_channel.blueprint import WebBlueprint
from assistant.web_channel.channel import WebChannel
from assistant.web_channel.configuration import Configuration
from assistant.web_channel.kept import Kept
from assistant.web_channel.limits import Limits
from assistant.web_channel.messages import message
from assistant.web_channel.parts import Behind
from assistant.web_channel.session_tokens import Tokens
from assistant.web_channel.talking import BOT

SESSION_KEY = "s" * 32
SHOP_KEY = "k" * 32
SHOP = "http://shop.example"


class Echo:
    """Stands in for Turns: says every text back. `gate` holds turns up, `fails` breaks them."""

    def __init__(self):
        self.said = []
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False

    async def run(self, said, screen):
        self.said.append(said)
        while not self.gate.is_set():
            await asyncio.sleep(0.01)
        if self.fails:
            raise RuntimeError("broken on purpose")
        await screen.state(typing=True, still_looking=False)
        await screen.show(message(f"bot-{said.id}"[:64], "bot", f"you said {said.text}"))


class Told:
    """Stands in for Talking: what it was told last."""

    def __init__(self):
        self.owners = {}

    async def who(self, sender):
        return self.owners.get(sender, BOT)

    def learn(self, sender, owner):
        self.owners[sender] = owner


class Processor:
    """The one thing of Rasa's processor that the channel uses."""

    tracker_store: Any = None

    async def fetch_tracker_with_initial_session(self, sender):
        return await self.tracker_store.get_or_create_tracker(sender)


@dataclass
class Served:
    """A running channel."""

    url: str
    tokens: Tokens
    turns: Any
    talking: Any
    kept: Any
    agent: Any
    loop: asyncio.AbstractEventLoop
    made: dict = field(default_factory=dict)

    def post(self, path, origin=SHOP, headers=None, **more):
        headers = {**({"Origin": origin} if origin else {}), **(headers or {})}
        return requests.post(f"{self.url}/webhooks/web/{path}", headers=headers, timeout=20, **more)

    def token(self):
        return self.post("session", json={}).json()["token"]

    def push(self, sender, identifier, kind="message", text="hello", name="Mia", token=None):
        body = {
            "conversation": sender, "id": identifier, "kind": kind, "text": text, "name": name,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {token or self.tokens.service()}"}
        return self.post("push", origin=None, headers=headers, json=body)

    def run(self, coroutine):
        """Run on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)


def break_trackers(channel):
    """From now on the tracker database answers nothing."""

    async def down(*_):
        raise OSError("the database is gone")

    trackers.guard(channel.agent)
    for question in ("retrieve", "retrieve_full_tracker", "save"):
        setattr(channel.agent.tracker_store._inner, question, down)


class Standing(WebChannel):
    """The channel with something else behind it."""

    def __init__(self, configuration, limits, behind):
        super().__init__(configuration, limits)
        self._behind = behind

    def blueprint(self, on_new_message):
        return WebBlueprint(self._configuration, self._limits, self._behind)


def configuration(folder, **changes):
    values = {
        "session_key": SESSION_KEY, "shop_key": SHOP_KEY, "origins": SHOP,
        "state_dir": folder, "actions_url": "http://127.0.0.1:9",
        "tickets_url": f"sqlite:///{folder}/tickets.db", "widget_dir": folder / "widget",
    }  # fmt: skip
    return Configuration.read({**values, **changes})


def stand_in_agent(folder):
    agent = Agent(
        domain=Domain.empty(),
        tracker_store=SQLTrackerStore(Domain.empty(), db=str(folder / "conversations.db")),
    )
    agent.processor = Processor()
    return agent


async def still_serves(channel):
    """Another shopper is answered, and soon."""
    async with Browser(channel.url, channel.token()) as tab:
        await tab.next("session_confirm")
        began = time.monotonic()
        assert (await tab.say("hello"))["ok"]
        assert (await tab.next("message"))["text"] == "you said hello"
        return time.monotonic() - began


@contextmanager
def serve(folder, *, limits=None, turns=None, agent=None, real=False, cors=None, **changes):
    """Serve the channel on a free port; `real` puts the real Turns and Talking behind it."""
    limits = limits or Limits()
    config = configuration(folder, **changes)
    turns, talking = turns or Echo(), Told()
    kept = Kept(folder / "web_kept.db", {})
    agent = agent or stand_in_agent(folder)

    def behind(*_):
        return Behind(turns, talking, kept, protect=lambda: None)

    channel = WebChannel(config, limits) if real else Standing(config, limits, behind)
    Sanic.test_mode = True
    app = configure_app([channel], cors=cors, enable_api=True)
    app.ctx.agent = agent
    with listening(app) as (url, loop):
        tokens = Tokens(config.session_key, config.shop_key)
        yield Served(url, tokens, turns, talking, kept, agent, loop)


@contextmanager
def listening(app):
    loop = asyncio.new_event_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started, stopping = threading.Event(), SimpleNamespace(event=None)

        async def main():
            stopping.event = asyncio.Event()
            server = await app.create_server(sock=listener, return_asyncio_server=True)
            await server.startup()
            await server.before_start()
            await server.start_serving()
            await server.after_start()
            started.set()
            await stopping.event.wait()
            await server.before_stop()
            await server.close()
            for connection in server.connections:
                connection.close_if_idle()
            await asyncio.sleep(0.05)
            await server.after_stop()

        thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
        thread.start()
        assert started.wait(20), "the server did not start"
        yield address, loop
        loop.call_soon_threadsafe(stopping.event.set)
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
