"""The state machine of tickets and conversations, on SQLite and on PostgreSQL.

Each state a ticket can be in, times each thing that an agent can do.
"""

import uuid
from contextlib import closing

import pytest
from sqlalchemy import text as sql_text

from tickets.store import TicketStore, TicketStoreError, migrate

STATES = {
    "waiting": (),
    "assigned": ("assign ben",),
    "claimed": ("claim anna",),
    "released": ("claim anna", "release"),
    "handed back": ("claim anna", "hand_back"),
    "resolved": ("claim anna", "resolve"),
    "reopened": ("claim anna", "resolve", "reopen"),
}

CHANGES = {
    "claim anna": lambda takeover, ticket: takeover.claim(ticket, "Anna", "anna"),
    "claim ben": lambda takeover, ticket: takeover.claim(ticket, "Ben", "ben"),
    "release": lambda takeover, ticket: takeover.release(ticket, "cleo"),
    "assign ben": lambda takeover, ticket: takeover.assign(ticket, "ben", "cleo"),
    "assign nobody": lambda takeover, ticket: takeover.assign(ticket, None, "cleo"),
    "hand_back": lambda takeover, ticket: takeover.hand_back(ticket, "cleo"),
    "resolve": lambda takeover, ticket: takeover.resolve(ticket, "cleo"),
    "reopen": lambda takeover, ticket: takeover.reopen(ticket, "cleo"),
}

NOTHING = "nothing"
CLAIM = ["claimed"], ["chat.joined", "ticket.claimed"]
ASSIGN = ["assigned"], []
LEAVE_OPEN = ["released"], ["ticket.handed_back"]
RELEASE = ["released"], ["chat.waiting", "ticket.handed_back"]
HAND_BACK = ["handed_back"], ["chat.left", "ticket.handed_back"]
RESOLVE = ["resolved"], ["chat.left", "chat.rating", "ticket.resolved"]
RESOLVE_QUIETLY = ["resolved"], ["chat.rating", "ticket.resolved"]
REOPEN = ["reopened"], ["ticket.reopened"]

# After it: status, owner, who talks; what was audited; what went into the outbox. A string is a
# refusal, NOTHING that all stays as it was.
TABLE = {
    "waiting": {
        "claim anna": (("claimed", "anna", "agent"), *CLAIM),
        "claim ben": (("claimed", "ben", "agent"), *CLAIM),
        "release": NOTHING,
        "assign ben": (("open", "ben", "waiting"), *ASSIGN),
        "assign nobody": NOTHING,
        "hand_back": (("open", None, "bot"), *HAND_BACK),
        "resolve": (("resolved", "cleo", "bot"), *RESOLVE),
        "reopen": NOTHING,
    },
    "assigned": {
        "claim anna": (("claimed", "anna", "agent"), *CLAIM),
        "claim ben": (("claimed", "ben", "agent"), *CLAIM),
        "release": (("open", None, "waiting"), *LEAVE_OPEN),
        "assign ben": NOTHING,
        "assign nobody": (("open", None, "waiting"), *ASSIGN),
        "hand_back": (("open", "ben", "bot"), *HAND_BACK),
        "resolve": (("resolved", "ben", "bot"), *RESOLVE),
        "reopen": NOTHING,
    },
    "claimed": {
        "claim anna": NOTHING,
        "claim ben": "Expected a conversation that nobody else has, found {} with Anna.",
        "release": (("open", None, "waiting"), *RELEASE),
        "assign ben": (("open", "ben", "waiting"), ["released", "assigned"], RELEASE[1]),
        "assign nobody": (("open", None, "waiting"), *RELEASE),
        "hand_back": (("open", None, "bot"), *HAND_BACK),
        "resolve": (("resolved", "anna", "bot"), *RESOLVE),
        "reopen": NOTHING,
    },
    "handed back": {
        "claim anna": (("claimed", "anna", "agent"), *CLAIM),
        "claim ben": (("claimed", "ben", "agent"), *CLAIM),
        "release": NOTHING,
        "assign ben": (("open", "ben", "bot"), *ASSIGN),
        "assign nobody": NOTHING,
        "hand_back": NOTHING,
        "resolve": (("resolved", "cleo", "bot"), *RESOLVE_QUIETLY),
        "reopen": NOTHING,
    },
    "resolved": {
        **dict.fromkeys(
            ("claim anna", "claim ben", "release", "assign ben", "assign nobody", "hand_back"),
            "Expected a ticket that is not resolved, found {} resolved. Reopen it;",
        ),
        "resolve": NOTHING,
        "reopen": (("open", None, "bot"), *REOPEN),
    },
}
TABLE["released"] = TABLE["waiting"]
TABLE["reopened"] = TABLE["handed back"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request, tmp_path_factory):
    """One store for all rows of the table; each test has a conversation of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('table') / 'tickets.db'}"
    else:
        url = request.getfixturevalue("postgresql").new()
    migrate(url)
    with closing(TicketStore.open(url)) as store:
        yield store


@pytest.fixture
def chat():
    return f"web-{uuid.uuid4().hex}"


@pytest.fixture
def opened(shared, chat, case):
    """The reference of a new ticket in the test's conversation."""

    def make(category="delivery", message=None):
        return shared.escalate(case(message or uuid.uuid4().hex, chat, category)).ticket.reference

    return make


@pytest.fixture
def rows(shared):
    """What a query finds, past the store."""

    def run(query, **values):
        with shared._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sql_text(query), values)]

    return run


@pytest.fixture
def written(rows):
    """Audit and outbox of a ticket, oldest first."""

    def read(reference):
        of = "WHERE ticket_id = (SELECT id FROM tickets WHERE reference = :r) ORDER BY id"
        actions = rows(f"SELECT action FROM audit {of}", r=reference)
        events = rows(f"SELECT event FROM outbox {of}", r=reference)
        return [action for (action,) in actions], [event for (event,) in events]

    return read


@pytest.fixture
def notices(rows):
    """Ids and words of what the shoppers of a ticket are to be told, oldest first."""

    def read(reference):
        found = rows(
            "SELECT payload FROM outbox WHERE event IN ('chat.joined', 'chat.waiting', 'chat.left')"
            " AND ticket_id = (SELECT id FROM tickets WHERE reference = :r) ORDER BY id",
            r=reference,
        )
        payloads = [_json(payload) for (payload,) in found]
        return [(payload["id"], payload["words"]) for payload in payloads]

    return read


def _json(value):
    import json

    return json.loads(value) if isinstance(value, str) else value


def bring(store, reference, state):
    for change in STATES[state]:
        CHANGES[change](store.takeover, reference)


def standing(store, reference, chat):
    ticket = store.get(reference)
    return ticket, store.conversations.owner(chat)


CELLS = [(state, change) for state in STATES for change in CHANGES]


@pytest.mark.parametrize(("state", "change"), CELLS)
def test_table(shared, opened, chat, written, state, change):
    reference = opened()
    bring(shared, reference, state)
    before, audited, queued = standing(shared, reference, chat), *written(reference)
    expected = TABLE[state][change]
    if expected is NOTHING:
        CHANGES[change](shared.takeover, reference)
        assert standing(shared, reference, chat) == before
        assert written(reference) == (audited, queued)
    elif isinstance(expected, str):
        with pytest.raises(TicketStoreError) as raised:
            CHANGES[change](shared.takeover, reference)
        assert str(raised.value).startswith(expected.format(reference))
        assert standing(shared, reference, chat) == before
        assert written(reference) == (audited, queued)
    else:
        after, actions, events = expected
        got = CHANGES[change](shared.takeover, reference)
        assert (got.ticket.status, got.ticket.owner, got.talking) == after
        ticket, owner = standing(shared, reference, chat)
        assert (ticket, owner.talking) == (got.ticket, got.talking)
        now_audited, now_queued = written(reference)
        assert now_audited == audited + actions
        assert sorted(now_queued[len(queued) :]) == sorted(events)


@pytest.mark.parametrize("state", STATES)
def test_who_waits_and_who_is_closed_is_dated(shared, opened, state):
    reference = opened()
    bring(shared, reference, state)
    ticket = shared.get(reference)
    assert (ticket.waiting_since is not None) == (ticket.status == "open")
    assert (ticket.resolved_at is not None) == (ticket.status == "resolved")


@pytest.mark.parametrize("change", ["assign ben", "release", "hand_back", "assign nobody"])
def test_waiting_time_goes_on(shared, opened, change):
    """Whoever is moved from one agent's list to another's has waited no less for it."""
    reference = opened()
    shared.takeover.assign(reference, "anna")
    since = shared.get(reference).waiting_since
    CHANGES[change](shared.takeover, reference)
    assert shared.get(reference).waiting_since == since


def test_every_change_is_audited_with_who_did_it(shared, opened, rows):
    reference = opened()
    for change in ("assign ben", "claim ben", "release", "claim anna", "hand_back", "resolve"):
        CHANGES[change](shared.takeover, reference)
    found = rows(
        "SELECT actor, action FROM audit WHERE ticket_id = "
        "(SELECT id FROM tickets WHERE reference = :r) ORDER BY id",
        r=reference,
    )
    assert found == [
        ("shopper", "opened"),
        ("cleo", "assigned"),
        ("ben", "claimed"),
        ("cleo", "released"),
        ("anna", "claimed"),
        ("cleo", "handed_back"),
        ("cleo", "resolved"),
    ]


def test_each_notice_has_an_id_of_its_own(shared, opened, notices):
    """The channel shows what has the same id once: of two waits that end, both are told."""
    reference = opened()
    expected = []
    for stay in (1, 2):
        CHANGES["claim anna"](shared.takeover, reference)
        CHANGES["release"](shared.takeover, reference)
        CHANGES["hand_back"](shared.takeover, reference)
        expected += [
            (f"takeover-{stay}-joined", "joined"),
            (f"takeover-{stay}-waiting", "released"),
        ]
        expected += [(f"wait-{2 * stay}-left", "back")]
        opened()  # the shopper waits again
    assert notices(reference) == expected


def test_hand_back_after_a_stay_names_the_stay(shared, opened, notices):
    reference = opened()
    CHANGES["claim anna"](shared.takeover, reference)
    CHANGES["hand_back"](shared.takeover, reference)
    opened()
    CHANGES["hand_back"](shared.takeover, reference)
    assert notices(reference)[1:] == [("takeover-1-left", "left"), ("wait-2-left", "back")]


def test_hand_back_is_written_down_on_every_ticket_that_it_opens(shared, opened, written):
    first, second, other = opened(), opened("quality"), opened("billing_and_payment")
    for reference in (first, second):
        CHANGES["claim anna"](shared.takeover, reference)
    CHANGES["hand_back"](shared.takeover, first)
    assert written(first) == (
        ["opened", "claimed", "handed_back"],
        ["ticket.opened", "chat.joined", "ticket.claimed", "chat.left", "ticket.handed_back"],
    )
    assert written(second)[0] == ["opened", "claimed", "handed_back"]
    assert written(second)[1] == ["ticket.opened", "ticket.claimed", "ticket.handed_back"]
    assert written(other) == (["opened"], ["ticket.opened"])


def test_who_waits_for_one_ticket_goes_on_waiting_when_another_is_resolved(shared, opened, chat):
    first, second = opened(), opened("quality")
    assert shared.takeover.resolve(first, "cleo").talking == "waiting"
    assert shared.takeover.resolve(second, "cleo").talking == "bot"


def test_releasing_one_of_two_claimed_tickets_keeps_the_person_there(shared, opened, chat):
    first, second = opened(), opened("quality")
    for reference in (first, second):
        CHANGES["claim anna"](shared.takeover, reference)
    assert shared.takeover.release(first, "anna").talking == "agent"
    assert shared.takeover.release(second, "anna").talking == "waiting"


def test_reopen_is_refused_where_a_newer_case_is_about_the_same(shared, opened):
    reference = opened()
    shared.takeover.resolve(reference, "cleo")
    newer = opened()
    with pytest.raises(TicketStoreError) as raised:
        shared.takeover.reopen(reference, "cleo")
    assert str(raised.value) == (
        f"Expected a conversation without a newer case about the same thing, found {newer}. "
        f"Go on with {newer} instead of reopening {reference}."
    )
    assert shared.get(reference).status == "resolved"


def waits(rows, chat):
    return rows("SELECT waits, takeovers FROM conversations WHERE conversation_id = :c", c=chat)[0]


def test_waits_and_stays_are_counted(shared, opened, chat, rows):
    reference = opened()
    assert waits(rows, chat) == (1, 0)
    opened("quality")  # waits already
    assert waits(rows, chat) == (1, 0)
    CHANGES["claim anna"](shared.takeover, reference)
    opened()  # a person is there
    assert waits(rows, chat) == (1, 1)
    CHANGES["release"](shared.takeover, reference)
    assert waits(rows, chat) == (2, 1)
    CHANGES["claim ben"](shared.takeover, reference)
    CHANGES["hand_back"](shared.takeover, reference)
    assert waits(rows, chat) == (2, 2)
    opened()
    assert waits(rows, chat) == (3, 2)


@pytest.mark.parametrize("state", ["handed back", "resolved"])
def test_an_escalation_that_repeats_a_message_does_not_silence_the_bot_again(
    shared, opened, chat, rows, state
):
    reference = opened(message="the same")
    bring(shared, reference, state)
    before = waits(rows, chat)
    assert opened(message="the same") == reference
    assert shared.conversations.owner(chat).talking == "bot"
    assert waits(rows, chat) == before


def test_what_the_shopper_was_not_told_yet_is_in_the_answer(shared, opened, rows):
    reference = opened()
    untold = shared.takeover.claim(reference, "Anna", "anna").untold
    assert rows("SELECT event FROM outbox WHERE id = :id", id=untold[0]) == [("chat.joined",)]
    with shared._engine.begin() as connection:
        connection.execute(sql_text("UPDATE outbox SET delivery = 'sent'"))
    assert shared.takeover.claim(reference, "Anna", "anna").untold == ()
