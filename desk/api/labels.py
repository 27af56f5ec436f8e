"""What agents correct: labels for the next training."""

from fastapi import APIRouter, Request

from desk.api.answers import Labels
from desk.api.door import LabelsRead, LabelsWrite
from desk.api.problems import documented
from desk.api.values import NewLabel, Reference
from desk.state import TheDesk
from tickets.labels import Label, read_correction

router = APIRouter(prefix="/tickets/{reference}/labels", tags=["labels"])


@router.get("", responses=documented(401, 403, 404, 422, 429, 503))
def list_labels(_: LabelsRead, reference: Reference, desk: TheDesk) -> Labels:
    """Everything that was ever corrected on this ticket."""
    return Labels(labels=desk.store.labels.history(reference))


@router.post("", status_code=201, responses=documented(400, 401, 403, 404, 413, 422, 429, 503))
def correct(
    caller: LabelsWrite, reference: Reference, new: NewLabel, desk: TheDesk, request: Request
) -> Label:
    """Say what is right of a message; what was said before is kept."""
    correction = read_correction(
        new.polarity, new.intensity, new.category, new.escalate, request.app.state.categories
    )
    return desk.store.labels.correct(reference, correction, caller.login, new.message_id)
