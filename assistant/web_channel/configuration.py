"""What the web channel is told in `credentials.yml`, checked before the server starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rasa.shared.exceptions import RasaException

MIN_KEY_CHARS = 32


class ConfigurationError(RasaException):
    """A value that the channel cannot use; the message names its variable."""


@dataclass(frozen=True)
class Configuration:
    """Where the channel's neighbours are, and whom it trusts.

    Attributes:
        session_key: signs chat and service tokens; 32 characters or more.
        shop_key: the shop signs identity tokens with it; None: shoppers cannot be identified.
        origins: pages that may use the channel, such as `https://shop.example`.
        state_dir: where kept messages are stored.
        actions_url: the action server, without a slash at the end.
        tickets_url: SQLAlchemy URL of the ticket store.
        widget_dir: folder with the built `widget.js`.
    """

    session_key: str
    shop_key: str | None
    origins: frozenset[str]
    state_dir: Path
    actions_url: str
    tickets_url: str
    widget_dir: Path

    @classmethod
    def read(cls, credentials: Mapping[str, Any] | None) -> "Configuration":
        """Read the channel's part of `credentials.yml`.

        Raises:
            ConfigurationError: names the variable, what was expected and what was found.
        """
        values = {key: str(value or "").strip() for key, value in (credentials or {}).items()}
        return cls(
            session_key=_key(values, "session_key", "Signs the shoppers' sessions"),
            shop_key=_key(values, "shop_key", "The shop signs identities with it")
            if values.get("shop_key")
            else None,
            origins=_origins(values),
            state_dir=Path(_given(values, "state_dir", "a folder for databases")),
            actions_url=_url(values),
            tickets_url=_given(values, "tickets_url", "the SQLAlchemy URL of the ticket store"),
            widget_dir=Path(_given(values, "widget_dir", "the folder with the built widget.js")),
        )


def origin_of(text: str) -> str | None:
    """Scheme, host and port of an address as browsers write them; None where it is no origin.

    Browsers leave out a port that is the scheme's own, and write hosts in small letters.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "*" in parts.hostname:
        return None
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")


def variable(key: str) -> str:
    """The environment variable that a key of `credentials.yml` is filled from."""
    return f"AMENDS_{key.upper()}"


def _given(values: Mapping[str, str], key: str, what: str) -> str:
    if not values.get(key):
        raise ConfigurationError(
            f"{variable(key)}: expected {what}, found nothing. Set it in the environment, or "
            f"{key} under the web channel in credentials.yml; `amends run` sets it."
        )
    return values[key]


def _key(values: Mapping[str, str], key: str, why: str) -> str:
    found = values.get(key, "")
    if len(found) < MIN_KEY_CHARS:
        raise ConfigurationError(
            f"{variable(key)}: expected a secret of {MIN_KEY_CHARS} characters or more, found one "
            f"of {len(found)}. {why}; make one with: openssl rand -hex 32"
        )
    return found


def _origins(values: Mapping[str, str]) -> frozenset[str]:
    listed = [part.strip() for part in values.get("origins", "").split(",") if part.strip()]
    wrong = [part for part in listed if origin_of(part) is None]
    if wrong or not listed:
        raise ConfigurationError(
            f"{variable('origins')}: expected the origins of the shop's pages with commas between "
            f"them, such as https://shop.example,http://localhost:5050; found "
            f"{', '.join(map(repr, wrong)) or 'nothing'}. Write scheme and host, no path, no *."
        )
    return frozenset(str(origin_of(part)) for part in listed)


def _url(values: Mapping[str, str]) -> str:
    found = _given(values, "actions_url", "the address of the action server").rstrip("/")
    if urlsplit(found).scheme not in {"http", "https"}:
        raise ConfigurationError(
            f"{variable('actions_url')}: expected an address such as http://127.0.0.1:5055, "
            f"found {found!r}. Correct it."
        )
    return found
