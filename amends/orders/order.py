"""An order as every shop system's connector gives it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class State(StrEnum):
    """How far an order is."""

    UNPAID = "unpaid"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    """The shop's system has a state that the connector has no word for; a person must look."""


class Deed(StrEnum):
    """What can be done with an order."""

    CANCEL = "cancel"
    CHANGE = "change"
    ADDRESS = "address"
    REFUND = "refund"
    RETURN = "return"
    INVOICE = "invoice"


class Value(BaseModel):
    """Base of what does not change."""

    model_config = ConfigDict(frozen=True)


class Line(Value):
    """One article of an order.

    Attributes:
        id: Of the line within the order, as the shop's system names it.
        name: What the shop calls the article.
        quantity: How many, 1 or more.
        total: What they cost together, in the order's currency.
    """

    id: str
    name: str
    quantity: int = Field(ge=1)
    total: Decimal


class Address(Value):
    """Where an order goes.

    Attributes:
        name: Of who receives it.
        street: With the house number.
        postcode: As the country writes it.
        city: Name of the place.
        country: Two letters, ISO 3166.
    """

    name: str = Field(min_length=1, max_length=100)
    street: str = Field(min_length=1, max_length=200)
    postcode: str = Field(min_length=1, max_length=20)
    city: str = Field(min_length=1, max_length=100)
    country: str = Field(pattern=r"^[A-Z]{2}$")


class Refund(Value):
    """Money that goes back, or is asked for.

    Attributes:
        amount: In the order's currency; None where the shop has not decided yet.
        state: `requested`, `approved` or `paid`.
        at: When that was last known to change.
    """

    amount: Decimal | None
    state: str = Field(pattern="^(requested|approved|paid)$")
    at: date


class Order(Value):
    """One order of one shopper.

    Attributes:
        number: As the shopper reads it, digits and capitals.
        email: The address that it was placed with.
        state: How far it is.
        placed_on: The day it was placed.
        lines: At least one.
        total: What it cost, with delivery.
        currency: Three letters, ISO 4217.
        address: Where it goes.
        carrier: Who brings it; None before it is shipped or where that is not known.
        tracking_url: Where its way can be followed (https); None where there is none.
        shipped_on: The day it left; None before that or where the shop's system does not say.
        expected_on: The day it should arrive; None where the shop's system does not say.
        refunds: Oldest first.
        possible: What can still be done with it.
    """

    number: str
    email: str
    state: State
    placed_on: date
    lines: tuple[Line, ...] = Field(min_length=1)
    total: Decimal
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    address: Address
    carrier: str | None = None
    tracking_url: str | None = Field(None, pattern=r"^https://")
    shipped_on: date | None = None
    expected_on: date | None = None
    refunds: tuple[Refund, ...] = ()
    possible: frozenset[Deed] = frozenset()
