"""Notes of agents for one another."""

from fastapi import APIRouter

from desk.api.answers import Notes
from desk.api.door import TicketsRead, TicketsWrite
from desk.api.problems import documented
from desk.api.values import NewNote, Reference
from desk.api.words import read_words
from desk.state import TheDesk
from tickets import notes
from tickets.notes import Note

router = APIRouter(prefix="/tickets/{reference}/notes", tags=["notes"])


@router.get("", responses=documented(401, 403, 404, 422, 429, 503))
def list_notes(_: TicketsRead, reference: Reference, desk: TheDesk) -> Notes:
    """What agents wrote for one another on this ticket."""
    return Notes(notes=desk.store.notes.of(reference))


@router.post("", status_code=201, responses=documented(400, 401, 403, 404, 413, 422, 429, 503))
def write_note(caller: TicketsWrite, reference: Reference, new: NewNote, desk: TheDesk) -> Note:
    """Write a note; personal data in it is masked."""
    text = read_words(new.text, desk.settings)
    return desk.store.notes.add(reference, notes.NewNote(author=caller.login, text=text))
