"""The desk reads what both sides said, with what Rasa's record holds of the scores."""

import pytest
import requests
from channel_server import break_trackers, serve
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.web_channel import trackers

SENDER = "web-" + "a" * 32
SCORES = {"valence": -0.5}


@pytest.fixture
def channel(tmp_path):
    with serve(tmp_path) as served:
        yield served


def get(channel, conversation=SENDER, token=None):
    return requests.get(
        f"{channel.url}/webhooks/web/transcript",
        params={} if conversation is None else {"conversation": conversation},
        headers={"Authorization": f"Bearer {token or channel.tokens.service()}"},
        timeout=20,
    )


def recorded(channel, sender, *events):
    domain = Domain.from_dict({"slots": {"assessment": {"type": "any", "mappings": []}}})
    tracker = DialogueStateTracker(sender, domain.slots)
    tracker.update_with_events(list(events), domain, override_timestamp=False)
    channel.run(channel.agent.tracker_store.save(tracker))


@pytest.mark.parametrize("sender", [SENDER, "anna of the command line"])
def test_both_sides_are_there_with_scores_of_the_shoppers_words(channel, sender):
    recorded(
        channel, sender,
        UserUttered("it is broken", message_id="m1", timestamp=1.0),
        SlotSet("assessment", SCORES, timestamp=1.1),
        BotUttered("sorry", {}, {"id": "b1"}, timestamp=2.0),
        UserUttered("hello?", message_id="m2", timestamp=3.0),
    )  # fmt: skip
    answer = get(channel, sender)
    assert answer.status_code == 200
    rest = {"name": None, "buttons": [], "attachment": None}
    assert answer.json() == {
        "messages": [
            {"id": "m1", "role": "shopper", "text": "it is broken", "at": 1.0, **rest,
             "assessment": SCORES},
            {"id": "b1", "role": "bot", "text": "sorry", "at": 2.0, **rest},
            {"id": "m2", "role": "shopper", "text": "hello?", "at": 3.0, **rest,
             "assessment": None},
        ]
    }  # fmt: skip


def test_the_newest_two_hundred_are_given(channel):
    events = [BotUttered(f"{n}", {}, {"id": f"b{n}"}, timestamp=n + 1.0) for n in range(250)]
    recorded(channel, SENDER, *events)
    texts = [found["text"] for found in get(channel).json()["messages"]]
    assert texts == [str(number) for number in range(50, 250)]


def test_what_is_on_the_screen_and_not_yet_in_the_record_is_there(channel, monkeypatch):
    async def not_yet(*_):
        """A push whose turn is still under way."""

    with monkeypatch.context() as patch:
        patch.setattr(trackers, "append", not_yet)
        channel.push(SENDER, "push-0001", text="Hi, I'm Mia")
    (found,) = get(channel).json()["messages"]
    assert (found["role"], found["text"]) == ("agent", "Hi, I'm Mia")


def test_without_trackers_nothing_is_made_up(channel):
    break_trackers(channel)
    answer = get(channel)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_stranger_has_no_messages(channel):
    assert get(channel, "nobody").json() == {"messages": []}


@pytest.mark.parametrize("conversation", [None, "", "x" * 256])
def test_no_conversation_is_refused(channel, conversation):
    answer = get(channel, conversation)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")


def test_only_the_app_reads_it(channel):
    for token in ("x", channel.token()):
        answer = get(channel, token=token)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
