"""Links that let people in, made where the servers are started."""

from collections.abc import Iterator
from contextlib import contextmanager

from amends.settings import Settings
from desk.accounts.agents import Role
from desk.accounts.invitations import Invitations
from tickets.database import check_schema, open_engine


def first_link(settings: Settings) -> str | None:
    """A link for the first administrator in place of earlier ones; None when there is one.

    Raises:
        TicketStoreError: the database cannot be reached, or its schema is not the newest.
    """
    with _invitations(settings) as invitations:
        secret = invitations.first()
    return welcome_link(settings, secret) if secret else None


def invitation_link(settings: Settings, role: Role) -> str:
    """A link that makes one account and is good for a day.

    Raises:
        TicketStoreError: the database cannot be reached, or its schema is not the newest.
    """
    with _invitations(settings) as invitations:
        return welcome_link(settings, invitations.invite(role))


def welcome_link(settings: Settings, secret: str) -> str:
    """The address of an invitation, as agents see the desk."""
    return f"{settings.desk_address}/welcome/{secret}"


@contextmanager
def _invitations(settings: Settings) -> Iterator[Invitations]:
    engine = open_engine(settings.ticket_database_url)
    try:
        check_schema(engine)
        yield Invitations(engine)
    finally:
        engine.dispose()
