"""Kinds of values that settings have, and what is wrong with a value that is none of them."""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import opening_hours
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

Port = Annotated[int, Field(ge=1, le=65535)]

BLOCKED_PORTS = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
        102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389,
        427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
        989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
"""What no browser opens (https://fetch.spec.whatwg.org/#port-blocking)."""


def _opened_by_browsers(port: int) -> int:
    if port in BLOCKED_PORTS:
        raise ValueError("expected a port that browsers open, such as 5070")
    return port


BrowserPort = Annotated[Port, AfterValidator(_opened_by_browsers)]
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


def _checked_url(value: str) -> str:
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("expected an address such as https://desk.shop.example")
    return value.rstrip("/")


OptionalUrl = Annotated[str, AfterValidator(_checked_url)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)]

WEBHOOK_PREFIX = "whsec_"
WEBHOOK_BYTES = range(24, 65)


def _checked_webhook_secret(secret: SecretStr | None) -> SecretStr | None:
    if secret is None:
        return None
    text = secret.get_secret_value()
    try:
        length = len(base64.b64decode(text.removeprefix(WEBHOOK_PREFIX), validate=True))
    except binascii.Error:
        length = 0
    if not text.startswith(WEBHOOK_PREFIX) or length not in WEBHOOK_BYTES:
        raise ValueError(
            f"expected {WEBHOOK_PREFIX} and 24 to 64 bytes in base64, such as "
            f'`echo "{WEBHOOK_PREFIX}$(openssl rand -base64 32)"` prints'
        )
    return secret


WebhookSecret = Annotated[OptionalSecret, AfterValidator(_checked_webhook_secret)]


def _checked_smtp(url: SecretStr | None) -> SecretStr | None:
    if url is None:
        return None
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("expected smtp://host:port or smtps://name:password@host")
    return url


SmtpUrl = Annotated[OptionalSecret, AfterValidator(_checked_smtp)]


def _checked_hours(value: str) -> str:
    if not opening_hours.validate(value):
        raise ValueError(
            "expected opening hours as OpenStreetMap writes them, such as Mo-Fr 09:00-17:00"
        )
    return value


OpeningHours = Annotated[str, AfterValidator(_checked_hours)]


def _checked_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("expected the name of a time zone, such as Europe/Rome") from error
    return value


TimeZone = Annotated[str, AfterValidator(_checked_zone)]


def _listed(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(code.strip() for code in value.split(",") if code.strip())


def _checked_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    if not codes or not all(re.fullmatch("[a-z]{2}", code) for code in codes):
        raise ValueError("expected languages as two letters each, separated by commas: en,zh")
    return tuple(dict.fromkeys(codes))


Languages = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_checked_languages)
]
