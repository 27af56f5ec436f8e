"""The conversation as it is replayed."""

from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from assistant.web_channel.history import NEWEST, assessments, merged, messages, open_rating
from assistant.web_channel.messages import message


def test_all_sessions_are_read_and_nothing_but_messages():
    photo = {"id": "f1", "name": "cup.jpg", "media_type": "image/jpeg"}
    buttons = [{"title": "Yes", "payload": "yes"}]
    events = [
        ActionExecuted("action_session_start"),
        SessionStarted(timestamp=1.0),
        UserUttered("hi", message_id="m1", timestamp=2.0),
        SlotSet("triage", {}),
        BotUttered("hello", {"buttons": buttons}, {"id": "b1"}, timestamp=3.0),
        SessionStarted(timestamp=4.0),
        UserUttered("", message_id="m2", metadata={"attachment": photo}, timestamp=5.0),
        ConversationPaused(),
        BotUttered("I'm Mia", {}, {"id": "a1", "role": "agent", "name": "Mia"}, timestamp=6.0),
        BotUttered("Mia joined", {}, {"id": "n1", "role": "notice"}, timestamp=7.0),
    ]
    assert messages(events) == [
        message("m1", "shopper", "hi", at=2.0),
        message("b1", "bot", "hello", buttons=buttons, at=3.0),
        message("m2", "shopper", "", attachment=photo, at=5.0),
        message("a1", "agent", "I'm Mia", name="Mia", at=6.0),
        message("n1", "notice", "Mia joined", at=7.0),
    ]


def test_what_nobody_said_is_left_out():
    events = [
        UserUttered(None, message_id="m1"),
        UserUttered("EXTERNAL: parcel_late", metadata={"is_external": True}),
        BotUttered(None, {}, {"rated": "r1"}),
        BotUttered(None, {"custom": {"a": 1}}),
    ]
    assert messages(events) == []


def test_a_message_without_an_id_has_the_same_one_at_every_reload():
    event = BotUttered("hello", timestamp=1.5)
    assert messages([event])[0]["id"] == messages([event])[0]["id"] == "bot-1.500000"


def test_what_is_stored_and_what_was_shown_are_merged_once_in_order():
    stored = [message("a", "shopper", "one", at=1.0), message("b", "bot", "two", at=2.0)]
    shown = [message("b", "bot", "two", at=2.1), message("c", "shopper", "three", at=1.5)]
    assert [found["id"] for found in merged(stored, shown)] == ["a", "c", "b"]


def test_the_newest_hundred_are_kept():
    stored = [message(f"m{number}", "bot", "x", at=float(number)) for number in range(250)]
    found = merged(stored, [])
    assert len(found) == NEWEST == 100
    assert found[-1]["id"] == "m249"


def test_a_rating_is_open_until_it_is_given():
    asked = BotUttered("how was it?", {}, {"id": "r1", "rating": "r1"})
    again = BotUttered("and now?", {}, {"id": "r2", "rating": "r2"})
    given = BotUttered(None, {}, {"rated": "r1"})
    assert open_rating([]) is None
    assert open_rating([asked, UserUttered("wait")]) == "r1"
    assert open_rating([asked, given]) is None
    assert open_rating([asked, given, again]) == "r2"
    assert open_rating([asked, again, given]) == "r2"


def test_what_was_kept_stands_where_it_was_said():
    kept = UserUttered("first", metadata={"id": "m1", "at": 2.0}, timestamp=9.0)
    assert messages([kept]) == [message("m1", "shopper", "first", at=2.0)]


def test_scores_are_those_that_follow_a_message_in_its_session():
    events = [
        UserUttered("one", message_id="m1"),
        SlotSet("triage", {}),
        SlotSet("assessment", {"valence": -1.0}),
        SlotSet("assessment", {"valence": 1.0}),
        UserUttered("to a person", message_id="m2", metadata={"id": "m2"}),
        ActionExecuted("action_session_start"),
        SessionStarted(),
        # What the slot held before the session began: the scores of "one".
        SlotSet("assessment", {"valence": -1.0}),
        UserUttered("unreadable", message_id="m3"),
        SlotSet("assessment", None),
    ]
    assert assessments(events) == {"m1": {"valence": -1.0}, "m3": None}
