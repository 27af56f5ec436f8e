"""Which line of the policies a question finds, and which find none."""

from pathlib import Path

import pytest
import yaml

from amends.settings import ROOT, load_settings
from nlu.assessor import load_sentence_encoder
from nlu.encoder import SharedEncoder
from nlu.policies import Policies
from nlu.policy_file import PolicyFileError

SHIPPED = ROOT / "templates" / "policies"
QUESTIONS = yaml.safe_load(Path(__file__).with_name("policy_questions.yml").read_text("utf-8"))
SMALL = """## Delivery
<!-- answers: delivery_period -->
- Standard delivery takes two days.
- Parcels come by bicycle.

## Opening hours
<!-- answers: contact_customer_service -->
- The team is there from nine to five.
"""


@pytest.fixture(scope="module")
def encoder() -> SharedEncoder:
    return SharedEncoder(load_sentence_encoder(load_settings()))


@pytest.fixture(scope="module")
def shipped(encoder: SharedEncoder) -> Policies:
    return Policies.load(SHIPPED, encoder)


@pytest.fixture
def small(tmp_path: Path, encoder: SharedEncoder):
    def _small(text: str = SMALL, **others: str) -> Policies:
        for language, content in {"en": text, **others}.items():
            (tmp_path / f"{language}.md").write_text(content, "utf-8")
        return Policies.load(tmp_path, encoder)

    return _small


def test_the_line_that_answers_is_found_with_its_place(small) -> None:
    found = small().answer("delivery_period", "how many days does delivery take?", "en")

    assert (found.text, found.file, found.line, found.heading) == (
        "Standard delivery takes two days.",
        "en.md",
        3,
        "Delivery",
    )
    assert found.sure


def test_a_line_that_moves_has_its_new_number(small) -> None:
    moved = small("# Our shop\n\n<!-- moved -->\n" + SMALL)

    assert moved.answer("delivery_period", "how many days does delivery take?", "en").line == 6


def test_a_fact_that_is_changed_is_what_is_said(small) -> None:
    changed = small(SMALL.replace("two days", "nine days"))

    found = changed.answer("delivery_period", "how many days does delivery take?", "en")

    assert found.text == "Standard delivery takes nine days."


def test_a_mistaken_intent_does_not_hide_the_line(small) -> None:
    found = small().answer("contact_customer_service", "how many days does delivery take?", "en")

    assert found.line == 3


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "track_order", None])
def test_an_intent_that_no_section_is_for_asks_the_whole_file(intent, small) -> None:
    assert small().answer(intent, "from when to when is the team there?", "en").line == 8
    assert small().answer(intent, "my cat is asleep", "en") is None


@pytest.mark.parametrize(
    "question", ["", "???", "{{ 7 * 7 }}", "'; DROP TABLE orders; --", "a " * 9000]
)
def test_whatever_is_asked_nothing_but_the_file_is_said(question, small) -> None:
    found = small().answer("delivery_period", question, "en")

    assert found is None or all(f"- {quote.text}\n" in SMALL for quote in found.quotes)


def test_two_lines_at_most_are_quoted(shipped) -> None:
    asked = [row[:2] for part in QUESTIONS.values() for row in part["answered"]]
    sizes = {
        len(found.quotes) for row in asked if (found := shipped.answer(*row, "en")) is not None
    }

    assert sizes == {1, 2}


def test_a_language_has_its_own_file_and_another_the_english_one(small) -> None:
    policies = small(de="## Lieferung\n- Die Lieferung dauert zwei Tage.\n")

    german = policies.answer("delivery_period", "Wie viele Tage dauert die Lieferung?", "de")
    french = policies.answer("delivery_period", "how many days does delivery take?", "fr")

    assert (german.file, german.language) == ("de.md", "de")
    assert (french.file, french.language) == ("en.md", "en")


def test_a_shop_without_english_has_its_own_language_for_all(encoder, tmp_path: Path) -> None:
    (tmp_path / "de.md").write_text("## Lieferung\n- Die Lieferung dauert zwei Tage.\n", "utf-8")

    found = Policies.load(tmp_path, encoder).answer(None, "Wie lange dauert die Lieferung?", "en")

    assert found.language == "de"


def test_no_file_at_all_is_refused(encoder) -> None:
    with pytest.raises(PolicyFileError, match=r"at least one policy file, found none\. Write"):
        Policies({}, encoder)


def shown(policies: Policies, part: str) -> float:
    """Share of the answered questions whose line is among what is shown."""
    rows = QUESTIONS[part]["answered"]
    found = [(policies.answer(intent, text, "en"), words) for intent, text, words in rows]
    right = [
        any(word in quote.text for quote in one.quotes for word in words)
        for one, words in found
        if one is not None
    ]
    return sum(right) / len(rows)


def claimed(policies: Policies, part: str) -> float:
    """Share of the questions without an answer that are given one for sure."""
    rows = QUESTIONS[part]["unanswered"]
    found = [policies.answer(intent, text, "en") for intent, text in rows]
    return sum(one is not None and one.sure for one in found) / len(rows)


def test_questions_find_their_line(shipped) -> None:
    assert shown(shipped, "dev") >= 0.90
    assert shown(shipped, "held_out") >= 0.80


def test_questions_without_an_answer_get_none(shipped) -> None:
    assert claimed(shipped, "dev") <= 0.15
    assert claimed(shipped, "held_out") <= 0.15


def test_the_questions_name_lines_that_are_there(shipped) -> None:
    said = (SHIPPED / "en.md").read_text("utf-8")
    named = [word for part in QUESTIONS.values() for row in part["answered"] for word in row[2]]

    assert [word for word in named if word not in said] == []


def test_small_talk_is_never_answered_from_the_policies(shipped) -> None:
    talk = ["hello", "thanks a lot", "bye", "yes", "no", "ok", "you are great", "lol", "hmm", "why"]

    assert [text for text in talk if shipped.answer(None, text, "en")] == []
