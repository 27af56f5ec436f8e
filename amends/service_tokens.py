"""What the two servers show each other: a token that is good for a minute."""

import time

import jwt

from amends.errors import AmendsError
from amends.serve.session_key import FILE
from amends.setting_types import KEY_CHARS
from amends.settings import Settings

AUDIENCE = "amends-service"
SUBJECT = "amends"
LIFETIME_S = 60
ALGORITHM = "HS256"
SCHEME = "Bearer "


class ServiceKeyError(AmendsError):
    """There is no key to sign with; says what to do."""


class TokenRefusedError(AmendsError):
    """A caller that does not prove that it is Amends.

    Attributes:
        code: `bad_token` or `expired_token`.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def service_key(settings: Settings) -> str:
    """The key that both servers know: the one that is set, else the one that `amends run` made.

    Raises:
        ServiceKeyError: neither is there. None is made here: no server would know it.
    """
    if settings.session_key is not None:
        return settings.session_key.get_secret_value()
    file = settings.state_dir / FILE
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _no_key(settings, type(error).__name__) from error
    if len(key) < KEY_CHARS:
        raise _no_key(settings, f"{len(key)} characters")
    return key


def make_service_token(key: str) -> str:
    """A token for the next request, good for 60 seconds."""
    now = int(time.time())
    claims = {"aud": AUDIENCE, "sub": SUBJECT, "iat": now, "exp": now + LIFETIME_S}
    return jwt.encode(claims, key, ALGORITHM)


def check_service_token(header: str | None, key: str) -> None:
    """Make sure that a request comes from Amends itself.

    Args:
        header: Its `Authorization`; None without one.
        key: What it must be signed with.

    Raises:
        TokenRefusedError: it has no token, or one that is forged, expired or for something else.
    """
    if not header or not header.startswith(SCHEME):
        raise _refused("no token")
    try:
        claims = jwt.decode(
            header.removeprefix(SCHEME),
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenRefusedError(
            "expired_token",
            f"Expected a token that is younger than {LIFETIME_S} seconds, found an older one. "
            "Make one for each request, and check both clocks.",
        ) from error
    except jwt.InvalidTokenError as error:
        # Its words name claims at most, never the token.
        raise _refused(str(error)) from error
    if claims["sub"] != SUBJECT:
        raise _refused("another subject")


def _no_key(settings: Settings, found: str) -> ServiceKeyError:
    return ServiceKeyError(
        f"Expected AMENDS_SESSION_KEY, or the key that `amends run` keeps in "
        f"{settings.state_dir / FILE}, found neither ({found}). Start Amends with `make run`, or "
        "set the key that it runs with."
    )


def _refused(found: str) -> TokenRefusedError:
    return TokenRefusedError(
        "bad_token",
        f"Expected a service token signed with AMENDS_SESSION_KEY, found: {found}. "
        "Give both servers the same key.",
    )
