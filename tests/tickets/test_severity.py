"""How urgent a ticket is: ranges and order, as Python and both databases reckon it."""

import time

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql_text

from tickets.models import TicketRow
from tickets.severity import INTENSITY, RULES, severity, urgency, waited_hours

NOW = 1_800_000_000.0
HOUR = 3600.0


def said(intensity="weak", rule="strong_negative"):
    return {"intensity": intensity}, {"rule": rule}


def test_lowest_and_highest():
    assert severity([said()]) == 1.0
    assert severity([said("extreme", "self_harm")] * 5) == 240.0


@pytest.mark.parametrize("rule", ["strong_negative", *RULES])
def test_more_intense_is_graver(rule):
    reckoned = [severity([said(intensity, rule)]) for intensity in INTENSITY]
    assert reckoned == sorted(set(reckoned))


@pytest.mark.parametrize(
    ("messages", "factor"), [(1, 1.0), (2, 1.5), (3, 2.0), (5, 3.0), (6, 3.0), (100, 3.0)]
)
def test_repeats_raise_it_up_to_five(messages, factor):
    assert severity([said("strong")] * messages) == 3.0 * factor


def test_the_worst_message_and_the_gravest_rule_count_wherever_they_are():
    mixed = [said("extreme"), said("weak", "safety"), said()]
    assert severity(mixed) == severity(mixed[::-1]) == 4.0 * 2.0 * 10.0


@pytest.mark.parametrize("assessment", [None, {}, {"intensity": None}, {"intensity": "new"}])
def test_what_nothing_scored_counts_as_medium(assessment):
    assert severity([(assessment, {"rule": "not_scored"})]) == severity([said("medium")])


@pytest.mark.parametrize("triage", [{}, {"rule": "a rule of tomorrow"}])
def test_a_rule_without_a_factor_changes_nothing(triage):
    assert severity([({"intensity": "strong"}, triage)]) == 3.0


def test_danger_stands_above_the_angriest_who_waited_for_days():
    angriest = severity([said("extreme")] * 5) * (1 + 48 / 2)
    calm_but_in_danger = severity([said("weak", "self_harm")])
    assert calm_but_in_danger * (1 + 48 / 2) > angriest
    order = ["self_harm", "safety", "legal_or_fraud", "person", "strong_negative"]
    reckoned = [severity([said("weak", rule)]) for rule in order]
    assert reckoned == sorted(reckoned, reverse=True)


@pytest.mark.parametrize(
    ("since", "hours"),
    [
        (None, 0.0),
        (NOW, 0.0),
        (NOW - 90 * 60, 1.5),
        (NOW - 48 * HOUR, 48.0),
        (NOW - 400 * HOUR, 48.0),
        (NOW + HOUR, 0.0),  # a clock that was set back
    ],
)
def test_urgency_grows_with_the_wait_as_both_databases_reckon_it(any_store, ticket, since, hours):
    ticket()
    with any_store._engine.begin() as connection:
        connection.execute(
            sql_text("UPDATE tickets SET waiting_since = :s, severity = 3"), {"s": since}
        )
        reckoned = connection.scalar(select(urgency(NOW)).select_from(TicketRow))
    assert waited_hours(since, NOW) == hours
    assert reckoned == pytest.approx(3.0 * (1 + hours / 2))


def test_urgency_is_of_this_moment_unless_said_otherwise(any_store, ticket):
    ticket()
    with any_store._engine.begin() as connection:
        connection.execute(
            sql_text("UPDATE tickets SET waiting_since = :s, severity = 1"),
            {"s": time.time() - 2 * HOUR},
        )
        reckoned = connection.scalar(select(urgency()).select_from(TicketRow))
    assert reckoned == pytest.approx(2.0, abs=0.01)


def test_each_further_message_raises_the_tickets_severity(any_store, case):
    def escalate(message, intensity):
        kwargs = {"assessment": {"intensity": intensity}}
        return any_store.escalate(case(message, **kwargs)).ticket.severity

    assert [escalate("m1", "medium"), escalate("m2", "weak"), escalate("m3", "extreme")] == [
        2.0,
        3.0,
        8.0,
    ]
    # The same message again is no repeat of the shopper's.
    assert escalate("m3", "extreme") == 8.0


def test_complaints_before_the_ticket_count_as_messages_of_it():
    opening = {"intensity": "strong"}, {"rule": "repeated_complaint", "repeats": 2}
    assert severity([opening]) == severity([said("strong")] * 3) == 3.0 * 2.0
    assert severity([opening, said()]) == 3.0 * 2.5
    assert severity([opening] * 9) == 3.0 * 3.0
