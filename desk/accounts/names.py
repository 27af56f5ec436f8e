"""Logins, names and passwords: what is taken and what is not."""

import re

from desk.accounts.refusals import AccountError
from tickets.queue import NOBODY
from tickets.record import SHOPPER
from tickets.takeover import COMMAND_LINE

LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{1,99}")
NAME_CHARS = 100
PASSWORD_CHARS = range(12, 201)
DIFFERENT_CHARS = 5
RESERVED = frozenset({NOBODY, SHOPPER, COMMAND_LINE})
"""What tickets say in the place of a login, where nobody at the desk owns one or did it."""


def normal_login(text: str) -> str | None:
    """A login as it is stored, None for what cannot be one."""
    login = text.strip().lower()
    return login if LOGIN.fullmatch(login) else None


def checked_login(text: str) -> str:
    """A login as it is stored.

    Raises:
        AccountError: it has other characters, too few or too many, or means something else.
    """
    login = normal_login(text)
    if login is None:
        raise AccountError(
            "A login has 2 to 100 letters without accents, digits, or . _ + @ -, and begins with "
            "a letter or digit. Choose another."
        )
    if login in RESERVED:
        raise AccountError(f"{login} means something else on tickets. Choose another login.")
    return login


def checked_name(text: str) -> str:
    """A name as shoppers read it, without needless blanks.

    Raises:
        AccountError: nothing is left, it is too long, or has characters that cannot be seen.
    """
    name = " ".join(text.split())
    if not (name and name.isprintable() and len(name) <= NAME_CHARS):
        raise AccountError(
            f"A name has 1 to {NAME_CHARS} characters that can be seen. Shoppers read it."
        )
    return name


def checked_password(password: str, login: str) -> str:
    """A password that is long enough to be safe; it needs no special characters.

    Raises:
        AccountError: it is too short, too long, too simple, or holds the login.
    """
    low, high = PASSWORD_CHARS.start, PASSWORD_CHARS.stop - 1
    if len(password) not in PASSWORD_CHARS:
        raise AccountError(
            f"A password has {low} to {high} characters, this one has {len(password)}. "
            "Four words that nobody would put together are a good one."
        )
    if len(set(password)) < DIFFERENT_CHARS or login in password.lower():
        raise AccountError("That password is easily guessed. Choose one without your login in it.")
    return password
