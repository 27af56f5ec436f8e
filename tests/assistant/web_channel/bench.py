"""A turn with real servers and databases around it, which tests break."""

import asyncio
import json
import shutil
import sqlite3
import time
import uuid
from contextlib import contextmanager

from faults import Faults
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.utils.endpoints import EndpointConfig

from assistant.web_channel import trackers
from assistant.web_channel.actions_endpoint import ResilientEndpoint
from assistant.web_channel.inbox import Inbox
from assistant.web_channel.kept import Kept
from assistant.web_channel.said import Said
from assistant.web_channel.talking import Talking
from assistant.web_channel.turn import Turns
from assistant.web_channel.watchdog import Times
from assistant.web_channel.words import Words

WORDS = Words.load()
# A tenth of the real ones, in the same order.
TIMES = Times(still_looking_s=0.3, apology_s=1.2)
ENDPOINT_S = 0.8
ALL_DAY_S = 600.0
SLACK_S = 1.0
"""What a test forgives a machine that others work on too."""
HELLO, HELLO_ANSWERED = "hey, good evening", "action_answer_intent"
RUDE, RUDE_ANSWERED = "one of your agents was downright nasty to me", "action_answer_complaint"
CONVERSATIONS = """
CREATE TABLE conversations (
  conversation_id TEXT PRIMARY KEY, talking TEXT NOT NULL, agent TEXT, updated_at TEXT
)
"""


def said(text, sender="web-1", message_id=None, language="en", name=None):
    return Said(
        message_id or uuid.uuid4().hex, sender, text, None, language, name, time.monotonic()
    )


class App(Faults):
    """The app's server: its actions, and an inbox that may be down."""

    def __init__(self):
        super().__init__()
        self.inbox, self.posts, self.inbox_status = [], 0, 200
        self.notice = None

    def healthy(self, request, body):
        if request.path != "/inbox":
            return super().healthy(request, body)
        self.posts += 1
        if self.inbox_status == 200:
            assert request.headers["Authorization"] == "Bearer service"
            self.inbox.append(json.loads(body))
        told = {} if self.notice is None else {"notice": self.notice}
        return self.inbox_status, "application/json", json.dumps(told).encode()


class Recorder:
    """A screen that remembers what was on it, and when."""

    def __init__(self):
        self.began = time.monotonic()
        self.messages, self.states, self.talks = [], [], []

    async def show(self, message):
        self.messages.append({**message, "after": time.monotonic() - self.began})

    async def state(self, *, typing, still_looking):
        after = time.monotonic() - self.began
        self.states.append({"typing": typing, "still_looking": still_looking, "after": after})

    async def talking(self, who, name):
        self.talks.append((who, name))

    @property
    def texts(self):
        return [message["text"] for message in self.messages]


class Bench:
    """Rasa's real agent and everything that a turn needs, in one folder."""

    def __init__(self, agent, folder, loop, store=None):
        self.agent, self.folder, self.loop = agent, folder, loop
        # The agent is everybody's in these tests: it is given back as it was.
        self.before = (agent.tracker_store, agent.lock_store, agent.action_endpoint)
        self.app = App()
        self.tracker_file = folder / "conversations.db"
        self.tickets_file = folder / "tickets.db"
        with self.tickets() as database:
            database.execute(CONVERSATIONS)
        self.start_rasa(store or SQLTrackerStore(agent.domain, db=str(self.tracker_file)))
        self.start()

    def start_rasa(self, store, turn_s=ENDPOINT_S, circuit=None):
        """Rasa as it is after a start, but for an endpoint that has less time."""
        store.domain = self.agent.domain
        config = EndpointConfig(f"{self.app.url}/webhook")
        endpoint = ResilientEndpoint(config, WORDS, turn_s, circuit)
        self.put(FailSafeTrackerStore(store), InMemoryLockStore(), endpoint)

    def put(self, tracker_store, lock_store, action_endpoint):
        for part in (self.agent, self.agent.processor):
            part.tracker_store = tracker_store
            part.lock_store = lock_store
            part.action_endpoint = action_endpoint

    def start(self, times=TIMES):
        """The channel's side as it is after a start."""
        self.told = []
        inbox = Inbox(self.app.url, lambda: "service", self.tell)
        deliver = {"inbox": inbox.deliver, "tracker": trackers.delivery(lambda: self.agent)}
        self.kept = Kept(self.folder / "kept.db", deliver, again_s=0.05)
        url = f"sqlite:///{self.tickets_file}"
        self.talking = Talking(url, self.is_paused)
        self.turns = Turns(lambda: self.agent, self.talking, self.kept, WORDS, times)

    async def tell(self, push):
        self.told.append(push)

    async def is_paused(self, sender):
        return await trackers.is_paused(self.agent, sender)

    def close(self):
        self.app.close()
        self.put(*self.before)

    def wait(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def say(self, text, **more):
        """One turn; gives the screen after it."""
        return self.run(said(text, **more))

    def run(self, message):
        screen = Recorder()
        self.wait(self.turns.run(message, screen))
        return screen

    def events(self, sender="web-1"):
        return self.wait(trackers.events_of(self.agent, sender))

    def kinds(self, sender="web-1"):
        """(who, text) of what was said, as the tracker has it."""
        names = {"user": "user", "bot": "bot"}
        return [
            (names[event.type_name], event.text)
            for event in self.events(sender)
            if event.type_name in names
        ]

    def deliver_until(self, met, seconds=5.0):
        """Let the background deliver until the condition is met."""

        async def start():
            self.kept.start()

        self.wait(start())
        deadline = time.monotonic() + seconds
        while not met() and time.monotonic() < deadline:
            self.wait(asyncio.sleep(0.02))
        self.wait(asyncio.sleep(0.2))  # Time for a second delivery, which must not come.
        self.wait(self.kept.stop())
        assert met()

    @contextmanager
    def tickets(self):
        database = sqlite3.connect(self.tickets_file)
        with database:
            yield database
        database.close()

    def claim(self, name="Mia", sender="web-1"):
        self.talks(sender, "agent", name)

    def wait_for_a_person(self, sender="web-1"):
        self.talks(sender, "waiting")

    def hand_back(self, sender="web-1"):
        self.talks(sender, "bot")

    def talks(self, sender, who, name=None):
        with self.tickets() as database:
            row = (sender, who, name, "")
            database.execute("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?)", row)


@contextmanager
def broken(file):
    """A SQLite file that cannot be opened: a folder is in its place."""
    aside = file.with_name(file.name + ".aside")
    file.rename(aside)
    file.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(file)
        aside.rename(file)
