"""What is said when no person is needed."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.answer_complaint import AnswerComplaint
from actions.answer_intent import AnswerIntent
from actions.assess_message import AssessMessage
from amends.settings import get_settings
from nlu.assessment import Intensity
from templates import last_words


class NoPolicies:
    """Policies that answer nothing; the real ones are for test_answer_policy.py."""

    def answer(self, intent, question, language):
        return None


@pytest.fixture(autouse=True)
def no_policies(monkeypatch):
    monkeypatch.setattr(services, "policies", NoPolicies)


@pytest.mark.parametrize(
    ("intensity", "page"),
    [(Intensity.WEAK, "en/answer/delivery#negative"), (Intensity.STRONG, "en/answer/delivery#neg")],
)
def test_a_complaint_is_answered_by_category_and_mood(model, run, intensity, page):
    model.changes = {"severity": 0.1, "intensity": intensity}

    words, tracker = run([AssessMessage(), AnswerComplaint()], "my parcel is late")

    assert len(words) == 1
    assert tracker.slots["last_reply"].startswith(page)


def test_a_complaint_that_was_never_assessed_gets_general_words(run):
    _, tracker = run([AnswerComplaint()], "my parcel is late")

    assert tracker.slots["last_reply"].startswith("en/answer/other#")


@pytest.mark.parametrize(
    ("intent", "kind"),
    [
        ("greet", "greeting"),
        ("thank", "thanks"),
        ("goodbye", "goodbye"),
        ("praise", "praise"),
        ("affirm", "affirm"),
        ("deny", "deny"),
        ("bot_challenge", "bot_challenge"),
        ("out_of_scope", "out_of_scope"),
        ("nlu_fallback", "not_understood"),
        (None, "out_of_scope"),
    ],
)
def test_each_intent_has_its_words(run, intent, kind):
    _, tracker = run([AnswerIntent()], "hm", intent=intent)

    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")


@pytest.mark.parametrize(
    ("solved", "kind"),
    [({"solved": "refund_form"}, "solved_thanks"), ({}, "thanks"), (None, "thanks")],
)
def test_thanks_after_a_solution_close_kindly(run, solved, kind):
    _, tracker = run([AnswerIntent()], "thanks", intent="thank", slots={"task": solved})

    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")


@pytest.mark.parametrize(
    ("misses", "kind"), [(0, "not_understood"), (1, "not_understood"), (2, "rephrase_help")]
)
def test_what_is_not_understood_twice_gets_help_to_rephrase(run, misses, kind):
    slots = {"mood": {"misses": misses}}

    _, tracker = run([AnswerIntent()], "hm", intent="nlu_fallback", slots=slots)

    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")
    assert ("asked" in tracker.slots) == (kind == "rephrase_help")


@pytest.mark.parametrize("intent", ["greet", "affirm"])
def test_who_begins_sees_what_can_be_done_and_a_person_last(intent):
    buttons = [one["title"] for one in said(intent)["buttons"]]

    assert buttons[-1] == "A person, please"
    assert 3 <= len(buttons) <= 4


def test_help_to_rephrase_has_a_button_for_each_main_thing():
    buttons = [one["title"] for one in said("nlu_fallback", mood={"misses": 2})["buttons"]]

    assert buttons[-1] == "A person, please"
    assert len(set(buttons)) == 5


@pytest.mark.parametrize("_", range(3))
def test_a_program_says_that_it_is_one(_):
    message = said("bot_challenge")

    assert any(word in message["text"] for word in ("program", "automated"))
    assert "a person, please" in message["text"]
    assert [one["title"] for one in message["buttons"]] == ["A person, please"]


def said(intent, **slots):
    """The one message in return."""
    latest = {"text": "hm", "intent": {"name": intent}, "message_id": "m1", "metadata": {}}
    tracker = Tracker("anna", slots, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    asyncio.run(AnswerIntent().run(dispatcher, tracker, {}))
    (message,) = dispatcher.messages
    return message


def test_a_message_without_words_is_told_so(model, run):
    model.error = RuntimeError("not needed")

    _, tracker = run([AssessMessage(), AnswerIntent()], "12345")

    assert tracker.slots["last_reply"].startswith("en/no_text#")


def test_never_the_same_wording_twice_in_a_row(run):
    slots, last = {}, None
    for turn in range(30):
        words, tracker = run(
            [AnswerIntent()], "hello", intent="greet", message_id=str(turn), slots=slots
        )
        assert words[0] != last
        slots, last = tracker.slots, words[0]


def test_broken_templates_still_end_in_words(run, tmp_path, monkeypatch):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "greeting.j2").write_text("{% block any_1 %}")
    monkeypatch.setenv("AMENDS_TEMPLATES_DIR", str(tmp_path))
    get_settings.cache_clear()

    words, _ = run([AnswerIntent()], "hello", intent="greet")

    assert words == [last_words("en")]
