"""Which tickets an agent sees and in which order, on SQLite and on PostgreSQL."""

import time
from contextlib import closing

import pytest
from pydantic import ValidationError
from sqlalchemy import text as sql_text

from tickets.case import Status
from tickets.queue import NOBODY, PAGE_ROWS, Filter
from tickets.store import TicketStore, TicketStoreError

CALM, ANGRY = {"intensity": "weak"}, {"intensity": "extreme"}


@pytest.fixture
def opened(any_store, case):
    """Opens a ticket in a conversation of its own."""

    def make(conversation, **changes):
        return any_store.escalate(case("m1", conversation, **changes)).ticket

    return make


@pytest.fixture
def change(any_store):
    """Runs a statement on the database, past the store."""

    def run(statement, **values):
        with any_store._engine.begin() as connection:
            return connection.execute(sql_text(statement), values)

    return run


@pytest.fixture
def found(any_store):
    """References that a filter leaves, in their order."""

    def run(**wanted):
        return [row.reference for row in any_store.queue.page(Filter(**wanted)).rows]

    return run


def name(change, conversation, shopper):
    change(
        "UPDATE conversations SET shopper_name = :name WHERE conversation_id = :id",
        name=shopper,
        id=conversation,
    )


def test_who_calms_down_is_still_shown_by_their_angriest_message(any_store, case):
    for number, assessment in enumerate((CALM, ANGRY, CALM, None)):
        any_store.escalate(case(f"m{number}", "web-1", assessment=assessment))
    (row,) = any_store.queue.page(Filter()).rows
    assert row.intensity == "extreme"


def test_an_empty_queue(any_store):
    page = any_store.queue.page(Filter())
    assert (page.rows, page.total, page.page, page.pages) == ((), 0, 1, 1)
    assert page.counts_by_owner == {}


def test_a_row_says_all_there_is_to_see(any_store, case, change):
    any_store.escalate(case("m1", text="Where is it?", assessment=CALM))
    ticket = any_store.escalate(case("m2", text="Still nothing.", assessment=ANGRY)).ticket
    name(change, "c1", "Zoë <b>")
    (row,) = any_store.queue.page(Filter(), now=ticket.waiting_since + 3600).rows
    expected = {
        **ticket.model_dump(include=set(type(row).model_fields) - {"messages"}),
        "shopper_name": "Zoë <b>",
        "urgency": pytest.approx(ticket.severity * 1.5),
        "messages": 2,
        "last_text": "Still nothing.",
        "intensity": ANGRY["intensity"],
    }
    assert row.model_dump() == expected
    assert row.severity == 6.0


def test_unresolved_ones_first_by_urgency_then_resolved_ones_by_change(any_store, opened, found):
    calm, angry = opened("c1", assessment=CALM), opened("c2", assessment=ANGRY)
    first, last = opened("c3", assessment=ANGRY), opened("c4", assessment=CALM)
    for ticket in (first, last):
        any_store.takeover.resolve(ticket.reference)
    expected = [angry, calm, last, first]
    assert found() == [ticket.reference for ticket in expected]


def test_who_waits_longer_comes_first_in_the_end(any_store, opened, found, change):
    angry, calm = opened("c1", assessment=ANGRY), opened("c2", assessment=CALM)
    assert found() == [angry.reference, calm.reference]
    change(
        "UPDATE tickets SET waiting_since = :since WHERE reference = :reference",
        since=time.time() - 8 * 3600,
        reference=calm.reference,
    )
    assert found() == [calm.reference, angry.reference]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"c1", "c2", "c3"}),
        ({"status": "open"}, {"c1"}),
        ({"status": "claimed"}, {"c2"}),
        ({"status": "resolved"}, {"c3"}),
        ({"owner": "anna"}, {"c2"}),
        ({"owner": NOBODY}, {"c1"}),
        ({"owner": "nobody here"}, set()),
        ({"category": "delivery"}, {"c1", "c3"}),
        ({"rule": "strong_negative"}, {"c1", "c2", "c3"}),
        ({"rule": "safety"}, set()),
        ({"owner": "anna", "category": "delivery"}, set()),
        ({"status": "", "owner": " ", "category": "", "rule": "", "text": ""}, {"c1", "c2", "c3"}),
    ],
)
def test_filters(any_store, opened, wanted, expected):
    opened("c1")
    claimed = opened("c2", category="quality")
    any_store.takeover.claim(claimed.reference, "Anna", "anna")
    any_store.takeover.resolve(opened("c3").reference, by="ben")
    page = any_store.queue.page(Filter(**wanted))
    assert {row.conversation_id for row in page.rows} == expected
    assert page.total == len(expected)


SEARCHES = (
    "PARCEL", "Delivery", "o'neil", " refund ", "100%", "a_b", "c:\\new", "/", "50 % off_",
)  # fmt: skip


def test_search_finds_what_was_typed_and_only_that(any_store, opened, change, found):
    expected = opened("c1", text="My parcel has 100% gone, refund a_b c:\\new 1/2, 50 % off_")
    name(change, "c1", "Mr O'Neil")
    opened("c2", text="Axb 1000 c:new", category="quality")
    assert [found(text=typed) for typed in SEARCHES] == [[expected.reference]] * len(SEARCHES)


def test_search_finds_a_part_of_the_reference(opened, found):
    reference = opened("c1").reference
    opened("c2")
    assert found(text=reference.lower()) == [reference]
    assert found(text=reference[3:]) == [reference]


def test_search_looks_into_earlier_messages_and_finds_each_ticket_once(any_store, case, found):
    reference = any_store.escalate(case("m1", text="kettle")).ticket.reference
    any_store.escalate(case("m2", text="kettle, still"))
    any_store.escalate(case("m3", text="Hello?"))
    assert found(text="kettle") == [reference]


@pytest.mark.parametrize(
    ("written", "typed"), [("Müller", "MÜLLER"), ("ŁUKASZ", "łukasz"), ("ΑΘΗΝΑ", "αθηνα")]
)
def test_search_disregards_capitals_beyond_ascii(any_store, opened, change, written, typed):
    if change("SELECT lower('Ü')").scalar() != "ü":
        pytest.skip("this database's locale knows the letters of ASCII alone")
    opened("c1")
    name(change, "c1", written)
    opened("c2", text=f"I am {written}.", category="quality")
    opened("c3", text="Another one")
    page = any_store.queue.page(Filter(text=typed))
    assert {row.conversation_id for row in page.rows} == {"c1", "c2"}


INJECTIONS = (
    "' OR 1=1 --", "'; DROP TABLE tickets; --", "\\", "%", "_", "\0", "\ud800", "x" * 255,
    "%' UNION SELECT login, password_hash FROM agents --",
)  # fmt: skip


@pytest.mark.parametrize("field", ["text", "owner", "category", "rule"])
def test_sql_in_a_search_is_just_text(any_store, opened, found, field):
    opened("c1", text="Where is it?")
    assert [found(**{field: typed}) for typed in INJECTIONS] == [[]] * len(INJECTIONS)
    assert len(found()) == 1


@pytest.mark.parametrize(
    "wrong", [{"status": "closed"}, {"page": 0}, {"page": 10**9}, {"text": "x" * 256}]
)
def test_a_filter_that_means_nothing_is_refused(wrong):
    (field,) = wrong
    with pytest.raises(ValidationError, match=field):
        Filter(**wrong)


def test_pages_hold_every_ticket_once(any_store, case):
    for number in range(PAGE_ROWS * 2 + 1):
        any_store.escalate(case("m1", f"c{number}"))
    now = time.time()
    pages = [any_store.queue.page(Filter(page=number), now) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [PAGE_ROWS, PAGE_ROWS, 1]
    assert {(page.total, page.pages) for page in pages} == {(PAGE_ROWS * 2 + 1, 3)}
    assert len({row.reference for page in pages for row in page.rows}) == PAGE_ROWS * 2 + 1
    behind = any_store.queue.page(Filter(page=4), now)
    assert (behind.rows, behind.total, behind.pages) == ((), PAGE_ROWS * 2 + 1, 3)


def test_counts_by_owner_are_of_unresolved_tickets_whatever_the_filter(any_store, opened):
    for number, agent in enumerate(("anna", "anna", "ben"), 1):
        any_store.takeover.assign(opened(f"c{number}").reference, agent)
    opened("c4")
    any_store.takeover.resolve(opened("c5").reference, by="anna")
    page = any_store.queue.page(Filter(text="nothing like this"))
    assert page.counts_by_owner == {"anna": 2, "ben": 1, NOBODY: 1}


def test_a_database_that_fails_is_said(database, sql):
    with closing(TicketStore.open(f"sqlite:///{database}")) as store:
        sql("ALTER TABLE tickets RENAME TO gone")
        with pytest.raises(TicketStoreError, match="no such table: tickets"):
            store.queue.page(Filter())


def test_a_claimed_ticket_keeps_its_severity(any_store, opened):
    ticket = opened("c1", assessment=ANGRY)
    any_store.takeover.claim(ticket.reference, "Anna", "anna")
    (row,) = any_store.queue.page(Filter(), now=time.time() + 10**6).rows
    assert (row.status, row.waiting_since, row.urgency) == (Status.CLAIMED, None, row.severity)
