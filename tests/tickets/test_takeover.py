"""Who talks with a shopper, on SQLite and on PostgreSQL."""

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text as sql_text

from tickets.case import Status
from tickets.store import TicketStore, TicketStoreError
from tickets.takeover import NAME_CHARS, agent_name

RACERS = 8


def owner(store, conversation="web-1"):
    found = store.conversations.owner(conversation)
    return found.talking, found.agent


def status(store, ticket):
    return store.get(ticket.reference).status


def test_a_conversation_without_a_case_is_the_bots(any_store, ticket):
    ticket("web-2")
    found = any_store.conversations.owner("web-1")
    assert (found.talking, found.agent, found.since) == ("bot", None, None)


def test_a_shopper_with_a_case_waits(any_store, ticket):
    ticket()
    assert owner(any_store) == ("waiting", None)


def test_claim_gives_ticket_and_conversation_to_the_agent(any_store, ticket):
    opened = ticket()
    standing = any_store.takeover.claim(opened.reference.lower(), " Anna \t Berg ")
    assert standing.ticket.status is Status.CLAIMED
    assert (standing.talking, standing.agent, standing.takeovers) == ("agent", "Anna Berg", 1)
    assert owner(any_store) == ("agent", "Anna Berg")
    assert any_store.get(opened.reference) == standing.ticket
    assert standing.ticket.updated_at > opened.updated_at


def test_claiming_again_is_the_same_stay(any_store, ticket):
    reference = ticket().reference
    first = any_store.takeover.claim(reference, "Anna")
    since = any_store.conversations.owner("web-1").since
    assert any_store.takeover.claim(reference, "Anna") == first
    assert any_store.conversations.owner("web-1").since == since


def test_what_another_agent_has_is_refused_and_the_agent_is_named(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    with pytest.raises(TicketStoreError) as raised:
        any_store.takeover.claim(reference, "Ben")
    assert str(raised.value) == (
        f"Expected a conversation that nobody else has, found {reference} with Anna. "
        f"Ask Anna to run `amends tickets hand-back {reference}`."
    )
    assert owner(any_store) == ("agent", "Anna")


def test_another_ticket_of_a_conversation_that_an_agent_has_is_refused_too(any_store, ticket):
    """One shopper talks with one person, whatever the number of tickets."""
    first, second = ticket(), ticket(category="billing_and_payment")
    any_store.takeover.claim(first.reference, "Anna")
    with pytest.raises(TicketStoreError, match=f"found {second.reference} with Anna"):
        any_store.takeover.claim(second.reference, "Ben")
    assert status(any_store, second) is Status.OPEN
    assert any_store.takeover.claim(second.reference, "Anna").takeovers == 1


def test_other_conversations_are_left_alone(any_store, ticket):
    mine, other = ticket(), ticket("web-2")
    any_store.takeover.claim(mine.reference, "Anna")
    assert owner(any_store, "web-2") == ("waiting", None)
    assert any_store.takeover.claim(other.reference, "Ben").agent == "Ben"


def test_hand_back_opens_every_claimed_ticket_and_names_who_left(any_store, ticket):
    first, second = ticket(), ticket(category="billing_and_payment")
    for one in (first, second):
        any_store.takeover.claim(one.reference, "Anna")
    standing = any_store.takeover.hand_back(first.reference)
    assert (standing.talking, standing.agent, standing.takeovers) == ("bot", "Anna", 1)
    assert owner(any_store) == ("bot", None)
    assert [status(any_store, one) for one in (first, second)] == [Status.OPEN] * 2


def test_handing_back_again_changes_nothing(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    first = any_store.takeover.hand_back(reference)
    again = any_store.takeover.hand_back(reference)
    assert again.ticket == first.ticket
    assert (again.talking, again.agent, again.takeovers) == ("bot", None, 1)


def test_next_takeover_is_another_stay(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    any_store.takeover.hand_back(reference)
    assert any_store.takeover.claim(reference, "Ben").takeovers == 2


def test_who_waits_can_be_given_back_to_the_bot(any_store, ticket):
    reference = ticket().reference
    standing = any_store.takeover.hand_back(reference)
    assert (standing.talking, standing.agent, standing.takeovers) == ("bot", None, 0)
    assert owner(any_store) == ("bot", None)


def test_hand_back_of_what_the_bot_always_had_is_refused(any_store, ticket):
    """Of a conversation from before anybody waited."""
    reference = ticket().reference
    with any_store._engine.begin() as connection:
        connection.execute(sql_text("UPDATE conversations SET talking = 'bot', waits = 0"))
    with pytest.raises(TicketStoreError, match=f"found {reference} with the bot, which had it all"):
        any_store.takeover.hand_back(reference)


def test_resolve_closes_the_ticket_and_gives_the_bot_its_voice_back(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    standing = any_store.takeover.resolve(reference)
    assert standing.ticket.status is Status.RESOLVED
    assert (standing.talking, standing.agent, standing.takeovers) == ("bot", "Anna", 1)
    assert owner(any_store) == ("bot", None)
    again = any_store.takeover.resolve(reference)
    assert again.ticket == standing.ticket


def test_agent_with_another_ticket_there_goes_on_talking(any_store, ticket):
    first, second = ticket(), ticket(category="billing_and_payment")
    for one in (first, second):
        any_store.takeover.claim(one.reference, "Anna")
    assert any_store.takeover.resolve(first.reference).talking == "agent"
    assert owner(any_store) == ("agent", "Anna")
    assert any_store.takeover.resolve(second.reference).talking == "bot"


def test_ticket_that_nobody_claimed_can_be_resolved(any_store, ticket):
    standing = any_store.takeover.resolve(ticket().reference)
    assert (standing.ticket.status, standing.takeovers) == (Status.RESOLVED, 0)


@pytest.mark.parametrize("change", ["claim", "hand_back"])
def test_resolved_ticket_stays_closed(any_store, ticket, change):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    any_store.takeover.resolve(reference)
    arguments = ("Anna",) if change == "claim" else ()
    with pytest.raises(TicketStoreError, match=f"not resolved, found {reference} resolved"):
        getattr(any_store.takeover, change)(reference, *arguments)
    assert owner(any_store) == ("bot", None)


def test_speaker_is_who_claimed(any_store, ticket):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Anna")
    assert any_store.takeover.speaker(reference).agent == "Anna"


@pytest.mark.parametrize("before", [[], ["claim", "hand_back"], ["claim", "resolve"]])
def test_nobody_speaks_on_a_ticket_that_is_not_claimed(any_store, ticket, before):
    reference = ticket().reference
    for change in before:
        arguments = ("Anna",) if change == "claim" else ()
        getattr(any_store.takeover, change)(reference, *arguments)
    with pytest.raises(
        TicketStoreError, match=rf"claimed, found {reference} (open|resolved)\. Run"
    ):
        any_store.takeover.speaker(reference)


@pytest.mark.parametrize("change", ["claim", "hand_back", "resolve", "speaker"])
def test_unknown_reference_is_refused(any_store, change):
    arguments = ("Anna",) if change == "claim" else ()
    with pytest.raises(TicketStoreError, match="Expected the reference of a ticket, found 'AM-X'"):
        getattr(any_store.takeover, change)("AM-X", *arguments)


@pytest.mark.parametrize("typed", ["", "  \n", "\x1b\x07", "\u202e", "x" * (NAME_CHARS + 1)])
def test_name_that_shoppers_cannot_read_is_refused(typed):
    with pytest.raises(TicketStoreError, match=r"1 to 100 characters, found \d+\. Correct --as"):
        agent_name(typed)


def test_name_is_made_fit_to_be_read():
    assert agent_name("Zo\u00eb \x1b[31m\u202e  O\ud83d'Neil\n") == "Zo\u00eb [31m O'Neil"


def race(store, reference, names):
    """What each agent who claims at the same moment got: True, or the words of the refusal."""

    def claim(name):
        try:
            return store.takeover.claim(reference, name).agent == name
        except TicketStoreError as error:
            return str(error)

    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(claim, names), strict=True))


def test_of_agents_who_claim_at_once_one_wins_and_the_others_are_told_who(any_store, ticket):
    for round_ in range(5):
        opened = ticket(f"web-{round_}")
        got = race(any_store, opened.reference, [f"agent{number}" for number in range(RACERS)])
        (winner,) = [name for name, outcome in got.items() if outcome is True]
        losers = [outcome for outcome in got.values() if outcome is not True]
        assert all(f"with {winner}. Ask {winner}" in outcome for outcome in losers)
        assert len(losers) == RACERS - 1
        assert owner(any_store, f"web-{round_}") == ("agent", winner)


def test_agents_who_claim_two_tickets_of_one_conversation_at_once_are_not_both_there(
    any_store, ticket
):
    """Where the lock is on the ticket alone, both get in."""
    for round_ in range(5):
        chat = f"web-{round_}"
        tickets = [ticket(chat), ticket(chat, "billing_and_payment")]

        def claim(at, tickets=tickets):
            try:
                return any_store.takeover.claim(tickets[at].reference, f"agent{at}").agent
            except TicketStoreError:
                return None

        with ThreadPoolExecutor(2) as pool:
            got = list(pool.map(claim, range(2)))
        assert sorted(agent is None for agent in got) == [False, True]
        assert owner(any_store, chat)[1] in got


def test_claim_and_resolve_at_once_leave_no_person_on_a_closed_ticket(any_store, ticket):
    for round_ in range(5):
        chat = f"web-{round_}"
        reference = ticket(chat).reference
        with ThreadPoolExecutor(2) as pool:
            claimed = pool.submit(any_store.takeover.claim, reference, "Anna")
            pool.submit(any_store.takeover.resolve, reference).result()
            claimed.exception()
        assert owner(any_store, chat) == ("bot", None)
        assert any_store.get(reference).status is Status.RESOLVED


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (
            "UPDATE conversations SET talking = 'agent', owner = 'b', agent = 'Ben', takeovers = 2",
            "with Ben. Ask Ben",
        ),
        ("UPDATE tickets SET status = 'resolved'", "resolved. Reopen it; what the shopper"),
    ],
)
def test_claim_sees_what_was_committed_while_it_waited(any_store, ticket, meanwhile, refusal):
    reference = ticket().reference
    any_store.takeover.claim(reference, "Cleo")
    any_store.takeover.hand_back(reference)
    with ThreadPoolExecutor(1) as pool:
        with any_store._engine.execution_options(write=True).begin() as other:
            other.execute(sql_text(meanwhile))
            claim = pool.submit(any_store.takeover.claim, reference, "Anna")
            time.sleep(0.5)
            assert not claim.done()
        with pytest.raises(TicketStoreError, match=refusal):
            claim.result(30)
    assert owner(any_store) in (("bot", None), ("agent", "Ben"))


def test_opposite_changes_at_once_do_not_wait_in_a_circle(any_store, ticket):
    tickets = [ticket(), ticket(category="billing_and_payment")]
    takeover = any_store.takeover
    for one in tickets:
        takeover.claim(one.reference, "Anna")
    changes = [
        lambda: takeover.hand_back(tickets[0].reference),
        lambda: takeover.claim(tickets[1].reference, "Anna"),
        lambda: takeover.hand_back(tickets[1].reference),
        lambda: takeover.claim(tickets[0].reference, "Anna"),
    ]
    with ThreadPoolExecutor(len(changes)) as pool:
        for done in [pool.submit(change) for change in changes * 5]:
            done.result(30)


def _claim(url, reference, name, ready, won):
    with closing(TicketStore.open(url)) as store:
        ready.wait(60)
        try:
            store.takeover.claim(reference, name)
        except TicketStoreError:
            return
        won.put(name)


def test_of_processes_that_claim_at_once_one_wins(any_store, any_url, ticket):
    reference = ticket().reference
    spawn = multiprocessing.get_context("spawn")
    ready, won = spawn.Barrier(3), spawn.Queue()
    racers = [
        spawn.Process(target=_claim, args=(any_url, reference, name, ready, won))
        for name in ("Anna", "Ben", "Cleo")
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
    assert [racer.exitcode for racer in racers] == [0] * 3
    assert owner(any_store) == ("agent", won.get(timeout=5))
    assert won.empty()
