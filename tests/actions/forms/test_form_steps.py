"""Every question of every form, and everything that can be said to it."""

import pytest

from actions.forms.state import Question

ALEX = "A10247, alex@example.com"
NOOR = "A10175 noor@example.com"
PASTE = "\n".join(f"line {place} of what I copied" for place in range(50))

STEPS = {
    "number": ("cancel_order_form", "cancel my order", [], "A10247", "form_ask_email"),
    "email": ("cancel_order_form", "cancel A10247", [], "alex@example.com", "form_confirm_cancel"),
    "line": ("change_order_form", ALEX, [], "the mug", "form_ask_quantity"),
    "quantity": ("change_order_form", ALEX, ["board"], "2", "form_confirm_change"),
    "street": ("change_address_form", ALEX, [], "12 Mill Lane", "form_ask_postcode"),
    "postcode": ("change_address_form", ALEX, ["12 Mill Lane"], "YO1 7HH", "form_ask_city"),
    "city": (
        "change_address_form",
        ALEX,
        ["12 Mill Lane", "YO1 7HH"],
        "York",
        "form_confirm_address",
    ),
    "lines": ("refund_form", NOOR, [], "all of it", "form_ask_reason"),
    "reason": ("return_form", NOOR, ["1"], "The lid does not close", "form_confirm_return"),
    "confirm": ("cancel_order_form", ALEX, [], "yes", "form_done_cancel"),
}
STEP = pytest.mark.parametrize("step", STEPS)
FREE = ("reason", "city")
"""Any words answer these; the confirmation shows them."""
NOT_FREE = pytest.mark.parametrize("step", [step for step in STEPS if step not in FREE])
EMPTY = ("", "   ", "?", "…", "{{7*7}}", PASTE)
NONSENSE = (*EMPTY, "asdf ghjkl 😀 ??!", "<script>", "/restart")


@pytest.fixture
def at(talk):
    """Takes the conversation to a question."""

    def go(step):
        form, first, answers, _, _ = STEPS[step]
        talk.says(first, begin=form)
        for answer in answers:
            talk.says(answer)
        assert talk.task.question == Question(step)
        assert talk.task.form == form
        return talk

    return go


@STEP
def test_the_right_answer_leads_on(at, step):
    talk = at(step)
    *_, answer, kind = STEPS[step]

    assert talk.says(answer) == [kind]


@STEP
@pytest.mark.parametrize(
    "word", ["stop", "STOP!!", "Never mind, I found it", "forget it", "please leave it", "quit"]
)
def test_stop_ends_it_at_once_and_does_nothing(at, step, word):
    talk = at(step)

    assert talk.says(word, "cancel_order") == ["form_stopped"]
    assert talk.task.form is None
    assert talk.deeds == []


@STEP
def test_a_no_does_nothing(at, step):
    talk = at(step)
    said = talk.says("no", "deny")

    assert talk.deeds == []
    assert said[0] == ("form_nothing_done" if step == "confirm" else said[0])
    assert "form_done_cancel" not in said


@pytest.mark.parametrize(
    ("step", "text"),
    [(step, text) for step in STEPS for text in (EMPTY if step in FREE else NONSENSE)],
)
def test_what_answers_nothing_is_counted_explained_and_offers_a_person(at, step, text):
    talk = at(step)
    question = talk.says("")[-1]
    first = talk.task.failures

    said = talk.says(text)
    assert first == 1
    assert said[0].startswith("form_explain_")
    assert said[-1] == question
    assert talk.turn.buttons[-2:] == ["person", "stop"]
    assert talk.task.failures == 2

    said = talk.says(text)
    assert said == ["form_offer_person", question]
    assert talk.task.question == Question(step)
    assert talk.deeds == []


@STEP
def test_the_first_failure_says_what_is_expected(at, step):
    talk = at(step)
    said = talk.says("", None)

    specific = {"number": "form_expect_number", "email": "form_expect_email"}
    assert said[0] == specific.get(step, "form_expect")
    assert talk.turn.buttons == (["yes", "no"] if step == "confirm" else talk.turn.buttons)


@STEP
def test_a_question_about_a_policy_is_answered_and_the_question_stays(at, step):
    talk = at(step)
    asked = talk.says("", None)[-1]
    talk.world.answer = "You have 60 days (line 12)."

    said = talk.says("how long do I have to send it back?", "check_refund_policy")
    assert said == ["You have 60 days (line 12).", asked]
    assert talk.task.question == Question(step)


@STEP
def test_another_form_is_begun_and_this_one_kept(at, step):
    talk = at(step)
    kept, was = talk.task.form, talk.task
    said = talk.says("where is my parcel now", "track_order", 0.95)

    assert said[0] == "form_later"
    verified = was.order is not None
    assert (talk.task.paused or talk.task.form == kept) is not False
    if verified:
        assert said[-1] == "form_resume"
        assert (talk.task.form, talk.task.question) == (kept, Question.RESUME)
    else:
        assert talk.task.form == "track_order_form"
        assert talk.task.paused[0].form == kept


@STEP
@pytest.mark.parametrize(
    ("intent", "kind"),
    [("greet", "form_hello"), ("thank", "form_welcome"), ("bot_challenge", "form_program")],
)
def test_small_talk_gets_a_word_and_the_question_again(at, step, intent, kind):
    talk = at(step)

    said = talk.says("hi you there", intent)
    assert said[0] == kind
    assert len(said) == 2
    assert talk.task.question == Question(step)
    assert talk.task.failures == 0


@NOT_FREE
@pytest.mark.parametrize("falling", [False, True])
def test_a_complaint_gets_sympathy_and_a_person_when_the_mood_falls(at, step, falling):
    talk = at(step)

    said = talk.says(
        "this takes ages and I am fed up", "complaint", complains=True, falling=falling
    )
    assert said[0] == "form_sympathy"
    assert ("form_mood" in said) is falling
    assert ("person" in talk.turn.buttons) is falling
    assert talk.task.question == Question(step)
    assert talk.task.failures == 0


@pytest.mark.parametrize(
    "text",
    [
        "\uff21\uff11\uff10\uff12\uff14\uff17",
        "\uff4110247",
        "order A 10247",
        "A-10247",
        "it's A10247, thanks",
        "#A10247",
    ],
)
def test_a_number_is_read_however_it_is_typed(at, text):
    talk = at("number")

    assert talk.says(text) == ["form_ask_email"]
    assert talk.task.number == "A10247"


@pytest.mark.parametrize(
    "text",
    [
        "alex@example.com' OR 1=1 --",
        "alex@example.com\r\nBcc: all@example.com",
        "alex@example.com, robin@example.com",
        "alex@@example.com",
        "alex at example",
        '"<script>"@',
        "{{7*7}}@{{config}}",
    ],
)
def test_a_false_address_opens_nothing(at, text):
    talk = at("email")
    before = list(talk.world.calls)

    said = talk.says(text)
    found = [call for call in talk.world.calls if call not in before]
    assert "form_confirm_cancel" not in said or found == [("find", "A10247", "alex@example.com")]
    assert all("OR" not in call[2] and "\n" not in call[2] for call in found)


@NOT_FREE
def test_a_slip_of_the_intent_does_not_lead_away_from_a_bare_answer(at, step):
    talk = at(step)
    *_, answer, kind = STEPS[step]

    assert talk.says(answer, "get_invoice", 0.99)[0] == kind


@pytest.mark.parametrize("step", ["number", "email", "line", "street"])
def test_who_has_no_answer_is_told_at_once_where_there_is_one(at, step):
    talk = at(step)

    said = talk.says("no, I don't have that", "deny")
    assert said[0].startswith("form_explain_")
    assert talk.turn.buttons[-2:] == ["person", "stop"]
