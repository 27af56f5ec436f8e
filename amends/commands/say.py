"""`amends say` and `amends chat`."""

import uuid
from contextlib import closing
from typing import Annotated

import typer

from amends.serve.conversation import NoAnswerError, SilentError, ask
from amends.settings import get_settings
from tickets.store import TicketStore, TicketStoreError

PROMPT = "you> "
SILENT = "(a person will answer; the assistant is silent)"
LEAVE = ("quit", "exit")


def say(
    text: Annotated[str, typer.Argument(help="What the shopper writes.")],
    conversation: Annotated[
        str | None,
        typer.Option(
            "--conversation",
            metavar="ID",
            help="Go on with the conversation of this id; without it a new one is begun.",
        ),
    ] = None,
) -> None:
    """Say one thing to the running assistant and print its replies.

    Example: amends say "my parcel came crushed" --conversation anna
    """
    if not _exchange(conversation or _new_conversation(), text):
        raise typer.Exit(1)


def chat() -> None:
    """Talk to the running assistant; `quit` or Ctrl-D leaves."""
    conversation = _new_conversation()
    while (text := _read()) is not None:
        if text:
            _exchange(conversation, text)


def _exchange(conversation: str, text: str) -> bool:
    """Print the replies, or on stderr why there are none; whether all went as it should."""
    try:
        replies = ask(get_settings().rasa_url, conversation, text)
    except NoAnswerError as error:
        if isinstance(error, SilentError) and _is_with_people(conversation):
            typer.echo(SILENT, err=True)
            return True
        typer.echo(f"amends: {error}", err=True)
        return False
    for reply in replies:
        typer.echo(reply)
    return True


def _is_with_people(conversation: str) -> bool:
    """Whether the ticket store says that a person talks there or is waited for."""
    try:
        with closing(TicketStore.open(get_settings().ticket_database_url)) as store:
            return store.conversations.owner(conversation).talking != "bot"
    except TicketStoreError:
        return False  # Then the silence is told as what it may be: a fault.


def _read() -> str | None:
    try:
        text = input(PROMPT).strip()
    except (EOFError, KeyboardInterrupt):
        typer.echo()
        return None
    return None if text.lower() in LEAVE else text


def _new_conversation() -> str:
    return f"cli-{uuid.uuid4().hex}"
