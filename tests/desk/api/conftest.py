"""A desk with tickets of every status, a chat that listens, and tokens."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from api_world import CHAT, open_ticket, picture
from fastapi.testclient import TestClient

from amends.settings import get_settings
from desk.api.rate import Limiter
from desk.api.scopes import Scope
from desk.app import create_app
from tickets.conversations import Line
from tickets.database import migrate
from tickets.files import check_file

sys.path.append(str(Path(__file__).parents[2] / "amends"))
import tickets_channel


@pytest.fixture(scope="module")
def channel():
    with tickets_channel.listening() as listening:
        yield listening


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The URL of an empty database; a module that asks for another kind overrides this."""
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'tickets.db'}"


@pytest.fixture(scope="module")
def world(channel, database, tmp_path_factory):
    """The desk, made once a module: its tests leave tickets as they like."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMENDS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("AMENDS_DATABASE_URL", database)
        yield from _world(patch, channel)


def _world(patch, channel):
    patch.setenv("AMENDS_RASA_PORT", str(channel.port))
    # As the test clients call it: the desk answers by its own names alone.
    patch.setenv("AMENDS_DESK_URL", "http://testserver")
    patch.setenv("AMENDS_SESSION_KEY", tickets_channel.KEY)
    get_settings.cache_clear()
    settings = get_settings()
    # Thousands of requests; the rate has tests of its own.
    patch.setattr("desk.api.app.Limiter", lambda: Limiter(per_minute=10**9))
    migrate(settings.ticket_database_url)
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        desk = app.state.desk
        yield SimpleNamespace(
            app=app, client=client, desk=desk, store=desk.store, channel=channel, **_filled(desk)
        )


def _filled(desk):
    store = desk.store
    opened = [open_ticket(store, category) for category in ("delivery", "billing_and_payment")]
    other = open_ticket(store, "delivery", "web-ffffffffffffffffffffffffffffffff")
    store.takeover.claim(other, "Ben", "ben")
    closed = open_ticket(store, "account_and_login")
    store.takeover.resolve(closed)
    attachment = store.attachments.add(CHAT, check_file(picture(), "parcel.png"))
    store.conversations.record(
        Line(
            conversation_id=CHAT,
            message_id="m-picture",
            role="shopper",
            name=None,
            text="See.",
            attachment_id=attachment.id,
            created_at=attachment.created_at,
        )
    )
    return {
        "open": opened[0],
        "claimed": other,
        "resolved": closed,
        "attachment": attachment.id,
    }


@pytest.fixture(scope="module")
def bearer(world):
    """Makes the header of a token with some scopes; the same one for the same scopes."""
    made = {}

    def make(*scopes):
        scopes = tuple(sorted(scopes or Scope))
        if scopes not in made:
            secret, _ = world.desk.tokens.create(f"shop {len(made)}", list(scopes), "root")
            made[scopes] = secret
        return {"Authorization": f"Bearer {made[scopes]}"}

    return make
