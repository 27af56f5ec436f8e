"""Real services in the test's own folder; only the model is a stand-in that is told what to say."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from amends.settings import get_settings
from nlu.assessment import Assessment, Intensity, Polarity
from nlu.batching import BatchingAssessor
from tickets.store import TicketStore, migrate

CACHED = (
    services.assessor,
    services.reader,
    services.categories,
    services.languages,
    services.ticket_store,
    services.replies,
    services.policies,
    services.shop,
    services.attempts,
)


def make_assessment(text, **changes):
    values = {
        "text": text,
        "polarity": Polarity.NEGATIVE,
        "polarity_probs": {Polarity.NEGATIVE: 0.9, Polarity.NEUTRAL: 0.1, Polarity.POSITIVE: 0.0},
        "valence": -0.7,
        "intensity": Intensity.STRONG,
        "complaint": 0.95,
        "subjectivity": 0.9,
        "severity": 0.8,
        "severity_threshold": 0.4,
        "category": "delivery",
        "similarity": 0.5,
        "runners_up": [],
        "model": "test-1",
    }
    return Assessment(**{**values, **changes})


class Model:
    """Assesses as the test says, masked as the real one; raises what the test gives it."""

    def __init__(self):
        self.changes = {}
        self.error = None
        self.delay_s = 0.0

    def assess(self, texts):
        import time

        time.sleep(self.delay_s)
        if self.error:
            raise self.error
        read = services.reader().read
        return [make_assessment(read(text), **self.changes) for text in texts]


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Time enough on a busy machine; a test of the deadline sets its own."""
    monkeypatch.setenv("AMENDS_ACTION_DEADLINE_S", "20")
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def fresh_services(patience):
    for cached in CACHED:
        cached.cache_clear()
    yield
    for cached in CACHED:
        cached.cache_clear()


@pytest.fixture
def model(monkeypatch):
    stand_in = Model()
    queue = BatchingAssessor(lambda: stand_in)
    monkeypatch.setattr(services, "assessor", lambda: queue)
    return stand_in


@pytest.fixture
def store():
    url = get_settings().ticket_database_url
    migrate(url)
    opened = TicketStore.open(url)
    yield opened
    opened.close()


@pytest.fixture
def run():
    """Runs actions one after the other on one tracker, as Rasa does; returns the words said."""

    def _run(actions, text, *, intent="complaint", message_id="m1", slots=None, name=None):
        tracker = Tracker(
            "anna",
            dict(slots or {}),
            {
                "text": text,
                "intent": {"name": intent},
                "message_id": message_id,
                "metadata": {"name": name},
            },
            [],
            False,
            None,
            {},
            "action_listen",
        )
        dispatcher = CollectingDispatcher()
        for action in actions:
            for event in asyncio.run(action.run(dispatcher, tracker, {})):
                tracker.slots[event["name"]] = event["value"]
        return [message["text"] for message in dispatcher.messages], tracker

    return _run
