"""What shopper and agent said, and ratings, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError

from tickets.conversations import Line
from tickets.files import CheckedFile
from tickets.ratings import NotAskedError, Rating

START = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)


def line(message="m1", conversation="web-1", after_s=0.0, **changes):
    values = {
        "conversation_id": conversation,
        "message_id": message,
        "role": "shopper",
        "text": "Hello?",
        "created_at": START + timedelta(seconds=after_s),
    }
    return Line(**{**values, **changes})


def test_what_was_said_comes_back_as_it_was(any_store):
    said = line(name="Zo\u00eb", text="two\nlines \U0001f600")
    assert any_store.conversations.record(said) is True
    assert any_store.conversations.lines("web-1") == (said,)


def test_lines_are_in_the_order_in_which_they_were_said(any_store):
    """What was kept while the app was down comes late, with its own time."""
    for message, after_s in (("m1", 0), ("m3", 60), ("m2", 30), ("other", 5)):
        chat = "web-2" if message == "other" else "web-1"
        any_store.conversations.record(line(message, chat, after_s))
    lines = any_store.conversations.lines("web-1")
    assert [said.message_id for said in lines] == ["m1", "m2", "m3"]


def test_same_message_again_is_stored_once_and_stays_as_it_was(any_store):
    first = line(text="first")
    assert any_store.conversations.record(first) is True
    assert any_store.conversations.record(line(text="other words")) is False
    assert any_store.conversations.record(line(conversation="web-2")) is True
    assert any_store.conversations.lines("web-1") == (first,)


def test_same_message_from_many_at_once_is_stored_once(any_store):
    with ThreadPoolExecutor(12) as pool:
        new = list(pool.map(any_store.conversations.record, [line()] * 12))
    assert sorted(new) == [False] * 11 + [True]
    assert len(any_store.conversations.lines("web-1")) == 1


def test_text_that_no_database_takes_is_mended(any_store):
    any_store.conversations.record(line(text="half \ud83d and \0 nul", name="A\0\udc00"))
    (said,) = any_store.conversations.lines("web-1")
    assert (said.text, said.name) == ("half \ufffd and \ufffd nul", "A\ufffd\ufffd")


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": ""},
        {"message_id": "x" * 256},
        {"conversation_id": "x" * 256},
        {"role": "stranger"},
        {"name": "x" * 256},
    ],
)
def test_line_outside_its_limits_is_refused(changes):
    with pytest.raises(ValidationError, match=next(iter(changes))):
        line(**changes)


def test_line_names_the_attachment_of_its_own_conversation_only(any_store):
    file = any_store.attachments.add("web-1", CheckedFile("a.pdf", "application/pdf", b"a"))
    any_store.conversations.record(line("m1", attachment_id=file.id))
    any_store.conversations.record(line("m1", "web-2", attachment_id=file.id))
    any_store.conversations.record(line("m2", attachment_id="none of that id"))
    found = [said.attachment_id for said in any_store.conversations.lines("web-1")]
    assert found == [file.id, None]
    assert any_store.conversations.lines("web-2")[0].attachment_id is None


def test_database_refuses_what_the_words_do_not_allow(any_store, ticket):
    ticket()
    any_store.takeover.claim(ticket().reference, "Anna")
    any_store.conversations.record(line())
    for statement in (
        "UPDATE conversations SET talking = 'nobody'",
        "UPDATE conversations SET agent = NULL",
        "UPDATE conversations SET waits = -1",
        "UPDATE conversations SET takeovers = -1",
        "UPDATE conversation_messages SET role = 'stranger'",
        "UPDATE conversation_messages SET attachment_id = 'none'",
        "INSERT INTO ratings (conversation_id, request_id, score, created_at) "
        "VALUES ('web-1', 'AM-X', 6, '2026-01-01')",
    ):
        with any_store._engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(sql_text(statement))


def rating(ticket, score=4, **changes):
    values = {"conversation_id": ticket.conversation_id, "request_id": ticket.reference}
    return Rating(**{**values, "score": score, **changes})


@pytest.fixture
def resolved(any_store, ticket):
    opened = ticket()
    any_store.takeover.resolve(opened.reference)
    return opened


def test_first_answer_to_a_request_stays(any_store, resolved):
    assert any_store.ratings.of(resolved.reference) is None
    assert any_store.ratings.rate(rating(resolved, 2)) is True
    assert any_store.ratings.rate(rating(resolved, 5)) is False
    assert any_store.ratings.of(resolved.reference) == rating(resolved, 2)


def test_rating_from_many_tabs_at_once_is_stored_once(any_store, resolved):
    with ThreadPoolExecutor(10) as pool:
        new = list(
            pool.map(any_store.ratings.rate, [rating(resolved, 1 + n % 5) for n in range(10)])
        )
    assert new.count(True) == 1


@pytest.mark.parametrize(
    "changes",
    [{"conversation_id": "web-2"}, {"request_id": "AM-CCCCCC"}, {"request_id": "x" * 255}],
)
def test_rating_that_nobody_asked_for_is_refused(any_store, resolved, changes):
    with pytest.raises(NotAskedError, match="Expected the reference of a resolved ticket of this"):
        any_store.ratings.rate(rating(resolved, **changes))
    assert any_store.ratings.of(resolved.reference) is None


def test_ticket_that_is_still_open_cannot_be_rated(any_store, ticket):
    with pytest.raises(NotAskedError):
        any_store.ratings.rate(rating(ticket()))


@pytest.mark.parametrize("score", [0, 6, -1, True, 3.0, "3", None])
def test_score_is_a_whole_number_from_one_to_five(score):
    with pytest.raises(ValidationError, match="score"):
        Rating(conversation_id="web-1", request_id="AM-CCCCCC", score=score)


def test_several_lines_are_stored_at_once_each_once(any_store):
    any_store.conversations.record(line("m2", text="known"))
    new = [line("m1"), line("m2", text="other"), line("m3"), line("m3")]
    assert any_store.conversations.record_all(new) == 2
    stored = {said.message_id: said.text for said in any_store.conversations.lines("web-1")}
    assert stored == {"m1": "Hello?", "m2": "known", "m3": "Hello?"}
    assert any_store.conversations.record_all(()) == 0


def test_scores_come_after_the_words_and_the_first_ones_stay(any_store):
    any_store.conversations.record(line("m1"))
    any_store.conversations.record(line("m1", "web-2"))
    for scores in ({"valence": -0.5}, {"valence": 1.0}):
        any_store.conversations.score("web-1", "m1", scores)
    any_store.conversations.score("web-1", "unknown", {"valence": 1.0})
    assert any_store.conversations.lines("web-1")[0].assessment == {"valence": -0.5}
    assert any_store.conversations.lines("web-2")[0].assessment is None


def test_the_shoppers_name_is_kept_where_a_person_may_come(any_store, ticket):
    ticket()
    for chat in ("web-1", "web-2"):
        any_store.conversations.name_shopper(chat, "Zo\u00eb")
    with any_store._engine.connect() as connection:
        rows = connection.execute(
            sql_text("SELECT conversation_id, shopper_name FROM conversations")
        )
        assert list(rows) == [("web-1", "Zo\u00eb")]


def test_waits_are_counted(any_store, ticket):
    assert any_store.conversations.owner("web-1").waits == 0
    opened = ticket()
    assert any_store.conversations.owner("web-1").waits == 1
    any_store.takeover.claim(opened.reference, "Anna")
    any_store.takeover.release(opened.reference)
    assert any_store.conversations.owner("web-1").waits == 2
