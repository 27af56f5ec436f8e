import random

import pytest
from pydantic import ValidationError

from amends.settings import ROOT
from nlu.assessment import Intensity, Polarity
from templates import Replies, Situation, TemplateError, last_words
from templates.replies import Reply

NEGATIVE = "negative_1 negative_2"
STRONG = "negative_strong_1 negative_strong_2"
EXTREME = "negative_extreme_1 negative_extreme_2"
NEUTRAL = "neutral_1 neutral_2"
REST = "neutral_1 neutral_2 positive_1 positive_2"
ANY = "any_1 any_2"


def complaint(intensity="medium", language="en", polarity="negative"):
    return Situation(
        kind="answer",
        language=language,
        category="delivery",
        polarity=Polarity(polarity),
        intensity=Intensity(intensity),
    )


CHAIN = {
    "polarity and intensity": ({"en/answer/delivery": f"{STRONG} {NEGATIVE} {ANY}"}, "strong",
                               "en/answer/delivery#negative_strong"),
    "extreme shares strong": ({"en/answer/delivery": f"{STRONG} {NEGATIVE} {ANY}"}, "extreme",
                              "en/answer/delivery#negative_strong"),
    "extreme of its own": ({"en/answer/delivery": f"{EXTREME} {STRONG} {NEGATIVE}"}, "extreme",
                           "en/answer/delivery#negative_extreme"),
    "strong never borrows extreme": ({"en/answer/delivery": f"{EXTREME} {NEGATIVE}"}, "strong",
                                     "en/answer/delivery#negative"),
    "calm never borrows strong": ({"en/answer/delivery": f"{STRONG} {ANY}"}, "medium",
                                  "en/answer/delivery#any"),
    "polarity": ({"en/answer/delivery": f"{STRONG} {NEGATIVE} {ANY}"}, "weak",
                 "en/answer/delivery#negative"),
    "any of the category": ({"en/answer/delivery": f"{NEUTRAL} {ANY}"}, "strong",
                            "en/answer/delivery#any"),
    "other, intensity": ({"en/answer/delivery": NEUTRAL,
                          "en/answer/other": f"{STRONG} {NEGATIVE} {REST}"}, "extreme",
                         "en/answer/other#negative_strong"),
    "other, polarity": ({"en/answer/delivery": NEUTRAL, "en/answer/other": f"{NEGATIVE} {REST}"},
                        "strong", "en/answer/other#negative"),
    "other, any": ({"en/answer/delivery": NEUTRAL, "en/answer/other": ANY}, "strong",
                   "en/answer/other#any"),
}  # fmt: skip


@pytest.mark.parametrize(("pages", "intensity", "expected"), CHAIN.values(), ids=CHAIN)
def test_takes_the_first_step_that_has_words(write, folder, pages, intensity, expected):
    for page, names in pages.items():
        write(page, names)

    reply = Replies(folder).render(complaint(intensity))

    assert reply.id.rpartition("_")[0] == expected
    assert reply.text == reply.id.replace("#", " ")


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({}, "en/answer/delivery#negative_strong"),
        ({"de/answer/delivery": ANY}, "de/answer/delivery#any"),
        ({"de/answer/other": ANY}, "de/answer/other#any"),
        ({"de/answer/delivery": NEUTRAL, "de/greeting": ANY}, "en/answer/delivery#negative_strong"),
    ],
    ids=["no such language", "category", "other before English", "nothing that fits"],
)
def test_a_language_falls_back_to_english_and_says_so(write, folder, pages, expected):
    for page, names in pages.items():
        write(page, names)

    reply = Replies(folder).render(complaint("strong", language="de"))

    assert reply.id.rpartition("_")[0] == expected


def test_a_category_without_a_page_is_answered_as_other(folder):
    unknown = complaint("strong").model_copy(update={"category": "../../gift_cards"})

    reply = Replies(folder).render(unknown)

    assert reply.id.startswith("en/answer/other#negative_strong")


def test_only_answers_look_at_the_category(folder):
    greeting = Situation(kind="greeting", language="en", category="delivery")

    assert Replies(folder).render(greeting).id.startswith("en/greeting#any")


def test_polarity_counts_for_every_kind(write, folder):
    write("en/greeting", f"{NEGATIVE} {ANY}")
    upset = Situation(kind="greeting", language="en", polarity=Polarity.NEGATIVE)

    assert Replies(folder).render(upset).id.startswith("en/greeting#negative")


def test_avoids_the_last_of_two_wordings(write, folder):
    write("en/greeting", ANY)
    replies = Replies(folder)
    greeting = Situation(kind="greeting", language="en")

    assert {replies.render(greeting, "en/greeting#any_1").id for _ in range(50)} == {
        "en/greeting#any_2"
    }


def test_every_wording_gets_its_turn(write, folder):
    write("en/greeting", "any_1 any_2 any_3 any_4")
    replies = Replies(folder, random.Random(0))
    greeting = Situation(kind="greeting", language="en")

    assert len({replies.render(greeting).id for _ in range(200)}) == 4


def test_a_seed_repeats_the_choices(folder):
    def run():
        replies = Replies(folder, random.Random(7))
        return [replies.render(complaint()).id for _ in range(20)]

    assert run() == run()


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% for x in range(9) %}x{% endfor %}",
        "{# hidden #}",
        "{{ ''.__class__.__mro__ }}",
        "<b>&amp; 'quoted'</b>",
        "{{ reference",
    ],
)
def test_what_a_fact_says_is_text_and_never_a_template(folder, text):
    safety = Situation(kind="safety", language="en", facts={"reference": text})

    assert text in Replies(folder).render(safety).text


def test_blanks_become_one_space(folder):
    (folder / "en" / "greeting.j2").write_text(
        "{% block any_1 %}\n  Hello\n\n\tyou.  \n{% endblock %}"
        "{% block any_2 %}\n  Hello\n\n\tyou.  \n{% endblock %}"
    )

    reply = Replies(folder).render(Situation(kind="greeting", language="en"))

    assert reply.text == "Hello you."


def test_a_fact_may_be_missing_from_the_words_but_not_from_the_facts(folder):
    replies = Replies(folder)
    facts = {"reference": "AM-7K2P9Q"}

    with pytest.raises(TemplateError) as refusal:
        replies.render(Situation(kind="escalated", language="en", facts=facts))

    message = str(refusal.value)
    assert str(folder / "en" / "escalated.j2") in message
    assert "'category_label' is undefined" in message
    assert message.endswith(
        "must be given each that it uses: category_label, expectation, reference."
    )


def test_a_reply_is_never_empty(folder):
    (folder / "en" / "safety.j2").write_text(
        "{% block any_1 %}{{ reference }}{% endblock %}"
        "{% block any_2 %}{{ reference }}{% endblock %}"
    )
    blank = Situation(kind="safety", language="en", facts={"reference": " \n"})

    with pytest.raises(TemplateError, match=r"safety\.j2, line 1: the block says nothing"):
        Replies(folder).render(blank)


@pytest.mark.parametrize(
    "wrong", [{"kind": "apology"}, {"facts": {"reference": 7}}, {"facts_": {}}, {"polarity": "sad"}]
)
def test_a_situation_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Situation.model_validate({"kind": "greeting", "language": "en", **wrong})


def test_last_words_need_no_templates():
    assert "contact page" in last_words("en")
    assert last_words("xx") == last_words("en")


def test_replies_and_situations_stay_as_they_were_made():
    with pytest.raises(ValidationError, match="frozen"):
        Reply(id="a", text="b").text = "c"


def test_all_replies_that_fit_come_in_the_order_of_the_file():
    replies = Replies(ROOT / "templates")
    situation = Situation(
        kind="suggested",
        language="en",
        polarity=Polarity.NEGATIVE,
        intensity=Intensity.EXTREME,
        facts={"category_label": "your delivery"},
    )
    all_of_them = replies.all(situation)
    names = [reply.id.partition("#")[2] for reply in all_of_them]
    assert names == [f"negative_strong_{number}" for number in (1, 2, 3)]
    assert replies.render(situation) in all_of_them
