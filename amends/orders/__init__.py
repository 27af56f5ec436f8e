"""What the shop's own system knows of orders and does with them."""

from amends.orders.connector import NotPossibleError, ShopConnector, ShopDownError
from amends.orders.order import Address, Deed, Line, Order, Refund, State

__all__ = [
    "Address",
    "Deed",
    "Line",
    "NotPossibleError",
    "Order",
    "Refund",
    "ShopConnector",
    "ShopDownError",
    "State",
]
