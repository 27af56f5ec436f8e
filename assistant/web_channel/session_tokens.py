"""Signed tokens: who a shopper is, and that the app is the app."""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

from assistant.web_channel.refusals import RefusedError

ALGORITHM = "HS256"
CHAT, IDENTITY, SERVICE = "amends-chat", "amends-identity", "amends-service"
CHAT_S = 30 * 24 * 3600
IDENTITY_MAX_S = 24 * 3600
SERVICE_S = 60
LEEWAY_S = 30
"""The shop's clock need not be ours."""
SENDER = re.compile(r"(web|shop)-[0-9a-f]{32}")
MAX_NAME_CHARS = 80
MAX_TOKEN_CHARS = 4096


@dataclass(frozen=True)
class Shopper:
    """Whom a chat token names.

    Attributes:
        sender: Rasa's sender id and the name of the room.
        name: what the shop calls an identified shopper.
        expires_at: seconds since 1970.
    """

    sender: str
    name: str | None
    expires_at: int


class Tokens:
    """Makes and reads tokens.

    Args:
        session_key: for chat and service tokens.
        shop_key: for identity tokens; None where the shop has none.
    """

    def __init__(self, session_key: str, shop_key: str | None) -> None:
        self._session_key = session_key
        self._shop_key = shop_key

    def stranger(self) -> str:
        """A chat token for somebody who was never here."""
        return self._chat(f"web-{secrets.token_hex(16)}", None)

    def renewed(self, token: object) -> str:
        """The same shopper's token, good for another 30 days.

        An identified shopper's is given back as it is: only the shop says that it still is them,
        and a copied token would otherwise never end.

        Raises:
            RefusedError: bad_token or expired_token.
        """
        shopper = self.shopper(token)
        if shopper.sender.startswith("shop-"):
            return str(token)
        return self._chat(shopper.sender, shopper.name)

    def identified(self, identity: object) -> str:
        """A chat token for the customer whom the shop's identity token names.

        Raises:
            RefusedError: no_identity: no key is set, or the token is forged, expired or valid for
                more than a day.
        """
        if self._shop_key is None:
            raise RefusedError("no_identity")
        try:
            claims = _read(identity, self._shop_key, IDENTITY, LEEWAY_S)
        except RefusedError as error:
            raise RefusedError("no_identity") from error
        if claims["exp"] > time.time() + IDENTITY_MAX_S + LEEWAY_S:
            raise RefusedError("no_identity")
        digest = hashlib.sha256(claims["sub"].encode("utf-8", "replace")).hexdigest()
        return self._chat(f"shop-{digest[:32]}", _name(claims.get("name")))

    def shopper(self, token: object) -> Shopper:
        """Who the bearer of a chat token is.

        Raises:
            RefusedError: bad_token or expired_token.
        """
        claims = _read(token, self._session_key, CHAT)
        if not SENDER.fullmatch(claims["sub"]):
            raise RefusedError("bad_token")
        return Shopper(claims["sub"], _name(claims.get("name")), int(claims["exp"]))

    def service(self) -> str:
        """A token for a request to the app, good for a minute."""
        claims = {"aud": SERVICE, "sub": "amends", "exp": int(time.time()) + SERVICE_S}
        return jwt.encode(claims, self._session_key, ALGORITHM)

    def check_service(self, token: object) -> None:
        """See that a request comes from the app.

        Raises:
            RefusedError: bad_token or expired_token.
        """
        if _read(token, self._session_key, SERVICE)["sub"] != "amends":
            raise RefusedError("bad_token")

    def _chat(self, sender: str, name: str | None) -> str:
        now = int(time.time())
        claims = {"aud": CHAT, "sub": sender, "iat": now, "exp": now + CHAT_S}
        named = {"name": name} if name else {}
        return jwt.encode({**claims, **named}, self._session_key, ALGORITHM)


def _read(token: object, key: str, audience: str, leeway_s: int = 0) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARS:
        raise RefusedError("bad_token")
    try:
        # The list keeps a token from choosing its own algorithm, "none" among them.
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=audience, leeway=leeway_s,
            options={"require": ["exp", "sub", "aud"]},
        )  # fmt: skip
    except jwt.ExpiredSignatureError as error:
        raise RefusedError("expired_token") from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise RefusedError("bad_token") from error
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise RefusedError("bad_token")
    return claims


def _name(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    shown = "".join(character for character in value if character.isprintable()).strip()
    return shown[:MAX_NAME_CHARS] or None
