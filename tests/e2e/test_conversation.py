"""A shopper's words in; fitting words, and where it must be a ticket, out."""

import json
import re
from itertools import pairwise

import httpx
import pytest

pytestmark = pytest.mark.timeout(900)

REFERENCE = re.compile(r"\bAM-[A-Z0-9]{6}\b")
ANGRY = (
    "This is the third time my kettle arrived smashed to pieces and nobody answers my emails. "
    "I am absolutely furious, this is the worst shop I have ever dealt with, I want my money back!"
)


def reference_in(reply: str) -> str:
    found = REFERENCE.search(reply)
    assert found, f"no ticket reference in: {reply}"
    return found[0]


def test_ready_means_that_a_sentence_was_scored(assistant) -> None:
    assert httpx.get(f"{assistant.actions_url}/ready").status_code == 200


@pytest.mark.parametrize("text", ["hello", "thanks a lot", "bye then", "where is my order?"])
def test_small_talk_gets_words_and_no_ticket(assistant, text: str) -> None:
    assert len(assistant.ask(f"calm-{text}", text)) > 10
    assert assistant.tickets(f"calm-{text}") == []


def test_an_angry_complaint_gets_the_reference_of_a_ticket_that_is_there(assistant) -> None:
    reply = assistant.ask("angry", ANGRY)
    reference = reference_in(reply)
    assert assistant.tickets("angry") == [reference]
    assert "!" not in reply
    ((delivery, event, payload),) = assistant.rows(
        "SELECT o.delivery, o.event, o.payload FROM outbox o JOIN tickets t ON t.id = o.ticket_id "
        "WHERE t.reference = ?",
        reference,
    )
    assert (delivery, event) == ("pending", "ticket.opened")
    assert reference in json.dumps(payload)


def test_the_ticket_says_why_and_what_was_scored(assistant) -> None:
    reference = reference_in(assistant.ask("why", ANGRY))
    ((rule, detail, text, assessment),) = assistant.rows(
        "SELECT t.rule, t.detail, m.text, m.assessment FROM tickets t "
        "JOIN ticket_messages m ON m.ticket_id = t.id WHERE t.reference = ?",
        reference,
    )
    assert rule == "strong_negative"
    assert "severity" in detail
    assert "kettle" in text
    assert json.loads(assessment)["polarity"] == "negative"


def test_it_is_the_classifier_that_scores(assistant) -> None:
    """On a machine that is busy with other work some messages may fall to the lexicon, not all."""
    for number in range(5):
        reference = reference_in(assistant.ask(f"scored-{number}", ANGRY))
        ((assessment,),) = assistant.rows(
            "SELECT m.assessment FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id "
            "WHERE t.reference = ?",
            reference,
        )
        scores = json.loads(assessment)
        if not scores["degraded"]:
            return
    pytest.fail(f"never by the classifier: {scores['degraded_reason']}")


def silent(assistant, conversation: str, text: str) -> None:
    """Say something to which nothing may be said, and by the command nothing is wrong with that."""
    said = assistant.command("say", text, "--conversation", conversation)
    assert (said.returncode, said.stdout) == (0, "")
    assert said.stderr == "(a person will answer; the assistant is silent)\n"


def test_the_same_complaint_again_finds_the_open_ticket(assistant) -> None:
    first = reference_in(assistant.ask("twice", ANGRY))
    ((severity,),) = assistant.rows("SELECT severity FROM tickets WHERE reference = ?", first)
    assert "Your case is with our team" in assistant.ask("twice", ANGRY)
    silent(assistant, "twice", ANGRY)
    assert assistant.tickets("twice") == [first]
    assert assistant.rows(
        "SELECT COUNT(*) FROM ticket_messages WHERE conversation_id = ?", "twice"
    ) == [(3,)]
    ((raised,),) = assistant.rows("SELECT severity FROM tickets WHERE reference = ?", first)
    assert raised > severity


def test_who_waits_is_told_once_and_then_left_in_peace(assistant) -> None:
    reference = reference_in(assistant.ask("waits", "I want a human"))
    assert '"assistant, please"' in assistant.ask("waits", "hello?")
    for text in ("hello?", "where is my order?", "I want a human", "/restart"):
        silent(assistant, "waits", text)
    assert "emergency" in assistant.ask("waits", "the charger caught fire and burned my hand")
    shown = assistant.command("tickets", "show", reference)
    assert "caught fire" in shown.stdout
    assert "where is my order?" in shown.stdout


def test_a_person_who_claims_is_not_interrupted_and_hands_back(assistant) -> None:
    reference = reference_in(assistant.ask("claimed", "I want a human"))
    # Nobody can be pushed to here; the claim holds all the same.
    assistant.command("tickets", "claim", reference, "--as", "Anna")
    for text in ("hello?", ANGRY, "the charger caught fire"):
        silent(assistant, "claimed", text)
    assistant.command("tickets", "hand-back", reference)
    assert len(assistant.ask("claimed", "where is my order?")) > 10


def test_who_would_rather_have_the_assistant_gets_it_and_news_of_the_case(assistant) -> None:
    reference = reference_in(assistant.ask("back", "I want a human"))
    assert "assistant answers again" in assistant.ask("back", "Assistant, please!")
    assert len(assistant.ask("back", "where is my order?")) > 10
    assert reference in assistant.ask("back", "any news on my ticket?")
    assert reference not in assistant.ask("stranger", f"what about my case {reference}?")


def test_two_shoppers_have_two_tickets(assistant) -> None:
    references = {reference_in(assistant.ask(f"shopper-{name}", ANGRY)) for name in ("a", "b")}
    assert len(references) == 2


@pytest.mark.parametrize(
    "text",
    [
        "I want a human",
        "let me talk to a real person please",
        "The charger caught fire and burned my hand",
        "Мой заказ не пришёл, я очень недоволен",
    ],
    ids=["a human", "a person", "safety", "another script"],
)
def test_what_always_wins_opens_a_ticket(assistant, text: str) -> None:
    conversation = f"wins-{text[:8]}"
    reference = reference_in(assistant.ask(conversation, text))
    assert assistant.tickets(conversation) == [reference]


@pytest.mark.parametrize(
    "text",
    [
        "do you ship to Norway?",
        "is the blue jacket in stock?",
        "it arrived a day later, no worries",
    ],
)
def test_a_calm_message_opens_no_ticket(assistant, text: str) -> None:
    conversation = f"calm-{text[:10]}"
    reply = assistant.ask(conversation, text)
    assert not REFERENCE.search(reply)
    assert assistant.tickets(conversation) == []


@pytest.mark.parametrize(
    ("text", "times"),
    # The third complaint, and the third message that nobody understands, go to a person.
    [("hello", 5), ("my parcel is a bit late", 2), ("purple monkeys juggle", 2)],
    ids=["hello", "my parcel", "purple"],
)
def test_never_the_same_words_twice_in_a_row(assistant, text: str, times: int) -> None:
    replies = [assistant.ask(f"again-{text[:9]}", text) for _ in range(times)]
    assert all(one != after for one, after in pairwise(replies)), replies


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😡😡😡", "\x00\x07\x1b[31m", "a" * 100_000, "/restart", "{{ 7 * 7 }}"],
    ids=["empty", "blanks", "emoji", "control", "100 kB", "command", "template"],
)
def test_odd_input_gets_honest_words(assistant, text: str) -> None:
    reply = assistant.ask(f"odd-{len(text)}-{text[:3]!r}", text)
    assert len(reply) > 10
    assert "49" not in reply


def test_personal_data_stays_out_of_the_ticket_and_the_logs(assistant) -> None:
    text = f"{ANGRY} Write to jo.bloggs@example.com."
    reference = reference_in(assistant.ask("private", text))
    ((stored,),) = assistant.rows(
        "SELECT m.text FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id "
        "WHERE t.reference = ?",
        reference,
    )
    assert "kettle" in stored
    assert "jo.bloggs" not in stored
    for log in (assistant.state / "logs").iterdir():
        assert "jo.bloggs" not in log.read_text(errors="replace"), log


def test_say_prints_the_replies_alone_and_goes_on_with_a_conversation(assistant) -> None:
    first = assistant.command("say", ANGRY, "--conversation", "by-say")
    assert (first.returncode, first.stderr) == (0, "")
    assert assistant.tickets("by-say") == [reference_in(first.stdout)]
    again = assistant.command("say", ANGRY, "--conversation", "by-say")
    assert "Your case is with our team" in again.stdout
    silent(assistant, "by-say", ANGRY)


def test_tickets_are_listed_for_the_agent(assistant) -> None:
    reference = reference_in(assistant.ask("listed", ANGRY))
    shown = assistant.command("tickets", "show", reference)
    assert shown.returncode == 0, shown.stderr
    assert "kettle" in shown.stdout
    assert reference in assistant.command("tickets", "list").stdout


def test_a_port_in_use_is_told_before_anything_is_started(assistant) -> None:
    second = assistant.command("run")
    assert second.returncode == 1
    assert f"port {assistant.env['AMENDS_RASA_PORT']} for the assistant" in second.stderr
    assert "AMENDS_RASA_PORT" in second.stderr
    assert assistant.process.poll() is None
