"""`amends tickets attachment`."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from amends.outputs import OutputError
from amends.settings import get_settings
from tickets.store import TicketStore


def attachment(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `amends tickets show` names it.")],
    output: Annotated[Path, typer.Option(help="File to write; an existing one is kept.")],
) -> None:
    """Save a file that a shopper sent.

    It was checked to be a picture or a PDF. A PDF may still hold scripts: open it in a reader that
    runs none, such as a browser.

    Example: amends tickets attachment 5f0c1d0e7a --output parcel.jpg
    """
    with closing(TicketStore.open(get_settings().ticket_database_url)) as store:
        file, content = store.attachments.read(id_)
    _write(output, content)
    typer.echo(f"{output}: {file.name}, {file.media_type}, {file.size} bytes")


def _write(output: Path, content: bytes) -> None:
    try:
        # Never over a file: what a stranger sent replaces nothing of the agent's.
        with output.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise OutputError(
            f"--output {output}: expected a name that is free, found a file. Name another one."
        ) from error
    except OSError as error:
        raise OutputError(
            f"--output {output}: expected a file that can be written, found: {error.strerror}. "
            "Make room or name another one."
        ) from error
