"""Kinds of values that settings have, and what is wrong with a value that is none of them."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=60)]
# Empty is as good as unset, so that a child process can be told that nothing was set.
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
KEY_CHARS = 32
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _checked_key(key: SecretStr | None) -> SecretStr | None:
    if key is not None and len(key.get_secret_value()) < KEY_CHARS:
        raise ValueError(
            f"expected at least {KEY_CHARS} characters that nobody can guess, "
            "such as `openssl rand -hex 32` prints"
        )
    return key


OptionalKey = Annotated[
    SecretStr | None,
    BeforeValidator(lambda value: value or None),
    AfterValidator(_checked_key),
]


def _checked_origins(value: str) -> str:
    origins = [origin.strip() for origin in value.split(",") if origin.strip()]
    for origin in origins:
        if not _is_origin(origin):
            raise ValueError(
                "expected addresses of pages as https://shop.example or http://localhost:8080, "
                f"without a path and separated by commas; {origin!r} is none"
            )
    return ",".join(origins)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return False
    host = parts.hostname or ""
    plain = f"[{host}]" if ":" in host else host
    # What a browser sends in Origin, letter for letter: anything else would never be found equal.
    written = f"{parts.scheme}://{plain}{port}"
    known = DEFAULT_PORTS.get(parts.scheme)
    return known not in (None, port) and host != "" and "*" not in host and text == written


Origins = Annotated[str, AfterValidator(_checked_origins)]
