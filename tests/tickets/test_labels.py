from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tickets.database import alembic_config, open_engine
from tickets.labels import Correction, LabelError, read_correction, read_name
from tickets.store import TicketStore, TicketStoreError, migrate

CATEGORIES = ["delivery", "Gift_cards"]


def read(polarity=None, intensity=None, category=None, escalate=None):
    return read_correction(polarity, intensity, category, escalate, CATEGORIES)


@pytest.fixture
def ticket(store, case):
    """A ticket with two messages."""
    store.escalate(case("m1", text="Where is it?"))
    return store.escalate(case("m2", text="Still nothing.")).ticket


@pytest.fixture
def labels(store):
    return store.labels


def test_correction_is_stored_with_who_and_when(labels, ticket, sql):
    before = datetime.now(UTC)
    label = labels.correct(ticket.reference, read("negative", "strong"), by=" Ada  L. ")
    assert label.correction.said == {"polarity": "negative", "intensity": "strong"}
    assert (label.message_id, label.by) == ("m2", "Ada L.")
    assert before <= label.at <= datetime.now(UTC)
    assert labels.history(ticket.reference) == (label,)
    assert sql("SELECT polarity, intensity, category, escalate, corrected_by FROM labels") == [
        ("negative", "strong", None, None, "Ada L.")
    ]


def test_later_correction_of_a_field_wins_and_both_are_kept(labels, ticket):
    first = labels.correct(ticket.reference, read("neutral", category="delivery"), by="Ada")
    second = labels.correct(ticket.reference, read("negative", escalate=False), by="Ben")
    (found,) = labels.corrected()
    assert found.correction.said == {
        "polarity": "negative",
        "category": "delivery",
        "escalate": False,
    }
    assert found.at == second.at
    assert labels.history(ticket.reference) == (first, second)


def test_messages_of_a_ticket_are_corrected_apart(labels, ticket):
    labels.correct(ticket.reference, read("negative"), by="Ada")
    labels.correct(ticket.reference.lower(), read("positive"), by="Ada", message_id="m1")
    assert [(found.message.id, found.message.text) for found in labels.corrected()] == [
        (f"{ticket.reference}/m1", "Where is it?"),
        (f"{ticket.reference}/m2", "Still nothing."),
    ]
    assert [found.correction.polarity for found in labels.corrected()] == ["positive", "negative"]


def test_messages_without_a_label_are_those_nobody_corrected(labels, ticket, store, case):
    store.escalate(case("m1", "c2", text="You charged me twice."))
    labels.correct(ticket.reference, read(escalate=True), by="Ada", message_id="m1")
    assert [message.text for message in labels.unlabelled()] == [
        "Still nothing.",
        "You charged me twice.",
    ]


def test_since_takes_whole_messages_that_were_corrected_late(labels, ticket, sql):
    labels.correct(ticket.reference, read("neutral"), by="Ada", message_id="m1")
    labels.correct(ticket.reference, read("positive"), by="Ada", message_id="m2")
    sql("UPDATE labels SET created_at = '2026-01-01 12:00:00.000000'")
    labels.correct(ticket.reference, read(intensity="weak"), by="Ada", message_id="m1")
    (found,) = labels.corrected(since=datetime(2026, 1, 2, tzinfo=UTC))
    assert found.correction.said == {"polarity": "neutral", "intensity": "weak"}
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert len(labels.corrected(since=noon)) == 2
    assert len(labels.corrected(since=noon + timedelta(seconds=1))) == 1


@pytest.mark.parametrize(
    ("reference", "message", "words"),
    [
        ("AM-000000", None, "Expected the reference of a ticket, found 'AM-000000', which none"),
        (None, "m9", "Expected the id of a message on {reference}, found 'm9', which none has."),
    ],
)
def test_unknown_ticket_or_message_is_told_and_nothing_stored(
    labels, ticket, sql, reference, message, words
):
    with pytest.raises(TicketStoreError) as raised:
        labels.correct(reference or ticket.reference, read("negative"), "Ada", message)
    assert words.format(reference=ticket.reference) in str(raised.value)
    assert sql("SELECT count(*) FROM labels") == [(0,)]


def test_history_of_an_unknown_ticket_is_told(labels):
    with pytest.raises(TicketStoreError, match="Expected the reference of a ticket"):
        labels.history("AM-000000")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"polarity": "NEGATIVE"}, {"polarity": "negative"}),
        ({"intensity": " Extreme"}, {"intensity": "extreme"}),
        ({"category": "gift_CARDS"}, {"category": "Gift_cards"}),
        ({"category": "other"}, {"category": "other"}),
        ({"escalate": False}, {"escalate": False}),
    ],
)
def test_correction_is_read_in_any_capitals(typed, found):
    assert read(**typed).said == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            {"polarity": "angry"},
            "Expected polarity to be one of negative, neutral, positive, found 'angry'. "
            "Correct it.",
        ),
        (
            {"intensity": "0.7"},
            "Expected intensity to be one of weak, medium, strong, extreme, found '0.7'. "
            "Correct it.",
        ),
        (
            {"category": ""},
            "Expected category to be one of delivery, Gift_cards, other, found ''. Correct it.",
        ),
        (
            {},
            "Expected a correction of polarity, intensity, category or escalate, found none. "
            "Say at least one of them.",
        ),
    ],
)
def test_correction_that_says_nothing_known_is_refused(typed, message):
    with pytest.raises(LabelError) as raised:
        read(**typed)
    assert str(raised.value) == message


@pytest.mark.parametrize(("name", "length"), [("", 0), (" \n\0", 0), ("a" * 256, 256)])
def test_nameless_correction_is_refused(labels, ticket, sql, name, length):
    with pytest.raises(LabelError) as raised:
        labels.correct(ticket.reference, read("negative"), by=name)
    assert str(raised.value) == (
        f"Expected the name of who corrects, 1 to 255 characters, found {length}. Say who you are."
    )
    assert sql("SELECT count(*) FROM labels") == [(0,)]


def test_name_keeps_no_sign_that_steers_a_terminal():
    assert read_name("Zoë\x1b[2J\u202e Ö.\ud800") == "Zoë[2J Ö."


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("polarity", "'angry'"),
        ("intensity", "'huge'"),
        ("polarity", "NULL"),
        ("ticket_message_id", "99"),
    ],
)
def test_database_refuses_a_label_that_means_nothing(database, ticket, columns, values):
    row = {"ticket_message_id": "1", "corrected_by": "'Ada'", "created_at": "'2026-01-01'"}
    row[columns] = values
    if columns == "ticket_message_id":
        row["polarity"] = "'negative'"
    engine = open_engine(f"sqlite:///{database}")
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(
            text(f"INSERT INTO labels ({', '.join(row)}) VALUES ({', '.join(row.values())})")
        )
    engine.dispose()


def move(database, to):
    engine = open_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        (command.downgrade if to == "0001" else command.upgrade)(alembic_config(connection), to)
    engine.dispose()


def test_migration_up_and_down_keeps_the_tickets(database, store, ticket, sql):
    store.labels.correct(ticket.reference, Correction(escalate=False), by="Ada")
    store.close()
    move(database, "0001")
    assert sql("SELECT count(*) FROM ticket_messages") == [(2,)]
    assert sql("SELECT name FROM sqlite_master WHERE tbl_name = 'labels'") == []
    with pytest.raises(TicketStoreError, match="at revision 0005, found 0001"):
        TicketStore.open(f"sqlite:///{database}")
    migrate(f"sqlite:///{database}")
    reopened = TicketStore.open(f"sqlite:///{database}")
    found = reopened.get(ticket.reference)
    # SQLite's own reckoning is good for a millisecond.
    assert found.waiting_since == pytest.approx(ticket.waiting_since, abs=0.01)
    assert found.model_copy(update={"waiting_since": ticket.waiting_since}) == ticket
    assert reopened.labels.corrected() == ()
    reopened.close()
