"""Everything that the page of one ticket shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from desk.pages.mood import Mood, mood
from desk.pages.transcript import Entry, transcript
from desk.pages.words import shopper
from desk.state import Desk
from tickets.attachments import Attachment
from tickets.case import Status, Ticket
from tickets.conversations import Owner
from tickets.lookup import NotFoundError
from tickets.notes import Deed, Note
from tickets.ratings import Rating
from tickets.severity import strongest


@dataclass(frozen=True)
class TicketView:
    """A ticket as its page shows it.

    Attributes:
        ticket: The ticket.
        owner: Who talks with the shopper.
        shopper: What to call the shopper.
        entries: What was said, oldest first.
        mood: How it felt.
        notes: What agents wrote for one another, oldest first.
        deeds: What was done to the ticket, the latest first.
        others: Further tickets of the same shopper.
        files: What the shopper sent.
        rating: Whether it helped; None before the shopper said so.
    """

    ticket: Ticket
    owner: Owner
    shopper: str
    entries: tuple[Entry, ...]
    mood: Mood
    notes: tuple[Note, ...]
    deeds: tuple[Deed, ...]
    others: tuple[Ticket, ...]
    files: tuple[Attachment, ...]
    rating: Rating | None

    @property
    def is_closed(self) -> bool:
        """Whether the ticket is resolved."""
        return self.ticket.status is Status.RESOLVED

    @property
    def key(self) -> Entry | None:
        """The message that the ticket is here for: the last one that the ticket's reason fired on.

        Later messages are on the ticket too, and their scores would contradict that reason.
        """
        why = (self.ticket.rule, self.ticket.detail)
        mine = [entry for entry in self._mine if (entry.rule, entry.detail) == why]
        scored = [entry for entry in mine if entry.assessment]
        best = scored or mine or self._mine
        return best[-1] if best else None

    @property
    def intensity(self) -> str | None:
        """How strongly its strongest message feels; None when nothing scored it."""
        return strongest(entry.intensity for entry in self._mine)

    @property
    def _mine(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.reference == self.ticket.reference]

    def has(self, login: str) -> bool:
        """Whether the agent of that login talks with the shopper on this ticket."""
        mine = self.ticket.status is Status.CLAIMED and self.ticket.owner == login
        return mine and self.owner.talking == "agent"


def ticket_view(desk: Desk, reference: str) -> TicketView:
    """Read a ticket and all that belongs to it.

    Raises:
        NotFoundError: there is no ticket of that reference.
        TicketStoreError: the database cannot be read.
    """
    store = desk.store
    ticket = store.get(reference)
    if ticket is None:
        raise NotFoundError(
            "Expected the reference of a ticket, found another one. Look for it in the queue."
        )
    conversation = ticket.conversation_id
    tickets, files = store.cases.of(conversation), store.attachments.of(conversation)
    labels = {one.reference: store.labels.history(one.reference) for one in tickets}
    entries = transcript(store.conversations.lines(conversation), tickets, labels, files)
    return TicketView(
        ticket=ticket,
        owner=store.conversations.owner(conversation),
        shopper=shopper(store.conversations.shopper_name(conversation), conversation),
        entries=entries,
        mood=mood(_valences(entries)),
        notes=store.notes.of(ticket.reference),
        deeds=store.notes.deeds(ticket.reference)[::-1],
        others=tuple(one for one in tickets if one.reference != ticket.reference),
        files=files,
        rating=store.ratings.of(ticket.reference),
    )


def _valences(entries: Sequence[Entry]) -> list[float]:
    return [entry.assessment.valence for entry in entries if entry.assessment]
