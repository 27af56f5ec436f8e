"""A desk in the middle of a day: shoppers of a shop for kitchens, and what became of them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk_server import DeskServer, scores

from tickets.case import Case
from tickets.conversations import Line
from tickets.labels import Correction
from tickets.notes import NewNote
from tickets.ratings import Rating
from tickets.triage import Decision, Triage

SMASHED = (
    "Third mug from you and the THIRD one smashed. I wrapped my mother's birthday around this, "
    "nobody answers my mails, it is a disgrace"
)


@dataclass(frozen=True)
class Shopper:
    """Somebody who needs a person; `minutes` ago, on a ticket that `state` says."""

    name: str | None
    text: str
    category: str
    intensity: str
    minutes: float
    words: tuple[str, ...] = ()
    rule: str = "strong_negative"
    detail: str = "severity 0.71 >= 0.44"
    state: str = "open"


SHOPPERS = (
    Shopper("Odile Marchand", "sparks came out of the lamp when I dimmed it, my hand is numb",
            "authenticity_and_safety", "extreme", 6, ("sparks", "numb"), "safety", '"sparks"'),
    Shopper("Tomasz Wilk", "you charged my card twice for one pan and the chat sends me in circles",
            "billing_and_payment", "strong", 49, ("twice", "circles")),
    Shopper(None, "let me talk to somebody real please", "other", "medium", 23, (), "person",
            "intent person"),
    Shopper("Bao Linh", "refund was promised for the 3rd. It is the 19th. Pathetic.",
            "returns_and_refunds", "strong", 17, ("promised", "Pathetic")),
    Shopper("Hedda Moen", "if the carafe is not here tomorrow my lawyer writes to you",
            "delivery", "strong", 71, ("lawyer",), "legal_or_fraud", '"lawyer"', "ben"),
    Shopper("Ruth Adeyemi", "the board came without its oil and the page said it was included",
            "wrong_or_missing_item", "medium", 95, ("without",), state="ben"),
    Shopper(None, "i cannot log in since your update and the order runs out tonight",
            "account_and_login", "strong", 180, ("cannot",), state="resolved"),
)  # fmt: skip

TALK = (
    ("shopper", "hi, my order with the two harbour mugs should be here today", 58, 0.1, "weak", ()),
    ("bot", "I can't see deliveries from here. If something is wrong with it, tell me.", 57.9),
    ("shopper", "it came. one mug is in pieces", 41, -0.55, "medium", ("pieces",)),
    ("bot", "I'm sorry that it arrived broken. A photo of it helps us to replace it.", 40.9),
    ("shopper", SMASHED, 34, -0.93, "extreme", ("THIRD", "smashed", "nobody", "disgrace")),
    ("bot", "I'm sorry it came to this. Your message is with our team as case {reference}, so that "
     "a person reads it.", 33.9),
    ("notice", "Anna from our team is here now and answers instead of the chat assistant.", 27),
    ("agent", "Hello Maren, I'm Anna. Three in a row is not bad luck, that is our packing. I'm "
     "sorry about the birthday.", 26),
    ("shopper", "finally a human. and what now?", 24, -0.35, "medium", ()),
    ("agent", "A new mug goes out today, packed by hand and by courier, so it is with you before "
     "noon tomorrow. You keep the two whole ones.", 21),
    ("shopper", "ok that is decent, thank you Anna", 19, 0.72, "medium", ()),
)  # fmt: skip
PUT_BACK = (
    "UPDATE tickets SET created_at = :at, waiting_since = waiting_since - :seconds",
    "UPDATE ticket_messages SET created_at = :at",
    "UPDATE ratings SET created_at = :at",
)


def fill(server: DeskServer) -> str:
    """Make the day; the reference of the ticket on which Anna talks."""
    for number, one in enumerate(SHOPPERS):
        _come(server, f"web-{number}d41f{number}b7", one)
    reference = _talk(server)
    for week, ratings in enumerate(((5, 4, 5), (4, 5, 2, 5), (3, 4))):
        for number, score in enumerate(ratings):
            _rated(server, f"web-rated-{week}-{number}", score, week)
    return reference


def _come(server: DeskServer, conversation: str, one: Shopper) -> None:
    assessment = scores(one.text, -0.8, one.intensity, dict.fromkeys(one.words, 1.5))
    reference = _escalate(server, conversation, one, assessment)
    if one.state == "ben":
        server.store.takeover.claim(reference, "Ben", "ben")
    elif one.state == "resolved":
        server.store.takeover.resolve(reference, "ben")


def _escalate(
    server: DeskServer, conversation: str, one: Shopper, assessment: Any, message: str = "m1"
) -> str:
    triage = Triage(decision=Decision.ESCALATE, rule=one.rule, detail=one.detail)
    case = Case(
        conversation_id=conversation, message_id=message, text=one.text, category=one.category,
        triage=triage, assessment=assessment, shopper_name=one.name,
    )  # fmt: skip
    reference = str(server.store.escalate(case).ticket.reference)
    _put_back(server, conversation, one.minutes)
    return reference


def _talk(server: DeskServer) -> str:
    conversation = "shop-4c1ea97d03"
    angry = Shopper("Maren Holt", SMASHED, "damaged_or_defective", "extreme", 34)
    reference = ""
    for number, (role, text, minutes, *felt) in enumerate(TALK):
        message = f"m{number}"
        assessment = None
        if felt:
            valence, intensity, words = felt
            assessment = scores(text, valence, intensity, dict.fromkeys(words, 1.0))
            assessment["category"] = angry.category
            assessment["evidence"]["capitals"] = text == SMASHED
            assessment["polarity"] = "negative" if valence < 0 else "positive"
        if text == SMASHED:
            reference = _escalate(server, conversation, angry, assessment, message)
        line = Line(
            conversation_id=conversation, message_id=message, role=role,
            text=text.format(reference=reference), assessment=assessment,
            name="Anna" if role == "agent" else None,
            created_at=datetime.now(UTC) - timedelta(minutes=minutes),
        )  # fmt: skip
        server.store.conversations.record(line)
    _worked_on(server, reference)
    return reference


def _worked_on(server: DeskServer, reference: str) -> None:
    store = server.store
    store.takeover.claim(reference, "Anna", "anna")
    note = NewNote(author="ben", text="Mugs of this batch sit loose in the box. Packing knows.")
    store.notes.add(reference, note)
    store.labels.correct(reference, Correction(category="customer_service"), "anna", "m4")


def _rated(server: DeskServer, conversation: str, score: int, weeks: int) -> None:
    one = Shopper(None, "where is it", "delivery", "weak", 60 * 24 * 7 * (weeks + 1))
    reference = _escalate(server, conversation, one, scores(one.text, -0.4, "weak", {}))
    server.store.takeover.resolve(reference, "anna")
    rating = Rating(conversation_id=conversation, request_id=reference, score=score)
    server.store.ratings.rate(rating)
    _put_back(server, conversation, 60 * 24 * 7 * weeks + 3)


def _put_back(server: DeskServer, conversation: str, minutes: float) -> None:
    """Let the tickets and ratings of a conversation be that old."""
    at = (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")
    values = {"at": at, "seconds": minutes * 60, "conversation": conversation}
    database = server.desk.settings.state_dir / "tickets.db"
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        for change in PUT_BACK:
            connection.execute(f"{change} WHERE conversation_id = :conversation", values)
