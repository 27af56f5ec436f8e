"""How the desk says short names and times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from desk.pages.words import clock, deed, rule, shopper, waited

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""), (-5, "0 min"), (59, "0 min"), (60, "1 min"), (3599, "59 min"),
        (7500, "2 h 5 min"), (86_400, "1 d 0 h"), (200_000, "2 d 7 h"),
    ],
)  # fmt: skip
def test_waiting_time(seconds, words):
    assert waited(None if seconds is None else NOW - seconds, NOW) == words


def test_times_are_those_of_the_shops_clock():
    moment = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)
    assert clock(moment, ZoneInfo("Europe/Rome")) == "2 Mar 00:05"


def test_names_that_are_not_known_are_read_as_they_are():
    assert rule("person") == "asked for a person"
    assert rule("new_rule") == "new rule"
    assert deed("handed_back") == "handed the chat back"
    assert deed("sent_to_moon") == "sent to moon"


def test_the_nameless_are_told_apart():
    assert shopper("Mia", "web-12345678") == "Mia"
    assert shopper(None, "web-12345678") == "Shopper 12345678"
