"""Pages of the desk: queue, ticket, figures, and the events that keep them up to date."""

from fastapi import APIRouter

from desk.live import events
from desk.pages import changes, corrections, figures, files, pulling, queue, replying, saved, ticket

router = APIRouter()
for part in (events, queue, saved, ticket, changes, replying, corrections, files, pulling, figures):
    router.include_router(part.router)
