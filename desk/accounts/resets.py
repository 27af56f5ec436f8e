"""Links that let somebody who lost their password set another one, once."""

import hmac
import time
from hashlib import sha256
from typing import Any

import jwt

from desk.accounts.refusals import AccountError, WrongPasswordError
from desk.accounts.store import Accounts

LIFETIME_S = 24 * 3600
AUDIENCE = "amends-desk-password"
ALGORITHM = "HS256"


class BadResetError(AccountError):
    """The link was used, has expired, or never was one; does not say which."""

    def __init__(self) -> None:
        super().__init__(
            "This link has been used or has expired. Ask an administrator for a new one."
        )


class Resets:
    """Makes and takes such links. Nothing is stored: a link names the password that was lost.

    Args:
        accounts: Whose passwords they are.
        key: What the servers of this Amends share; another one is derived from it.
    """

    def __init__(self, accounts: Accounts, key: str) -> None:
        self._accounts = accounts
        self._key = hmac.new(key.encode(), AUDIENCE.encode(), sha256).digest()

    def offer(self, agent_id: int) -> str:
        """The secret of a link, good for a day or until the password changes.

        Raises:
            AccountError: they have no password here, or may not sign in.
            TicketStoreError: the database cannot be read.
        """
        claims = {
            "aud": AUDIENCE,
            "sub": str(agent_id),
            "state": self._accounts.password_state(agent_id),
            "exp": int(time.time()) + LIFETIME_S,
        }
        return jwt.encode(claims, self._key, ALGORITHM)

    def check(self, token: str) -> None:
        """See that a link can be used.

        Raises:
            BadResetError: it cannot.
            TicketStoreError: the database cannot be read.
        """
        claims = self._claims(token)
        try:
            state = self._accounts.password_state(int(claims["sub"]))
        except AccountError as error:
            raise BadResetError from error
        if state != claims["state"]:
            raise BadResetError

    def use(self, token: str, password: str) -> None:
        """Set the new password and end every session of its owner.

        Raises:
            BadResetError: the link cannot be used.
            AccountError: the password cannot be taken; the link stays good.
            TicketStoreError: nothing was written.
        """
        self.check(token)
        claims = self._claims(token)
        try:
            self._accounts.reset_password(int(claims["sub"]), claims["state"], password)
        except WrongPasswordError as error:
            raise BadResetError from error

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud", "state"]},
            )
        except jwt.InvalidTokenError as error:
            raise BadResetError from error
