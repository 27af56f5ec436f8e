"""`amends run`."""

import typer

from amends.serve.supervisor import serve
from amends.settings import get_settings


def run() -> None:
    """Start the assistant and its action server, and keep both until Ctrl-C.

    What is stale is built first: the sentence encoder, Rasa's model, the ticket database. Logs are
    kept in the folder logs of AMENDS_STATE_DIR. Ports: AMENDS_RASA_PORT, AMENDS_ACTIONS_PORT.
    """
    raise typer.Exit(serve(get_settings()))
