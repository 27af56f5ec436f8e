"""How urgent a ticket is: what was said, how often, in what danger, and how long somebody waits."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal

from tickets.models import TicketRow

INTENSITY = {"weak": 1.0, "medium": 2.0, "strong": 3.0, "extreme": 4.0}
UNKNOWN = 2.0
"""Of a message that nothing scored: as if it were `medium`."""

RULES = {"self_harm": 20.0, "safety": 10.0, "legal_or_fraud": 3.0, "person": 1.5}
"""Factors of rules; danger stands above the angriest message that waited for days."""

MAX_REPEATS = 5
HOURS_TO_DOUBLE = 2.0
MAX_HOURS = 48.0


Scored = tuple[dict[str, Any] | None, dict[str, Any]]
"""Assessment (None when nothing scored it) and triage of a message, as JSON."""


def severity(messages: Sequence[Scored]) -> float:
    """What the messages of one ticket amount to, without the time that passed since.

    The highest intensity among them, times 1 and a half more for each further message up to five,
    times the factor of the gravest rule that fired. Complaints that the conversation had before
    the ticket was opened, and that nothing solved, count as messages of it.

    Args:
        messages: At least one.

    Returns:
        1 (one weak complaint) to 240 (the highest intensity, five messages, danger of self-harm).
    """
    intensity = max(_intensity(assessment) for assessment, _ in messages)
    said = _before(messages[0]) + len(messages)
    repeats = 1 + 0.5 * (min(said, MAX_REPEATS) - 1)
    gravest = max(RULES.get(triage.get("rule", ""), 1.0) for _, triage in messages)
    return intensity * repeats * gravest


def strongest(intensities: Iterable[str | None]) -> str | None:
    """The highest of the messages of one ticket; None when nothing scored any."""
    known = [one for one in intensities if one in INTENSITY]
    return max(known, key=lambda one: INTENSITY[one], default=None)


def urgency(now: float | None = None) -> ColumnElement[float]:
    """Severity times waiting time, for the order of the queue.

    Doubles after two hours, trebles after four, and stops growing after two days. A ticket on
    which nobody waits has its severity.

    Args:
        now: Seconds since 1970; this moment when None.
    """
    moment = time.time() if now is None else now
    waited = (literal(moment) - func.coalesce(TicketRow.waiting_since, moment)) / 3600
    return TicketRow.severity * (1 + _capped(waited) / HOURS_TO_DOUBLE)


def waited_hours(waiting_since: float | None, now: float) -> float:
    """Hours that somebody has waited, 0 to 48; 0 when nobody waits."""
    if waiting_since is None:
        return 0.0
    return min(max((now - waiting_since) / 3600, 0.0), MAX_HOURS)


def _capped(hours: ColumnElement[float]) -> ColumnElement[float]:
    return case((hours > MAX_HOURS, MAX_HOURS), (hours < 0, 0.0), else_=hours)


def _before(opening: Scored) -> int:
    _, triage = opening
    return int(triage.get("repeats", 0))


def _intensity(assessment: dict[str, Any] | None) -> float:
    return INTENSITY.get(str((assessment or {}).get("intensity")), UNKNOWN)
