"""Passwords as Argon2 hashes."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Passwords:
    """Hashes passwords and compares them.

    Args:
        hasher: With the parameters that new hashes get; the library's are those of RFC 9106.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        # Compared with where there is no account: that takes as long as a wrong password.
        self._nobody = self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """A hash to store; takes about a twentieth of a second and 64 MiB."""
        return self._hasher.hash(password)

    def match(self, stored: str | None, password: str) -> bool:
        """Whether a password belongs to a stored hash; never to None, after the same work."""
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(stored)
