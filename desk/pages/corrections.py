"""What an agent says that Amends should have found of a message."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from desk.accounts import current
from desk.pages.reference import Reference
from desk.pages.shop import category_names
from desk.pages.ticket import answer
from desk.pages.words import plain
from desk.state import TheDesk
from tickets.labels import Correction, LabelError, read_correction

router = APIRouter(prefix="/tickets/{reference}/labels")

Said = Annotated[str | None, Form(max_length=100)]


@router.post("")
def correct(
    request: Request,
    reference: Reference,
    agent: current.CheckedAgent,
    desk: TheDesk,
    message_id: Annotated[str, Form(max_length=255)],
    polarity: Said = None,
    intensity: Said = None,
    category: Said = None,
    escalate: Annotated[bool | None, Form()] = None,
) -> Response:
    """Keep what is right of a message, for the next training."""
    known = category_names(desk.settings)
    try:
        correction = read_correction(polarity, intensity, category, escalate, known)
    except LabelError as error:
        return answer(request, agent, desk, reference, str(error), 409)
    desk.store.labels.correct(reference, correction, agent.agent.login, message_id)
    return answer(request, agent, desk, reference, f"Corrected: {_words(correction)}. Thank you.")


def _words(correction: Correction) -> str:
    said = dict(correction.said)
    escalate = said.pop("escalate", None)
    words = [f"{field} {plain(str(value))}" for field, value in said.items()]
    if escalate is not None:
        words.append("rightly escalated" if escalate else "wrongly escalated")
    return ", ".join(words)
