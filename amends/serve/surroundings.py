"""Where the programs of both environments are, and what they are told."""

import os
import re
import sys
from pathlib import Path

from pydantic import SecretStr

from amends.serve.errors import ServeError
from amends.serve.session_key import session_key
from amends.settings import PREFIX, ROOT, Settings

APP_PYTHON = sys.executable
WIDGET_SOURCE = ROOT / "assistant" / "widget"
DESK_SOURCE = ROOT / "desk" / "assets"
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
ACTIONS_HOST = "127.0.0.1"
"""The action server repeats whole conversations in its errors: never on a public address."""
SHOP_HOST = "127.0.0.1"
"""The demo shop is for trying Amends out, on this machine."""

# One short message is too little work to share: on cores that are busy with something else the
# threads wait for one another, and scoring took 450 ms instead of 50. Who sets it has a reason.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Rasa's cache of trained parts does not know of the exported encoder, ours decides.
    "RASA_MAX_CACHE_SIZE": "0",
    "PYTHONUNBUFFERED": "1",
}


def actions_url(settings: Settings) -> str:
    """Address of the action server, for programs on this machine."""
    return f"http://{ACTIONS_HOST}:{settings.actions_port}"


def shop_url(settings: Settings) -> str:
    """Address of the demo shop."""
    return f"http://{SHOP_HOST}:{settings.shop_port}"


def local_desk_url(settings: Settings) -> str:
    """Address of the desk for programs on this machine, whatever agents reach it by."""
    every = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound to
    host = every.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.desk_port}"


def environment(settings: Settings) -> dict[str, str]:
    """Environment variables for the child processes.

    Every setting is passed on, with whole paths, so that a child which runs in another folder sees
    what was read here, also from an `amends.toml`.
    """
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    ours = {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in values.items()}
    ours |= {f"{PREFIX}{name}": value for name, value in _derived(settings).items()}
    # Without its compiled files Python needs 14 s longer to import PyTorch, at every start.
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**ONE_THREAD, **given, **QUIET, **ours, "SANIC_HOST": ACTIONS_HOST}


def widget_dir(settings: Settings) -> Path:
    """Folder of the built widget."""
    return settings.state_dir.resolve() / "widget"


def desk_dir(settings: Settings) -> Path:
    """Folder of what the desk's pages load from npm."""
    return settings.state_dir.resolve() / "desk"


def _derived(settings: Settings) -> dict[str, str]:
    """What follows from several settings, and what was made because it was not set."""
    whole = settings.model_copy(update={"state_dir": settings.state_dir.resolve()})
    return {
        "ACTIONS_URL": actions_url(settings),
        "SESSION_KEY": session_key(settings).get_secret_value(),
        "ORIGINS": ",".join(settings.allowed_origins),
        # Rasa's environment has a PostgreSQL driver of its own, so none is named.
        "TICKETS_URL": re.sub(r"^postgresql\+\w+:", "postgresql:", whole.ticket_database_url),
        "WIDGET_DIR": str(widget_dir(settings)),
    }


def rasa_command(*arguments: str) -> list[str]:
    """Command line of Rasa in its own environment.

    Raises:
        ServeError: that environment is not there.
    """
    if not RASA_PYTHON.exists():
        raise ServeError(
            f"expected Rasa's environment at {RASA_PYTHON.parent.parent}, found none; "
            "`make run` sets it up and starts everything"
        )
    return [str(RASA_PYTHON), "-m", "rasa", *arguments]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.resolve()) if isinstance(value, Path) else str(value)
