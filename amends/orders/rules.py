"""What an order allows, and the words of a refusal; the table is the demo shop's."""

from collections.abc import Mapping
from datetime import date

from amends.orders.connector import NotPossibleError
from amends.orders.order import Deed, State

BEFORE_SHIPPING = frozenset({Deed.CANCEL, Deed.CHANGE, Deed.ADDRESS, Deed.INVOICE})
AFTER_SHIPPING = frozenset({Deed.REFUND, Deed.RETURN, Deed.INVOICE})

POSSIBLE: Mapping[State, frozenset[Deed]] = {
    State.UNPAID: BEFORE_SHIPPING,
    State.PROCESSING: BEFORE_SHIPPING,
    State.SHIPPED: AFTER_SHIPPING,
    State.DELIVERED: AFTER_SHIPPING,
    State.CANCELLED: frozenset(),
    State.REFUNDED: frozenset({Deed.INVOICE}),
    State.UNKNOWN: frozenset(),
}

RETURN_DAYS = 60
"""After delivery; so the shop says on its page."""

MOST_OF_ONE = 20
"""Of one article in one order; whoever needs more talks with a person."""


def check_possible(number: str, state: State, deed: Deed, possible: frozenset[Deed]) -> None:
    """Make sure that an order allows a deed.

    Raises:
        NotPossibleError: it does not.
    """
    if deed in possible:
        return
    names = ", ".join(sorted(possible)) or "nothing"
    raise NotPossibleError(
        deed,
        f"Expected an order that allows {deed}, found {number} {state}, which allows {names}. "
        "Leave it as it is, or ask a person.",
    )


def check_quantity(quantity: int) -> None:
    """Make sure that it can be ordered.

    Raises:
        NotPossibleError: it is negative or too many.
    """
    if not 0 <= quantity <= MOST_OF_ONE:
        raise NotPossibleError(
            Deed.CHANGE,
            f"Expected a quantity from 0 to {MOST_OF_ONE}, found {quantity}. "
            "Choose one in between, or ask a person.",
        )


def last_line(number: str) -> NotPossibleError:
    """The refusal to take the only line out of an order."""
    return NotPossibleError(
        Deed.CHANGE,
        f"Expected to leave at least one line in {number}, found the last one. "
        "Cancel the order instead.",
    )


def no_such_line(deed: Deed, number: str) -> NotPossibleError:
    """The refusal of a line that the order does not have."""
    return NotPossibleError(
        deed,
        f"Expected lines of {number}, found one that it does not have. Look the order up again.",
    )


def allowed(state: State, delivered_on: date | None, today: date) -> frozenset[Deed]:
    """What an order allows today.

    Args:
        state: How far it is.
        delivered_on: When it came, if it did.
        today: The day.
    """
    late = delivered_on is not None and (today - delivered_on).days > RETURN_DAYS
    return POSSIBLE[state] - {Deed.REFUND, Deed.RETURN} if late else POSSIBLE[state]
