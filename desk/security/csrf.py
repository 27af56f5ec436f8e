"""The token that proves that a page of the desk itself asked for a change."""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

TOKEN_BYTES = 32


def new_token() -> str:
    """A token for one session, to be stored."""
    return secrets.token_hex(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return re.fullmatch(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}", text) is not None


def masked(token: str) -> str:
    """The token in a form that is another one each time.

    Pages are compressed; a text that stays the same could be guessed from their lengths (BREACH).
    """
    pad = secrets.token_bytes(TOKEN_BYTES)
    return urlsafe_b64encode(pad + _mixed(pad, bytes.fromhex(token))).decode()


def matches(given: str, token: str) -> bool:
    """Whether a masked token is that of the session; takes equally long whatever differs."""
    try:
        raw = urlsafe_b64decode(given.encode())
    except (Base64Error, ValueError):
        return False
    if len(raw) != 2 * TOKEN_BYTES:
        return False
    found = _mixed(raw[:TOKEN_BYTES], raw[TOKEN_BYTES:])
    return hmac.compare_digest(found, bytes.fromhex(token))


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
