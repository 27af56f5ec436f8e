"""The command `amends`."""

import typer

from amends.commands import assess, run, say, tickets, train
from amends.errors import AmendsError

app = typer.Typer(
    help="A customer service assistant for online shops: it hears how upset a shopper is, answers "
    "kindly, and hands the worst cases to a person.\n\n"
    "Start it with `amends run`, talk to it with `amends chat`, read its tickets with "
    "`amends tickets list`. Every setting is an environment variable AMENDS_… or a key in "
    "amends.toml.",
    no_args_is_help=True,
    # A defect shows Python's own traceback, which holds no values of variables: no personal data.
    pretty_exceptions_enable=False,
)
app.command()(assess.assess)
app.command()(say.say)
app.command()(say.chat)
app.add_typer(tickets.app, name="tickets")
app.command()(run.run)
app.command()(train.train)
app.command()(train.evaluate)


def main() -> None:
    """Run the command line; what a user can mend is told in one line, with exit code 1."""
    try:
        app()
    except AmendsError as error:
        typer.echo(f"amends: {error}", err=True)
        raise SystemExit(1) from error
