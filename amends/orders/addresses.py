"""Whether a typed mail address is that of an order."""

from hashlib import sha256
from hmac import compare_digest


def same_address(ours: str, typed: str) -> bool:
    """Whether they are the same, capitals and blanks aside; takes as long whatever they are.

    Args:
        ours: Of the order; empty for none, which equals nothing.
        typed: What a shopper wrote.
    """
    same = compare_digest(_digest(ours), _digest(typed))
    return same and bool(ours.strip())


def _digest(address: str) -> bytes:
    # Not case-folded: that would take ß for ss, which may be somebody else's.
    return sha256(address.strip().lower().encode()).digest()
