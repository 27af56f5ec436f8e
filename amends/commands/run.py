"""`amends run`."""

import typer

from amends.serve.supervisor import serve
from amends.settings import get_settings


def run() -> None:
    """Start the assistant, its action server and the demo shop, and keep them until Ctrl-C.

    What is stale is built first: the sentence encoder, Rasa's model, the widget, the ticket
    database. Logs are kept in the folder logs of AMENDS_STATE_DIR.
    Ports: AMENDS_RASA_PORT, AMENDS_ACTIONS_PORT, AMENDS_SHOP_PORT.
    """
    raise typer.Exit(serve(get_settings()))
