"""`amends desk token`: which other programs may use the desk's API."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from amends.commands.ticket_lines import print_lines
from amends.settings import get_settings
from desk.api.scopes import MEANINGS
from desk.api.tokens import Token, TokenStore
from tickets.database import check_schema, open_engine

app = typer.Typer(help="Let other programs use the desk's API.", no_args_is_help=True)

_SCOPES = "; ".join(f"{scope}: {meaning}" for scope, meaning in MEANINGS.items())


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The program that will hold the token.")],
    scope: Annotated[
        list[str],
        typer.Option(help=f"What it may do; can be given several times. {_SCOPES}."),
    ],
    days: Annotated[
        int | None, typer.Option(help="How long it lasts, 1 to 3650; for ever when left out.")
    ] = None,
) -> None:
    """Print a new token; nobody can read it again.

    Example: amends desk token create helpdesk --scope tickets:read --scope tickets:write --days 90
    """
    with _tokens() as tokens:
        secret, _ = tokens.create(name, scope, "command line", days)
    typer.echo(secret)


@app.command("list")
def list_tokens() -> None:
    """List every token, one a line with tabs between, the newest first.

    Number, name, active, expired or revoked, scopes, who made it, made, ends, last used (UTC).

    Example: amends desk token list | cut -f1,2,8
    """
    with _tokens() as tokens:
        rows = tokens.list()
    print_lines([_row(token) for token in rows])


@app.command()
def revoke(
    number: Annotated[int, typer.Argument(help="As `amends desk token list` says.")],
) -> None:
    """Let a token's holder in no more. Safe to repeat.

    Example: amends desk token revoke 3
    """
    with _tokens() as tokens:
        token = tokens.revoke(number)
    typer.echo(f"The token of {token.name} lets nobody in any more.")


@contextmanager
def _tokens() -> Iterator[TokenStore]:
    engine = open_engine(get_settings().ticket_database_url)
    try:
        check_schema(engine)
        yield TokenStore(engine)
    finally:
        engine.dispose()


def _row(token: Token) -> tuple[str, ...]:
    times = (token.created_at, token.expires_at, token.seen_at)
    return (
        str(token.id),
        token.name,
        token.state,
        " ".join(token.scopes),
        token.created_by,
        *map(_time, times),
    )


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
