"""What an agent writes: to the shopper, and to other agents."""

import json
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from desk.accounts import current
from desk.pages.changes import FOR_TERMINALS
from desk.pages.reference import Reference
from desk.pages.ticket import answer
from desk.state import TheDesk
from nlu.reader import Reader
from tickets.database import DatabaseFaultError, TicketStoreError
from tickets.lookup import NotFoundError
from tickets.notes import NewNote
from tickets.replies import Reply, ReplyError, ReplyUncertainError, new_id, send_reply

router = APIRouter(prefix="/tickets/{reference}")

AGAIN = "send it again as it is"
MOST_CHARS = 200_000
"""Of a field; what a reply may be long is a setting, and said in words."""


@router.post("/reply")
def reply(
    request: Request,
    reference: Reference,
    agent: current.CheckedAgent,
    desk: TheDesk,
    text: Annotated[str, Form(max_length=MOST_CHARS)] = "",
    id: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Write to the shopper; 409 with the reason when nothing was sent, or nobody knows.

    The box keeps its words and its id then, so that sending again shows them once.
    """
    written = Reply(reference, text, id or new_id(), agent.agent.login)
    try:
        sent = send_reply(desk.store, desk.settings, written, AGAIN)
    except (NotFoundError, DatabaseFaultError):
        raise
    except (ReplyError, ReplyUncertainError, TicketStoreError) as error:
        words = FOR_TERMINALS.sub("", str(error)).strip()
        return answer(request, agent, desk, reference, words, 409)
    said = "Sent." if sent.shown else "Sent. The shopper is away and reads it on coming back."
    done = answer(request, agent, desk, reference, said)
    done.headers["HX-Trigger"] = json.dumps({"reply-sent": {"id": new_id()}})
    return done


@router.post("/notes")
def note(
    request: Request,
    reference: Reference,
    agent: current.CheckedAgent,
    desk: TheDesk,
    text: Annotated[str, Form(max_length=MOST_CHARS)] = "",
) -> Response:
    """Write to other agents; no shopper reads it."""
    words = Reader.of(desk.settings).read(text)
    if not words.strip():
        return answer(request, agent, desk, reference, "The note is empty.", 409)
    desk.store.notes.add(reference, NewNote(author=agent.agent.login, text=words))
    done = answer(request, agent, desk, reference, "Noted.")
    done.headers["HX-Trigger"] = "note-kept"
    return done
