"""Tickets for a benchmark: those that were opened, and very many at once."""

from contextlib import closing

from sqlalchemy import select
from sqlalchemy.orm import Session

from amends.settings import Settings
from tickets.case import Case
from tickets.database import open_engine
from tickets.models import TicketRow
from tickets.store import TicketStore
from tickets.triage import Decision, Triage

CATEGORIES = ("delivery", "returns_and_refunds", "billing_and_payment", "damaged_or_defective")
RULES = ("strong_negative", "person", "legal_or_fraud")
INTENSITIES = ("weak", "medium", "strong", "extreme")


def opened(settings: Settings) -> dict[str, float]:
    """When each ticket was committed, seconds since 1970, by reference."""
    engine = open_engine(settings.ticket_database_url)
    with Session(engine) as session:
        rows = session.execute(select(TicketRow.reference, TicketRow.created_at)).all()
    engine.dispose()
    return {reference: created_at.timestamp() for reference, created_at in rows}


def many_tickets(settings: Settings, count: int) -> str:
    """Open so many tickets, each in a conversation of its own.

    Returns:
        The reference of one of them.
    """
    with closing(TicketStore.open(settings.ticket_database_url)) as store:
        references = [store.escalate(_case(number)).ticket.reference for number in range(count)]
    return references[-1]


def _case(number: int) -> Case:
    return Case(
        conversation_id=f"web-bench-{number}",
        message_id=f"bench-{number}",
        text=f"My order number {number} is late again and nobody tells me why.",
        category=CATEGORIES[number % len(CATEGORIES)],
        triage=Triage(
            decision=Decision.ESCALATE, rule=RULES[number % len(RULES)], detail="benchmark"
        ),
        assessment={"intensity": INTENSITIES[number % len(INTENSITIES)], "valence": -0.7},
    )
