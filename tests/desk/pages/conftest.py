"""Tickets to look at, agents who look, and a chat that listens."""

import sys
from itertools import count

import pytest

from amends.settings import ROOT, get_settings
from tickets.case import Case
from tickets.triage import Decision, Triage

sys.path.append(str(ROOT / "tests" / "amends"))  # tickets_channel.py

TEXT = "You lost my parcel AGAIN, useless"


def scores(text=TEXT, words=("lost", "useless"), **changes):
    """An assessment as it is stored."""
    found = [(text.index(word), word) for word in words]
    evidence = [
        {"text": word, "start": at, "end": at + len(word), "polarity": 1.0 + at, "intensity": 0.5}
        for at, word in sorted(found)
    ]
    return {
        "text": text,
        "polarity": "negative",
        "polarity_probs": {"negative": 0.9, "neutral": 0.06, "positive": 0.04},
        "valence": -0.8,
        "intensity": "strong",
        "complaint": 0.93,
        "subjectivity": 0.7,
        "severity": 0.78,
        "severity_threshold": 0.44,
        "category": "delivery",
        "similarity": 0.61,
        "runners_up": [{"category": "customer_service", "similarity": 0.48}],
        "model": "default 1",
        "evidence": {"words": evidence, "capitals": True},
        **changes,
    }


@pytest.fixture(name="scores")
def scores_fixture():
    return scores


@pytest.fixture(autouse=True)
def _no_chat(monkeypatch):
    """Keeps pushes away from an assistant that a developer runs."""
    monkeypatch.setenv("AMENDS_RASA_PORT", "2")


@pytest.fixture
def channel(monkeypatch):
    """A chat that takes pushes; request it before the desk."""
    import tickets_channel

    with tickets_channel.listening() as listening:
        monkeypatch.setenv("AMENDS_RASA_PORT", str(listening.port))
        monkeypatch.setenv("AMENDS_SESSION_KEY", tickets_channel.KEY)
        get_settings.cache_clear()
        yield listening


@pytest.fixture
def store(desk):
    return desk.app.state.desk.store


@pytest.fixture
def opened(store):
    """Opens a ticket; every argument left out is the same each time."""
    numbers = count(1)

    def make(conversation="web-1", text=TEXT, category="delivery", rule="strong_negative", **more):
        case = Case(
            conversation_id=conversation,
            message_id=more.get("message", f"m-{next(numbers)}"),
            text=text,
            category=category,
            triage=Triage(
                decision=Decision.ESCALATE,
                rule=rule,
                detail=more.get("detail", "severity 0.78 >= 0.44"),
            ),
            assessment=more.get("assessment"),
        )
        return store.escalate(case).ticket.reference

    return make


class Hand:
    """An agent's browser with htmx in it."""

    def __init__(self, browser):
        self.browser = browser

    def page(self, path="/", **query):
        answer = self.browser.get(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.text

    def do(self, path, **fields):
        headers = {"X-CSRF-Token": self.browser.token(), "HX-Request": "true"}
        return self.browser.post(path, data=fields, headers=headers)


@pytest.fixture
def hand(open_browser):
    """Signs an agent in."""
    return lambda login: Hand(open_browser(login))


@pytest.fixture
def ada(hand):
    return hand("ada")


@pytest.fixture
def ben(hand):
    return hand("ben")
