"""What both sides said, and who talks."""

from typing import Annotated

from fastapi import APIRouter, Path

from desk.api.answers import Conversation, Lines
from desk.api.door import ConversationsRead
from desk.api.problems import documented
from desk.api.tickets import found
from desk.api.values import Reference
from desk.state import TheDesk
from tickets.lookup import NotFoundError

router = APIRouter(tags=["conversations"])


@router.get("/tickets/{reference}/transcript", responses=documented(401, 403, 404, 422, 429, 503))
def read_transcript(_: ConversationsRead, reference: Reference, desk: TheDesk) -> Lines:
    """What was said in the ticket's conversation, by either side."""
    ticket = found(desk.store, reference)
    return Lines(lines=desk.store.conversations.lines(ticket.conversation_id))


@router.get("/conversations/{conversation_id}", responses=documented(401, 403, 404, 422, 429, 503))
def read_conversation(
    _: ConversationsRead,
    conversation_id: Annotated[str, Path(min_length=1, max_length=255)],
    desk: TheDesk,
) -> Conversation:
    """Who talks in a conversation that has tickets."""
    # Not even looked for: databases refuse it, and no conversation has it.
    tickets = () if "\0" in conversation_id else desk.store.cases.of(conversation_id)
    if not tickets:
        raise NotFoundError(
            "Expected the id of a conversation that has tickets, found another one. Tickets name "
            "theirs: GET /api/v1/tickets."
        )
    references = sorted(tickets, key=lambda ticket: ticket.created_at)
    return Conversation(
        **dict(desk.store.conversations.owner(conversation_id)),
        conversation_id=conversation_id,
        tickets=tuple(ticket.reference for ticket in references),
    )
