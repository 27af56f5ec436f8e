"""A real demo shop in the test's folder, and conversations with the engine on it."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from form_chat import Chat

from actions.forms.engine import Turn
from actions.forms.hearing import hear
from actions.forms.phrases import phrases
from actions.forms.real_world import act
from actions.forms.state import Access, Task
from amends.orders.demo import FILE, DemoShop
from amends.settings import ROOT
from templates import Replies, Situation

ENGLISH = phrases(ROOT / "templates", "en")


class DemoWorld:
    """The real demo shop; the team, the policies and the clock are the test's."""

    def __init__(self, shop):
        self.shop = shop
        self.phrases = ENGLISH
        self.now = datetime.now(UTC)
        self.locked = False
        self.tickets = []
        self.wrong = []
        self.calls = []
        self.answer = None
        self.committed = True

    async def find(self, number, email):
        self.calls.append(("find", number, email))
        return self.shop.find(number, email)

    async def act(self, task):
        self.calls.append(("act", task.form))
        return act(self.shop, task)

    async def is_locked(self, number):
        return self.locked

    async def note_wrong(self, number):
        self.wrong.append(number)

    async def hand_over(self, rule, detail, category):
        self.tickets.append((rule, detail, category))
        return {"reference": "AM-7K2P9Q", "expectation": ""} if self.committed else None

    async def policy(self):
        return self.answer


class Talk:
    """A conversation with the engine, turn by turn."""

    def __init__(self, shop, replies):
        self.world = DemoWorld(shop)
        self.replies = replies
        self.task = Task()
        self.access = Access()
        self.turn = None

    def says(self, text, intent=None, confidence=0.9, begin=None, **feels):
        """One message; gives the kinds that were said in return."""
        heard = hear(text, text, ENGLISH, intent, confidence if intent else 0.0, **feels)
        turn = Turn(self.task, self.access, heard, self.world)
        asyncio.run(turn.begin(begin) if begin else turn.go_on())
        # As it comes back from Rasa: plain JSON.
        self.task = Task.model_validate_json(turn.task.model_dump_json())
        self.access = Access.model_validate_json(turn.access.model_dump_json())
        self.turn = turn
        for saying in turn.says:
            self._reads_well(saying)
        return [saying.kind or saying.text for saying in turn.says]

    def _reads_well(self, saying):
        """Every wording that could be drawn has its facts and no hole where one is missing."""
        if saying.kind is None:
            return
        situation = Situation(kind=saying.kind, language="en", facts=saying.facts)
        for reply in self.replies.all(situation):
            assert not re.search(r" [,.;?]|\(\)|: ?[.?]|None", reply.text), reply

    def facts(self, kind):
        return next(saying.facts for saying in self.turn.says if saying.kind == kind)

    def later(self, **time):
        self.world.now += timedelta(**time)

    @property
    def deeds(self):
        return [call[1] for call in self.world.calls if call[0] == "act"]


@pytest.fixture
def shop(tmp_path):
    demo = DemoShop(tmp_path / "shop", timeout_s=0.2)
    demo.path = tmp_path / "shop" / FILE
    return demo


@pytest.fixture(scope="session")
def replies():
    return Replies(ROOT / "templates")


@pytest.fixture
def make_talk(shop, replies):
    return lambda: Talk(shop, replies)


@pytest.fixture
def talk(make_talk):
    return make_talk()


@pytest.fixture
def chat(store):
    return Chat()
