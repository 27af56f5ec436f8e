"""What is said when no person is needed."""

import pytest

from actions.answer_complaint import AnswerComplaint
from actions.answer_intent import AnswerIntent
from actions.assess_message import AssessMessage
from amends.settings import get_settings
from nlu.assessment import Intensity
from templates import last_words


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
        ("order_status", "order_status"),
        ("out_of_scope", "out_of_scope"),
        ("nlu_fallback", "out_of_scope"),
        (None, "out_of_scope"),
    ],
)
def test_each_intent_has_its_words(run, intent, kind):
    _, tracker = run([AnswerIntent()], "hm", intent=intent)

    assert tracker.slots["last_reply"].startswith(f"en/{kind}#")


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
