"""`amends tickets claim`, `reply`, `hand-back` and so on: a person talks with a shopper."""

from contextlib import closing
from typing import Annotated

import typer

from amends.channel_client import PushError, PushUnknownError
from amends.settings import get_settings
from tickets.case import Status
from tickets.delivery import deliver_now
from tickets.replies import Reply, new_id, send_reply
from tickets.store import TicketStore, TicketStoreError
from tickets.takeover import Standing

Reference = Annotated[
    str, typer.Argument(help="Such as AM-K7RD4X; small letters do, and AM- may be left out.")
]

# A change is committed together with what the shopper is to be told, and told then. The other way
# round the assistant could answer what was written to a person, or a person be said to be there
# who is not.


def claim(
    reference: Reference,
    as_: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Your name as the shopper shall read it.")
    ],
) -> None:
    """Take a ticket and its chat over: the assistant is silent from then on.

    Of two people who claim at once one gets it, and the other one is told who. Safe to repeat.

    Example: amends tickets claim AM-K7RD4X --as Anna
    """
    with _store() as store:
        standing = store.takeover.claim(reference, as_)
        done = f"{standing.ticket.reference} is yours, and the assistant is silent"
        _tell(store, standing, done)


def reply(
    reference: Reference,
    text: Annotated[str, typer.Argument(help="What the shopper shall read.")],
    id_: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Repeat a reply of which it was not known whether it arrived; shown once.",
        ),
    ] = None,
) -> None:
    """Write to the shopper, on a ticket that is claimed.

    Example: amends tickets reply AM-K7RD4X "I found your parcel, it arrives tomorrow."
    """
    written = Reply(reference, text, new_id() if id_ is None else id_)
    again = f"run this command again with --id {written.id}"
    with _store() as store:
        sent = send_reply(store, get_settings(), written, again)
    typer.echo(_screens(sent.shown, "your reply"))


def hand_back(reference: Reference) -> None:
    """Give the chat back to the assistant; the ticket is open again. Safe to repeat.

    Example: amends tickets hand-back AM-K7RD4X
    """
    with _store() as store:
        standing = store.takeover.hand_back(reference)
        done = f"{standing.ticket.reference} is open again, and the assistant answers"
        _tell(store, standing, done)


def release(reference: Reference) -> None:
    """Leave a ticket to others; the shopper waits for another person. Safe to repeat.

    Example: amends tickets release AM-K7RD4X
    """
    with _store() as store:
        standing = store.takeover.release(reference)
        done = f"{standing.ticket.reference} is nobody's, and open"
        _tell(store, standing, done)


def assign(
    reference: Reference,
    to: Annotated[
        str | None, typer.Option(metavar="LOGIN", help="Who shall claim it.", show_default=False)
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's any more.")] = False,
) -> None:
    """Say whose ticket it shall be. Who has it now leaves it. Safe to repeat.

    Example: amends tickets assign AM-K7RD4X --to anna
    """
    if (to is None) is not nobody:
        raise TicketStoreError("Expected either --to LOGIN or --nobody. Give one of them.")
    with _store() as store:
        standing = store.takeover.assign(reference, to)
        _tell(store, standing, f"{standing.ticket.reference} is {_whose(standing)}")


def resolve(reference: Reference) -> None:
    """Close a ticket, give its chat back to the assistant, and ask the shopper for a rating.

    The shopper is asked once a ticket. Safe to repeat.

    Example: amends tickets resolve AM-K7RD4X
    """
    with _store() as store:
        standing = store.takeover.resolve(reference)
        rated = store.ratings.of(standing.ticket.reference)
        done = f"{standing.ticket.reference} is resolved"
        if rated is not None:
            done += f", and the shopper has rated it: {rated.score} of 5"
        _tell(store, standing, done, "the question for a rating")


def reopen(reference: Reference) -> None:
    """Open a resolved ticket again; who talks with the shopper stays as it is. Safe to repeat.

    Example: amends tickets reopen AM-K7RD4X
    """
    with _store() as store:
        standing = store.takeover.reopen(reference)
        _tell(store, standing, f"{standing.ticket.reference} is {standing.ticket.status}")


def _store() -> closing[TicketStore]:
    return closing(TicketStore.open(get_settings().ticket_database_url))


def _whose(standing: Standing) -> str:
    ticket = standing.ticket
    if ticket.owner is None:
        return "nobody's, and open"
    return f"{ticket.owner}'s" + ("" if ticket.status == Status.CLAIMED else ", to be claimed")


def _tell(store: TicketStore, standing: Standing, done: str, what: str = "the notice") -> None:
    """Tell the shopper, then the agent; when the first fails the error says what was done."""
    try:
        shown = deliver_now(store, get_settings(), standing.untold)
    except PushUnknownError as error:
        unsure = "but nobody knows whether the shopper has been told"
        raise PushUnknownError(f"{done}, {unsure}. {error} {_AGAIN}") from error
    except (PushError, TicketStoreError) as error:
        without = "but the shopper has not been told yet"
        raise PushError(f"{done}, {without}. {error} {_AGAIN}") from error
    typer.echo(f"{done}." if shown is None else f"{done}. {_screens(shown, what)}")


_AGAIN = (
    "The deliveries of `amends run` go on trying for about a day; `amends tickets deliveries` lists"
    " what is left."
)


def _screens(shown: int, what: str) -> str:
    if shown == 0:
        return f"The shopper is away and finds {what} on coming back."
    return f"{what.capitalize()} went to {'the screen' if shown == 1 else f'{shown} screens'}."
