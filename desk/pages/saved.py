"""Saved views of the queue: keep one, forget one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from desk.accounts import current
from desk.errors import refusal
from desk.saved_views import SavedViewError, as_query
from desk.state import TheDesk
from tickets.queue import Filter

router = APIRouter(prefix="/views")


class NewView(Filter):
    """The form: a name, and the filters of the page that it is on."""

    name: Annotated[str, Field(max_length=1000)] = ""


@router.post("")
def save(
    request: Request, agent: current.CheckedAgent, desk: TheDesk, form: Annotated[NewView, Form()]
) -> Response:
    """Keep the filters under a name, and show them."""
    try:
        desk.views.save(agent.agent.id, form.name, form)
    except SavedViewError as error:
        return refusal(request, 409, str(error))
    return RedirectResponse(f"/?{as_query(form)}", 303)


@router.post("/{view_id}/delete")
def delete(view_id: int, agent: current.CheckedAgent, desk: TheDesk) -> Response:
    """Forget a view."""
    desk.views.delete(agent.agent.id, view_id)
    return RedirectResponse("/", 303)
