"""`amends run`."""

import typer

from amends.serve.supervisor import serve
from amends.settings import get_settings


def run() -> None:
    """Start the assistant, its action server, the demo shop and the desk, until Ctrl-C.

    Tickets go to the webhook and by mail where AMENDS_WEBHOOK_URL and AMENDS_SMTP_URL are set.
    What is stale is built first: the sentence encoder, Rasa's model, the widget, the ticket
    database. Logs are kept in the folder logs of AMENDS_STATE_DIR.
    Ports: AMENDS_RASA_PORT, AMENDS_ACTIONS_PORT, AMENDS_SHOP_PORT, AMENDS_DESK_PORT.
    While nobody is an administrator of the desk, it prints a link that makes one.
    """
    raise typer.Exit(serve(get_settings()))
