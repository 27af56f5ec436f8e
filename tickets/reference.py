"""Ticket references: short, and hard to misread or mishear."""

import secrets

PREFIX = "AM-"
LENGTH = 6
# No vowels, so that no word comes out, and no two signs that look alike (0 O, 1 I L, 2 Z, 5 S,
# 8 B, U V).
ALPHABET = "CDFGHJKMNPQRTVWXY34679"


def new_reference() -> str:
    """A random reference such as `AM-K7RD4X`, one of 113 million."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def as_reference(typed: str) -> str:
    """A reference as a person types it, in the form in which it is stored."""
    code = "".join(typed.split()).upper().removeprefix(PREFIX)
    return PREFIX + code
