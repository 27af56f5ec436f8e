"""When a shopper may expect a person: by opening hours and by who waits longer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from amends.settings import Settings
from tickets.notices import wording

WEEK_DAYS = 7
STEPS = 50
"""Changes of the opening hours that are looked through; hours whose comments change have several
that are none for a shopper."""


@dataclass(frozen=True)
class Hours:
    """How the team's hours stand at one moment.

    Attributes:
        is_open: Whether the team is there.
        changes_at: When that changes, in the shop's time zone; None for never.
        now: The moment, in the shop's time zone.
    """

    is_open: bool
    changes_at: datetime | None
    now: datetime


def expectation(
    settings: Settings, before: int, now: datetime | None = None, language: str | None = None
) -> str:
    """What a shopper who waits is told of the time; never empty.

    Says when the team is there and how many wait longer, both of which are known, and not when
    somebody answers, which is not. Hours that never end are not mentioned: it is what a shop has
    that never set any.

    Args:
        settings: Opening hours, time zone and the shop's language.
        before: How many shoppers have waited longer, 0 or more.
        now: The moment; with a time zone. This one when None.
        language: Two letters: the shopper's; the shop's when None.
    """
    words = wording(language or settings.language)["expectation"]
    sentences = (_opening(hours(settings, now), words), _queue(before, words))
    return str(words["between"]).join(filter(None, sentences))


def hours(settings: Settings, now: datetime | None = None) -> Hours:
    """Whether the team is there, and until when it is or is not."""
    zone = ZoneInfo(settings.time_zone)
    local = (now or datetime.now(UTC)).astimezone(zone)
    week = OpeningHours(settings.opening_hours, timezone=zone)
    is_open = week.is_open(local)
    for (start, _, state, _), _ in zip(week.intervals(local), range(STEPS), strict=False):
        if (state == State.OPEN) != is_open:
            return Hours(is_open, start, local)
    return Hours(is_open, None, local)


def _opening(at: Hours, words: dict[str, Any]) -> str:
    if at.changes_at is None:
        return "" if at.is_open else str(words["closed_for_good"])
    time = words["time"].format(hour=at.changes_at.hour, minute=at.changes_at.minute)
    # Who reads "09:00" thinks of clocks on the wall, and none shows UTC.
    named = f"{time} UTC" if at.now.tzname() == "UTC" else time
    key = "open" if at.is_open else "closed"
    return str(words[key].format(time=named, day=_day(at.changes_at, at.now, words)))


def _day(when: datetime, now: datetime, words: dict[str, Any]) -> str:
    days = (when.date() - now.date()).days
    if days in (0, 1):
        return str(words["tomorrow" if days else "today"])
    if days < WEEK_DAYS:
        return str(words["weekday"].format(weekday=words["weekdays"][when.weekday()]))
    return str(words["date"].format(day=when.day, month=words["months"][when.month - 1]))


def _queue(before: int, words: dict[str, Any]) -> str:
    key = {0: "nobody_before", 1: "one_before"}.get(before, "others_before")
    return str(words[key].format(count=before))
