"""Ratings by week, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from tickets.models import RatingRow

# A Thursday.
NOW = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def rated(any_store):
    """Stores ratings of that score, given at that moment."""

    def store(moment, *scores):
        rows = [
            {
                "conversation_id": f"c{moment.timestamp()}",
                "request_id": f"r{number}",
                "score": score,
                "created_at": moment,
            }
            for number, score in enumerate(scores)
        ]
        with any_store._engine.execution_options(write=True).begin() as connection:
            connection.execute(insert(RatingRow), rows)

    return store


def test_weeks_without_ratings_are_there_too(any_store):
    weeks = any_store.ratings.weekly(now=NOW)
    assert len(weeks) == 12
    assert [week.monday for week in weeks] == sorted(week.monday for week in weeks)
    assert (weeks[-1].monday, weeks[-1].year, weeks[-1].week) == (date(2026, 1, 5), 2026, 2)
    assert {(week.count, week.mean, week.satisfied) for week in weeks} == {(0, None, None)}


def test_mean_and_share_of_satisfied(any_store, rated):
    rated(NOW, 1, 3, 4, 5)
    rated(NOW - timedelta(weeks=1), 2)
    before, last = any_store.ratings.weekly(2, now=NOW)
    assert (last.count, last.mean, last.satisfied) == (4, 3.25, 0.5)
    assert (before.count, before.mean, before.satisfied) == (1, 2.0, 0.0)


def test_what_is_older_is_left_out(any_store, rated):
    rated(NOW - timedelta(weeks=2), 5)
    assert [week.count for week in any_store.ratings.weekly(2, now=NOW)] == [0, 0]


def test_the_year_is_the_one_that_iso_gives_the_week(any_store, rated):
    rated(datetime(2026, 1, 1, tzinfo=UTC), 5)
    rated(datetime(2027, 1, 2, tzinfo=UTC), 5)
    (first,) = any_store.ratings.weekly(1, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (first.year, first.week, first.count) == (2026, 1, 1)
    (last,) = any_store.ratings.weekly(1, now=datetime(2027, 1, 3, tzinfo=UTC))
    assert (last.year, last.week, last.count) == (2026, 53, 1)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", [1, 0]), ("Europe/Rome", [0, 1]), ("America/New_York", [1, 0])],
)
def test_a_week_begins_when_the_clock_of_the_zone_says_so(any_store, rated, zone, expected):
    rated(datetime(2026, 1, 4, 23, 30, tzinfo=UTC), 5)  # Monday already in Rome
    weeks = any_store.ratings.weekly(2, ZoneInfo(zone), now=NOW)
    assert [week.count for week in weeks] == expected


def test_the_first_hour_of_the_first_week_is_in_it_on_both_sides_of_summer_time(any_store, rated):
    rome = ZoneInfo("Europe/Rome")
    rated(datetime(2026, 3, 23, 0, 30, tzinfo=rome), 5)  # winter
    rated(datetime(2026, 3, 30, 0, 30, tzinfo=rome), 4)  # summer
    weeks = any_store.ratings.weekly(2, rome, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert [(week.monday, week.count) for week in weeks] == [
        (date(2026, 3, 23), 1),
        (date(2026, 3, 30), 1),
    ]
