"""`amends desk`: the agents' web console."""

from typing import Annotated

import typer

from amends.commands import tokens
from amends.settings import get_settings
from desk.accounts.agents import Role
from desk.links import invitation_link

app = typer.Typer(help="Let people and programs in at the agents' desk.", no_args_is_help=True)


@app.callback()
def _desk() -> None:
    """Keeps `invite` a command of its own name."""


@app.command()
def invite(
    administrator: Annotated[
        bool, typer.Option("--administrator", help="The account may let others in.")
    ] = False,
) -> None:
    """Print a link that makes one account at the desk; it is good once, for 24 hours.

    Example: amends desk invite --administrator
    """
    role = Role.ADMINISTRATOR if administrator else Role.AGENT
    typer.echo(invitation_link(get_settings(), role))


app.add_typer(tokens.app, name="token")
