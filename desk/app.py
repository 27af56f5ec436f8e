"""The agents' web console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from amends.settings import Settings
from desk import door, errors, health, pages
from desk.accounts import Accounts
from desk.api import token_pages
from desk.api.app import PREFIX, create_api
from desk.api.tokens import TokenStore
from desk.door import issuer
from desk.live import Live
from desk.pages.static_files import DeskFiles
from desk.saved_views import SavedViews
from desk.security.bodies import ShortBodies
from desk.security.cookies import is_https
from desk.security.headers import SecureHeaders
from desk.security.hosts import OwnHost
from desk.state import Desk
from tickets.database import check_schema, open_engine
from tickets.store import TicketStore


def create_app(settings: Settings) -> FastAPI:
    """The desk, not started yet.

    Raises:
        TicketStoreError: the database cannot be reached, or its schema is not the newest.
    """
    desk = _open(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await desk.live.start()
        try:
            yield
        finally:
            await desk.live.stop()
            desk.store.close()

    app = FastAPI(title="Amends", lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.state.desk = desk
    issuer.install(app, settings)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(ShortBodies)
    app.add_middleware(OwnHost, settings=settings)
    app.add_middleware(SecureHeaders, https=is_https(settings))
    errors.install(app)
    for part in (health, door, pages, token_pages):
        app.include_router(part.router)
    app.mount(PREFIX, create_api(desk))
    app.mount("/static", DeskFiles(settings), name="static")
    return app


def _open(settings: Settings) -> Desk:
    engine = open_engine(settings.ticket_database_url)
    check_schema(engine)
    return Desk(
        settings,
        TicketStore(engine),
        Accounts(engine),
        Live(engine),
        TokenStore(engine),
        SavedViews(engine),
    )
