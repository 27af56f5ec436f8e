"""Ratings by week: whether the help gets better."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict

SATISFIED = 4
"""From this score on a shopper was helped."""


class Week(BaseModel):
    """The ratings of one week, Monday to Sunday.

    Attributes:
        year: As ISO 8601 counts weeks: the first days of January may be in the year before.
        week: 1 to 53.
        monday: Its first day.
        count: How many ratings were given.
        mean: Of their scores, 1 to 5; None without any.
        satisfied: Share of scores of 4 and 5, 0 to 1; None without any.
    """

    model_config = ConfigDict(frozen=True)

    year: int
    week: int
    monday: date
    count: int
    mean: float | None
    satisfied: float | None


def monday_of(moment: datetime, zone: tzinfo) -> date:
    """The first day of the week that a moment is in, as a clock in that zone shows it."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def by_week(
    scores: Iterable[tuple[datetime, int]], mondays: Iterable[date], zone: tzinfo
) -> tuple[Week, ...]:
    """What was rated in each of these weeks, in their order.

    Args:
        scores: When each rating was given, and its score.
        mondays: Which weeks.
        zone: Where the week begins.
    """
    found: dict[date, list[int]] = {monday: [] for monday in mondays}
    for moment, score in scores:
        found.get(monday_of(moment, zone), []).append(score)
    return tuple(_week(monday, given) for monday, given in found.items())


def _week(monday: date, scores: list[int]) -> Week:
    year, week, _ = monday.isocalendar()
    count = len(scores)
    satisfied = sum(score >= SATISFIED for score in scores)
    return Week(
        year=year,
        week=week,
        monday=monday,
        count=count,
        mean=sum(scores) / count if count else None,
        satisfied=satisfied / count if count else None,
    )
