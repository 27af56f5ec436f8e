"""Everything that `amends run` does, in order."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from amends.errors import AmendsError
from amends.serve.errors import StopRequestedError
from amends.serve.ports import Place, check_ports
from amends.serve.processes import GRACE_S, Child, stop_all
from amends.serve.products import desk_scripts, encoder, make_if_stale, rasa_model, widget
from amends.serve.readiness import (
    Server,
    actions_problem,
    check_alive,
    deliveries_problem,
    desk_problem,
    rasa_problem,
    shop_problem,
    wait_until_ready,
)
from amends.serve.stopping import Stopper
from amends.serve.surroundings import (
    ACTIONS_HOST,
    APP_PYTHON,
    SHOP_HOST,
    actions_url,
    environment,
    local_desk_url,
    rasa_command,
    shop_url,
)
from amends.settings import ROOT, Settings

WIDGET_PATH = "/webhooks/web/widget.js"


def serve(settings: Settings) -> int:
    """Build what is stale, start the servers, and keep them until asked to stop.

    Returns:
        Exit code: 0 after a requested stop, 1 when something went wrong (said on stderr).
    """
    with Stopper() as stopper:
        try:
            check_ports(_places(settings))
            _check_helpdesks(settings)
            model = _prepare(settings, stopper)
            announcement = addresses(settings) + _first_link(settings)
            supervise(servers(settings, model), stopper, announcement)
        except StopRequestedError:
            typer.echo("\nStopped.")
        except AmendsError as error:
            typer.echo(f"\namends: {error}", err=True)
            return 1
    return 0


def supervise(
    servers: Sequence[Server], stopper: Stopper, announcement: str, grace_s: float = GRACE_S
) -> None:
    """Start the servers together, announce that they are ready, watch them; stop all at the end.

    Raises:
        ServeError: one did not become ready or ended.
        StopRequestedError: a signal came; the way this ends when all goes well.
    """
    try:
        for server in servers:
            server.child.start()
        wait_until_ready(servers, stopper)
        typer.echo(announcement)
        while True:
            check_alive(servers)
            stopper.pause(0.5)
    finally:
        stop_all((server.child for server in servers), grace_s)


def servers(settings: Settings, model: Path) -> list[Server]:
    """What `amends run` keeps running; Rasa is ready only when the action server answers it."""
    env = environment(settings)
    logs = _logs(settings)
    sdk = [APP_PYTHON, "-m", "rasa_sdk", "--actions", "actions"]
    actions = [*sdk, "--port", str(settings.actions_port)]
    shop = [APP_PYTHON, "-m", "amends.shop"]
    deliveries = [APP_PYTHON, "-m", "tickets.delivery"]
    widget_url = f"{settings.rasa_url}{WIDGET_PATH}"
    return [
        Server(
            Child("the action server", actions, logs / "actions.log", env, ROOT),
            partial(actions_problem, actions_url(settings)),
        ),
        Server(
            Child("Rasa", _rasa(settings, model), logs / "rasa.log", env, ROOT),
            partial(rasa_problem, settings.rasa_url),
        ),
        Server(
            Child("the demo shop", shop, logs / "shop.log", env, ROOT),
            partial(shop_problem, shop_url(settings), widget_url),
        ),
        Server(
            Child("the desk", [APP_PYTHON, "-m", "desk"], logs / "desk.log", env, ROOT),
            partial(desk_problem, local_desk_url(settings)),
        ),
        Server(
            Child("the deliveries", deliveries, logs / "deliveries.log", env, ROOT),
            partial(deliveries_problem, logs / "deliveries.log"),
        ),
    ]


def _rasa(settings: Settings, model: Path) -> list[str]:
    files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    where = ["-i", settings.host, "-p", str(settings.rasa_port)]
    return rasa_command("run", "-m", str(model), *files, *where)


def _places(settings: Settings) -> list[Place]:
    return [
        Place("the assistant", settings.host, settings.rasa_port, "AMENDS_RASA_PORT"),
        Place("the action server", ACTIONS_HOST, settings.actions_port, "AMENDS_ACTIONS_PORT"),
        Place("the demo shop", SHOP_HOST, settings.shop_port, "AMENDS_SHOP_PORT"),
        Place("the desk", settings.host, settings.desk_port, "AMENDS_DESK_PORT"),
    ]


def addresses(settings: Settings) -> str:
    """What to tell the person once everything is ready."""
    return (
        f"Amends is ready.\n"
        f"  demo shop      {shop_url(settings)}\n"
        f"  desk           {settings.desk_address}\n"
        f"  assistant      {settings.rasa_url}\n"
        f"  action server  {actions_url(settings)}\n"
        f"  logs           {_logs(settings)}\n"
        f"Open the demo shop in a browser, or talk to the assistant with `make chat` in another "
        f"terminal. Ctrl-C stops everything."
    )


def _prepare(settings: Settings, stopper: Stopper) -> Path:
    env = environment(settings)
    model = rasa_model(settings)
    for product in (encoder(settings), model, widget(settings), desk_scripts(settings)):
        make_if_stale(product, _logs(settings), env, stopper)
    _migrate(settings)
    stopper.pause(0)
    return model.path


def _check_helpdesks(settings: Settings) -> None:
    # Imported here for the same reason as below.
    from tickets.delivery.configured import connectors  # noqa: PLC0415

    connectors(settings)


def _migrate(settings: Settings) -> None:
    # Imported here: `amends say` shares this package and should not wait for SQLAlchemy.
    from tickets.store import migrate  # noqa: PLC0415

    migrate(settings.ticket_database_url)


def _first_link(settings: Settings) -> str:
    # Imported here, as above.
    from desk.links import first_link  # noqa: PLC0415

    link = first_link(settings)
    if link is None:
        return ""
    return (
        f"\nNobody can sign in at the desk yet. Make the first administrator, within 24 hours:\n"
        f"  {link}"
    )


def _logs(settings: Settings) -> Path:
    return settings.state_dir.resolve() / "logs"
