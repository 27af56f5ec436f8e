"""Starts the desk: `python -m desk`; `amends run` does so too."""

import sys

import uvicorn

from amends.errors import AmendsError
from amends.settings import get_settings
from desk.app import create_app


def main() -> None:
    """Serve until a signal comes."""
    settings = get_settings()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.desk_port,
        # Its lines would hold what agents search for, and invitations.
        access_log=False,
        server_header=False,
        # It has none, and uvicorn's do not go with the version of websockets that Sanic needs.
        ws="none",
        # Open pages listen for as long as they are open: they are not waited for.
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    try:
        main()
    except AmendsError as error:
        sys.exit(f"amends: {error}")
