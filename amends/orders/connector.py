"""The protocol between the assistant and a shop's system."""

from collections.abc import Sequence
from typing import Protocol

from amends.errors import AmendsError
from amends.orders.order import Address, Deed, Order


class ShopDownError(AmendsError):
    """The shop's system did not answer, not in time, or with nonsense.

    Of a change nobody knows whether it was made: it must neither be said to be done nor be tried
    again without a look. The message says expected, found, what to do, and holds nothing personal.
    """


class NotPossibleError(AmendsError):
    """The shop's system answered that it does not do this, and nothing was changed.

    Attributes:
        deed: What was asked for.
    """

    def __init__(self, deed: Deed, message: str) -> None:
        """Name the deed; the message says why."""
        super().__init__(message)
        self.deed = deed


class ShopConnector(Protocol):
    """What the assistant asks of a shop's system.

    Every call blocks for at most `AMENDS_SHOP_TIMEOUT_S` seconds; call it in a thread. Each but
    `find` is for an order that its shopper proved to be theirs. A deed that is done already is
    done once: the second call gives the same order. An invoice alone is sent again.

    Raises:
        ShopDownError: no answer that can be trusted.
        NotPossibleError: refused, and nothing was changed.
    """

    def find(self, number: str, email: str) -> Order | None:
        """The order with this number if it was placed with this address, else None.

        An order of somebody else and one that does not exist are told apart by nothing, not even
        by how long the answer takes. Capitals and blanks do not matter.
        """

    def cancel(self, number: str) -> Order:
        """Cancel it; gives the order as it is then."""

    def change_quantity(self, number: str, line_id: str, quantity: int) -> Order:
        """Have another number of one article; 0 takes the line out, unless it is the last one."""

    def change_address(self, number: str, address: Address) -> Order:
        """Send it elsewhere."""

    def request_refund(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """Ask the shop's people for the money of these lines; none is moved here.

        Args:
            number: Of the order.
            line_ids: At least one of its lines.
            reason: In the shopper's words, masked.
        """

    def request_return(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """Announce that these lines come back; the arguments are those of a refund."""

    def send_invoice(self, number: str) -> Order:
        """Send the invoice to the address of the order, and to no other."""
