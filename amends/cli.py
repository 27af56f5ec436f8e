"""The command `amends`."""

import logging

import typer
from typer.core import TyperGroup

from amends.commands import (
    assess,
    desk,
    evaluate,
    explain,
    labels,
    publish,
    run,
    say,
    shopper,
    tickets,
    train,
    tune,
)
from amends.errors import AmendsError


class PlainErrors(TyperGroup):
    """A command group that tells what a user can mend in one line, with exit code 1."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command that was typed.

        Raises:
            Exit: with code 1, after an `AmendsError` was told.
        """
        try:
            return super().invoke(ctx)
        except AmendsError as error:
            typer.echo(f"amends: {error}", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=PlainErrors,
    help="A customer service assistant for online shops: it hears how upset a shopper is, answers "
    "kindly, and hands the worst cases to a person.\n\n"
    "Start it with `amends run`, talk to it with `amends chat`, read its tickets with "
    "`amends tickets list`. Every setting is an environment variable AMENDS_… or a key in "
    "amends.toml.",
    no_args_is_help=True,
    # A defect shows Python's own traceback, which holds no values of variables: no personal data.
    pretty_exceptions_enable=False,
)


@app.callback()
def _prepare() -> None:
    # When it is imported it remarks that a kernel for 4 bits is missing, which Amends never uses.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


app.command()(assess.assess)
app.command()(explain.explain)
app.command()(say.say)
app.command()(say.chat)
app.add_typer(tickets.app, name="tickets")
app.add_typer(labels.app, name="labels")
app.add_typer(shopper.app, name="shopper")
app.add_typer(desk.app, name="desk")
app.command()(run.run)
app.command()(train.train)
app.command()(tune.tune)
app.command()(evaluate.evaluate)
app.command()(publish.publish)
app.command()(publish.rollback)
app.add_typer(publish.app, name="adapters")
