"""Orders that a developer can try the chat with, as they are at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from amends.orders import Order, State

WORDS = {
    State.UNPAID: ("Not paid yet", "Change it, send it elsewhere, or cancel it."),
    State.PROCESSING: ("Being packed", "Change it, send it elsewhere, or cancel it."),
    State.SHIPPED: ("On its way", "Ask where it is."),
    State.DELIVERED: ("Delivered", "Send something back, or ask for the invoice."),
    State.CANCELLED: ("Cancelled", "Ask what became of it."),
    State.REFUNDED: ("Refunded", "Ask for the invoice."),
    State.UNKNOWN: ("Not known", "Ask about it: a person must look."),
}
LATE = ("Late", "Ask why it is not there.")
ASKED = ("Refund asked for", "Ask when the money comes.")


@dataclass(frozen=True)
class OrderToTry:
    """What the page shows of an order.

    Attributes:
        number: Of the order.
        email: The address that it was placed with.
        goods: What is in it.
        state: How far it is, in a word or two.
        late: Whether that is bad news.
        hint: What can be tried with it.
    """

    number: str
    email: str
    goods: str
    state: str
    late: bool
    hint: str


def shown(orders: Sequence[Order], today: date) -> list[OrderToTry]:
    """Orders as the page shows them.

    Args:
        orders: Of the demo shop.
        today: The day.
    """
    return [_shown(order, today) for order in orders]


def _shown(order: Order, today: date) -> OrderToTry:
    late = order.state is State.SHIPPED and (order.expected_on or today) < today
    state, hint = LATE if late else WORDS[order.state]
    if any(refund.state == "requested" for refund in order.refunds):
        state, hint = ASKED
    goods = ", ".join(f"{line.quantity}\u00a0×\u00a0{line.name}" for line in order.lines)
    return OrderToTry(order.number, order.email, goods, state, late, hint)
