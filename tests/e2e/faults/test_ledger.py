"""The ledger finds what the kills are there to bring about."""

from types import SimpleNamespace as Row

import pytest
from angry_shopper import Said
from ledger import JOINED, LEFT, Books, examine, examine_stay, examine_webhooks, overtaken

SENDER = "web-1"
TOLD = "I have recorded your message for our team as case AM-AAAAAA."
FAILED = "I tried to pass your message to a colleague and can't be sure that it arrived."
DENIED = "Something is not working on our side, so I could not answer that or pass it on."
WAITS = "Your case is with our team, and everything you write here goes to them."

TICKET = Row(reference="AM-AAAAAA", conversation_id=SENDER, category="other", status="open")
ON = Row(reference="AM-AAAAAA", conversation_id=SENDER, message_id="m1", text="so angry zxcv")
LINE = Row(conversation_id=SENDER, message_id="m1", role="shopper", text="so angry zxcv")
EVENT = Row(id=7, reference="AM-AAAAAA", event="ticket.opened", delivery="sent")
CHAT = Row(id=8, reference="AM-AAAAAA", event="chat.joined", delivery="sent")


def books(tickets=(TICKET,), on_tickets=(ON,), lines=(), events=()):
    return Books(list(tickets), list(on_tickets), list(lines), list(events))


def shopper(*texts, identifier="m1", error=None, to="bot"):
    words = [{"text": text, "role": "bot"} for text in texts]
    said = Said("so angry zxcv", identifier, to, words, error)
    return Row(sender=SENDER, said=[said])


def counts(found):
    return len(found.lost), len(found.doubled), len(found.untrue)


FINE = (0, 0, 0)


@pytest.mark.parametrize("identifier", ["m1", None], ids=["web", "rest"])
@pytest.mark.parametrize(
    ("records", "words", "expected"),
    [
        (books(), (TOLD,), FINE),
        (books(), (FAILED,), FINE),
        (books((), ()), (FAILED,), FINE),
        (books((), ()), (DENIED,), FINE),
        (books((TICKET,), (), (LINE,)), (WAITS,), FINE),
        (books((TICKET,), (), (LINE,)), (), FINE),
        (books((TICKET,), ()), (TOLD,), (1, 0, 0)),
        (books((TICKET,), ()), (WAITS,), (1, 0, 0)),
        (books((TICKET,), ()), (), (1, 0, 0)),
        (books((), ()), (TOLD,), (1, 0, 1)),
        (books(on_tickets=(ON, ON)), (TOLD,), (0, 1, 0)),
        (books(lines=(LINE, LINE)), (TOLD,), (0, 1, 0)),
        (books((TICKET, TICKET)), (TOLD,), (0, 1, 0)),
        (books(), (DENIED,), (0, 0, 1)),
        (books((TICKET,), (), (LINE,)), (DENIED,), (0, 0, 1)),
        (books(), ("Your message is with our team as AM-BBBBBB.",), (0, 0, 2)),
    ],
)
def test_messages(records, words, expected, identifier) -> None:
    assert counts(examine(records, [shopper(*words, identifier=identifier)])) == expected


def test_a_request_without_an_answer_promised_nothing() -> None:
    found = examine(books((), ()), [shopper(error="ReadError")])
    assert counts(found) == FINE
    assert (found.messages, found.told, found.unsure) == (1, 0, 1)


def screen(*said):
    shown = [{"role": role, "text": text, "at": at} for at, (role, text) in enumerate(said)]
    texts = {role: [text for one, text in said if one == role] for role in ("agent", "notice")}
    return Row(sender=SENDER, screen=shown, texts=texts.__getitem__)


CAME, HELLO, GONE, BOT = (
    ("notice", JOINED),
    ("agent", "Hello"),
    ("notice", min(LEFT)),
    ("bot", "Where were we?"),
)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ((BOT, CAME, HELLO, GONE, BOT), FINE),
        ((CAME, CAME, HELLO, GONE), (0, 1, 0)),
        ((CAME, HELLO, GONE, GONE), (0, 1, 0)),
        ((CAME, GONE), (1, 0, 0)),
        ((CAME, HELLO, HELLO, GONE), (0, 1, 0)),
        ((CAME, HELLO), (1, 0, 0)),
        ((CAME, BOT, HELLO, GONE), (0, 0, 1)),
    ],
)
def test_a_stay(shown, expected) -> None:
    assert counts(examine_stay(screen(*shown), ["Hello"], 1, ended=True)) == expected


@pytest.mark.parametrize(("late", "expected"), [(0, (1, 0, 0)), (1, FINE)])
def test_who_left_before_it_was_said_that_they_came_is_not_said_to_have_come(
    late, expected
) -> None:
    found = examine_stay(screen(HELLO, GONE), ["Hello"], 1, ended=True, overtaken=late)
    assert counts(found) == expected


def test_what_was_overtaken_is_counted_for_its_shopper_alone() -> None:
    late = Row(event="chat.joined", delivery="sent", sent_at=None, conversation_id=SENDER)
    others = [
        Row(**{**vars(late), "conversation_id": "web-2"}),
        Row(**{**vars(late), "sent_at": "2026-01-01"}),
        Row(**{**vars(late), "event": "ticket.opened"}),
    ]
    assert overtaken(books(events=(late, *others)), SENDER) == 1


NAME = "AM-AAAAAA-7"


@pytest.mark.parametrize(
    ("events", "taken", "expected"),
    [
        ((EVENT, CHAT), [(NAME, {})], FINE),
        ((EVENT,), [(NAME, {}), (NAME, {})], FINE),
        ((EVENT,), [], (1, 0, 0)),
        ((EVENT,), [(NAME, {}), ("AM-AAAAAA-9", {})], (0, 1, 0)),
        ((EVENT,), [(NAME, {}), (NAME, {"type": "another"})], (0, 0, 1)),
        ((Row(**{**vars(CHAT), "delivery": "pending"}),), [], (1, 0, 0)),
    ],
)
def test_webhooks(events, taken, expected) -> None:
    assert counts(examine_webhooks(books(events=events), taken)) == expected
