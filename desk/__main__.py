"""Starts the desk: `python -m desk`; `amends run` does so too."""

import uvicorn

from amends.settings import get_settings
from desk.app import create_app

if __name__ == "__main__":
    settings = get_settings()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.desk_port,
        # Its lines would hold what agents search for, and invitations.
        access_log=False,
        # No page has one, and the websockets that Sanic holds back is too old for uvicorn.
        ws="none",
        server_header=False,
        # Open pages listen for as long as they are open: they are not waited for.
        timeout_graceful_shutdown=3,
    )
