"""Who has a ticket, who talks with its shopper, and what they say."""

import hashlib
import logging
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Header

from amends.channel_client import PushError
from amends.errors import AmendsError
from desk.api.answers import Sent, State
from desk.api.door import ConversationsWrite, TicketsWrite
from desk.api.problems import ProblemError, documented
from desk.api.tickets import found
from desk.api.tokens import Caller
from desk.api.values import Assignment, Claim, NewReply, Reference
from desk.api.words import read_words
from desk.state import Desk, TheDesk
from tickets.delivery.now import deliver_now
from tickets.replies import Reply, ReplyError, ReplyUncertainError, send_reply
from tickets.takeover import Standing

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/tickets/{reference}", tags=["changes"])

_CHANGE = documented(401, 403, 404, 409, 422, 429, 503)
_WITH_BODY = documented(400, 401, 403, 404, 409, 413, 422, 429, 503)

_AGAIN = "send it again with the same Idempotency-Key"


class Announcer:
    """Answers with how things stand, and tells the shopper right after."""

    def __init__(self, desk: TheDesk, afterwards: BackgroundTasks) -> None:
        self._desk, self._afterwards = desk, afterwards

    def __call__(self, standing: Standing) -> State:
        """What the caller reads."""
        self._afterwards.add_task(self._tell, standing)
        return State.of(standing)

    def _tell(self, standing: Standing) -> None:
        try:
            deliver_now(self._desk.store, self._desk.settings, standing.untold)
        except AmendsError as error:
            # It is still in the outbox: the delivery worker goes on with it.
            logger.warning("%s: the shopper is told later: %s", standing.ticket.reference, error)


Announced = Annotated[Announcer, Depends()]


@router.post("/claim", responses=_WITH_BODY)
def claim(
    caller: TicketsWrite,
    reference: Reference,
    who: Claim,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Take ticket and conversation; the bot is silent from then on. Safe to repeat."""
    return announced(desk.store.takeover.claim(reference, who.agent, caller.login))


@router.post("/release", responses=_CHANGE)
def release(
    caller: TicketsWrite,
    reference: Reference,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Put the ticket back into the queue; the shopper waits for another person."""
    return announced(desk.store.takeover.release(reference, caller.login))


@router.post("/assign", responses=_WITH_BODY)
def assign(
    caller: TicketsWrite,
    reference: Reference,
    to: Assignment,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Say which agent of the desk shall have the ticket; they have yet to claim it."""
    if to.to is not None and to.to not in {agent.login for agent in desk.accounts.people.active()}:
        raise ProblemError(
            409,
            "Expected the login of an agent who may sign in at the desk, found another one. "
            "Correct `to`, or ask an administrator of the desk.",
        )
    return announced(desk.store.takeover.assign(reference, to.to, caller.login))


@router.post("/hand-back", responses=_CHANGE)
def hand_back(
    caller: TicketsWrite,
    reference: Reference,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Give the conversation back to the bot; the ticket stays open."""
    return announced(desk.store.takeover.hand_back(reference, caller.login))


@router.post("/resolve", responses=_CHANGE)
def resolve(
    caller: TicketsWrite,
    reference: Reference,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Close the ticket; the shopper is asked once whether it helped."""
    return announced(desk.store.takeover.resolve(reference, caller.login))


@router.post("/reopen", responses=_CHANGE)
def reopen(
    caller: TicketsWrite,
    reference: Reference,
    desk: TheDesk,
    announced: Announced,
) -> State:
    """Open a resolved ticket again."""
    return announced(desk.store.takeover.reopen(reference, caller.login))


@router.post("/reply", responses=documented(400, 401, 403, 404, 409, 413, 422, 429, 502, 503))
def reply(
    caller: ConversationsWrite,
    reference: Reference,
    new: NewReply,
    desk: TheDesk,
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            pattern=r"^[!-~]{8,255}$",
            description="Another one for each reply. Repeated with it, a reply is shown once.",
        ),
    ],
) -> Sent:
    """Write to the shopper of a ticket that this token has claimed."""
    message_id = _message_id(caller, reference, key)
    words = read_words(new.text, desk.settings)
    if _was_sent(desk, reference, message_id, words):
        return Sent(message_id=message_id, shown=None)
    sent = Reply(reference, new.text, message_id, caller.login)
    try:
        shown = send_reply(desk.store, desk.settings, sent, _AGAIN).shown
    except ReplyUncertainError as error:
        raise ProblemError(502, str(error)) from error
    except ReplyError as error:
        status = 502 if isinstance(error.__cause__, PushError) else 409
        raise ProblemError(status, str(error)) from error
    return Sent(message_id=message_id, shown=shown)


def _message_id(caller: Caller, reference: str, key: str) -> str:
    # By name, not by token: after a new token was made the same key is still the same reply.
    named = "\n".join((caller.name, reference, key))
    return f"api-{hashlib.sha256(named.encode()).hexdigest()[:40]}"


def _was_sent(desk: Desk, reference: str, message_id: str, words: str) -> bool:
    conversation = found(desk.store, reference).conversation_id
    for line in desk.store.conversations.lines(conversation):
        if line.message_id == message_id:
            if line.text != words:
                raise ProblemError(
                    422,
                    "Expected the same text with the same Idempotency-Key, found another one. "
                    "It was not sent: use a new key for a new reply.",
                )
            return True
    return False
