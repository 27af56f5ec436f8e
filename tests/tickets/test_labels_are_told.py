"""A correction stands in the ticket's history, and other screens hear of it."""

from contextlib import closing

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlu.assessment import Polarity
from tickets.labels import Correction
from tickets.models import ChangeRow
from tickets.store import TicketStore


def test_who_corrected_what_is_written_down(any_store, ticket):
    reference = ticket().reference
    correction = Correction(polarity=Polarity.NEUTRAL, escalate=False)
    any_store.labels.correct(reference, correction, by="anna")
    deed = any_store.notes.deeds(reference)[-1]
    assert (deed.actor, deed.action) == ("anna", "labelled")
    message = any_store.get(reference).messages[-1].message_id
    assert deed.detail == {"message_id": message, "polarity": "neutral", "escalate": False}


def test_other_screens_hear_of_it(database, case):
    with closing(TicketStore.open(f"sqlite:///{database}")) as store:
        reference = store.escalate(case()).ticket.reference
        with Session(store._engine) as session:
            before = len(session.scalars(select(ChangeRow)).all())
        store.labels.correct(reference, Correction(escalate=False), by="anna")
        with Session(store._engine) as session:
            changes = session.scalars(select(ChangeRow.reference)).all()
    assert changes[before:] == [reference]
