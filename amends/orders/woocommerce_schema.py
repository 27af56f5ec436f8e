"""WooCommerce's orders as its REST interface (`wc/v3`) documents them, and what they mean here.

WooCommerce knows no parcels: an order that is `completed` has left as far as the shop is concerned,
so it is shipped here, and whether it arrived is not known. A status of a plug-in is unknown.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from amends.orders.order import Address, Deed, Line, Order, Refund, State

BEFORE_PAYMENT = frozenset({Deed.CANCEL, Deed.CHANGE, Deed.ADDRESS, Deed.INVOICE})

# WooCommerce lets lines be edited while an order is pending or on hold, in its own screens. Its
# REST interface would edit a paid order too, without money for it: that is refused here.
MEANINGS: Mapping[str, tuple[State, frozenset[Deed]]] = {
    "pending": (State.UNPAID, BEFORE_PAYMENT),
    "on-hold": (State.UNPAID, BEFORE_PAYMENT),
    "failed": (State.UNPAID, frozenset({Deed.CANCEL, Deed.INVOICE})),
    "processing": (State.PROCESSING, frozenset({Deed.CANCEL, Deed.ADDRESS, Deed.INVOICE})),
    "completed": (State.SHIPPED, frozenset({Deed.REFUND, Deed.RETURN, Deed.INVOICE})),
    "cancelled": (State.CANCELLED, frozenset()),
    "refunded": (State.REFUNDED, frozenset({Deed.INVOICE})),
}
STRANGE: tuple[State, frozenset[Deed]] = (State.UNKNOWN, frozenset())

NOT_GIVEN = "not given"
NO_COUNTRY = "ZZ"

REQUESTED = re.compile(r"Amends: (?P<what>refund|return) requested for lines (?P<lines>[\d, ]+)\.")


# In the shop's own time zone, which WooCommerce does not say.
Moment = Annotated[datetime, AfterValidator(lambda moment: moment.replace(tzinfo=None))]


class Schema(BaseModel):
    """Base; WooCommerce and its plug-ins may say more."""

    model_config = ConfigDict(frozen=True)


class WooAddress(Schema):
    """Billing or shipping; WooCommerce writes what is missing as an empty text."""

    first_name: str = ""
    last_name: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def is_given(self) -> bool:
        """Whether there is anywhere to send to."""
        return bool(self.address_1.strip() or self.city.strip())

    def plain(self) -> Address:
        """In the words of the protocol; what is missing is said to be."""
        return Address(
            name=_joined(self.first_name, self.last_name)[:100],
            street=_joined(self.address_1, self.address_2)[:200],
            postcode=_joined(self.postcode)[:20],
            city=_joined(self.city)[:100],
            country=self.country if re.fullmatch("[A-Z]{2}", self.country) else NO_COUNTRY,
        )


class WooBilling(WooAddress):
    """Who pays, and the address that the order was placed with."""

    email: str


class WooLine(Schema):
    """One of `line_items`; its totals are without tax."""

    id: int
    name: str
    quantity: int = Field(ge=1)
    subtotal: Decimal
    total: Decimal
    total_tax: Decimal

    def scaled(self, quantity: int) -> dict[str, int | str]:
        """What to send for another quantity: WooCommerce leaves the totals as they were."""
        return {
            "id": self.id,
            "quantity": quantity,
            "subtotal": _scaled(self.subtotal, quantity, self.quantity),
            "total": _scaled(self.total, quantity, self.quantity),
        }


class WooOrder(Schema):
    """An order."""

    id: int
    number: str
    status: str
    currency: str
    date_created: Moment
    date_completed: Moment | None
    date_paid: Moment | None
    total: Decimal
    billing: WooBilling
    shipping: WooAddress
    line_items: tuple[WooLine, ...] = Field(min_length=1)
    refunds: tuple[dict[str, object], ...]


class WooRefund(Schema):
    """Money that the shop's people gave back; by hand where the gateway did not."""

    amount: Decimal
    date_created: Moment
    refunded_payment: bool


class WooNote(Schema):
    """A note on an order."""

    note: str
    date_created: Moment


class Request(Schema):
    """What a shopper asked for through the chat, as its note says.

    Attributes:
        what: `refund` or `return`.
        lines: Of the order.
        at: When.
    """

    what: str
    lines: frozenset[int]
    at: datetime


def requests_in(notes: Sequence[WooNote]) -> list[Request]:
    """What was asked for, oldest first."""
    found = []
    for note in sorted(notes, key=lambda note: note.date_created):
        if match := REQUESTED.match(note.note):
            lines = frozenset(int(one) for one in match["lines"].split(",") if one.strip())
            found.append(Request(what=match["what"], lines=lines, at=note.date_created))
    return found


def request_note(what: str, lines: Sequence[int], reason: str) -> str:
    """The note that asks the shop's people for something; `requests_in` reads it again."""
    # A note is shown as HTML to the shop's people.
    safe = " ".join(reason.split()).replace("&", "&amp;").replace("<", "&lt;")[:500]
    numbers = ", ".join(str(line) for line in sorted(lines))
    return f"Amends: {what} requested for lines {numbers}. The shopper says: {safe}"


def shipping_fields(address: Address) -> dict[str, str]:
    """What to send for another address; nothing of the old one stays."""
    first, _, last = address.name.strip().partition(" ")
    return {
        "first_name": first,
        "last_name": last,
        "company": "",
        "address_1": address.street,
        "address_2": "",
        "city": address.city,
        "state": "",
        "postcode": address.postcode,
        "country": address.country,
    }


def plain_order(
    order: WooOrder, refunds: Sequence[WooRefund], requests: Sequence[Request]
) -> Order:
    """An order in the words of the protocol."""
    state, possible = MEANINGS.get(order.status, STRANGE)
    where = order.shipping if order.shipping.is_given else order.billing
    return Order(
        number=order.number,
        email=order.billing.email,
        state=state,
        placed_on=order.date_created.date(),
        lines=tuple(_line(line) for line in order.line_items),
        total=order.total,
        currency=order.currency,
        address=where.plain(),
        shipped_on=order.date_completed.date() if order.date_completed else None,
        refunds=tuple(_refunds(order, refunds, requests)),
        possible=possible,
    )


def _refunds(
    order: WooOrder, refunds: Sequence[WooRefund], requests: Sequence[Request]
) -> list[Refund]:
    given = [
        Refund(
            amount=one.amount,
            state="paid" if one.refunded_payment else "approved",
            at=one.date_created.date(),
        )
        for one in sorted(refunds, key=lambda one: one.date_created)
    ]
    last = max((one.date_created for one in refunds), default=datetime.min)
    # What was asked for before money went back is answered by it.
    asked = [
        Refund(amount=_amount(order, one.lines), state="requested", at=one.at.date())
        for one in requests
        if one.what == "refund" and one.at > last
    ]
    return given + asked


def _amount(order: WooOrder, lines: frozenset[int]) -> Decimal | None:
    wanted = [line for line in order.line_items if line.id in lines]
    return sum((line.total + line.total_tax for line in wanted), Decimal(0)) if wanted else None


def _line(line: WooLine) -> Line:
    return Line(
        id=str(line.id),
        name=unescape(line.name),
        quantity=line.quantity,
        total=line.total + line.total_tax,
    )


def _joined(*parts: str) -> str:
    return unescape(" ".join(part.strip() for part in parts if part.strip())) or NOT_GIVEN


def _scaled(amount: Decimal, quantity: int, before: int) -> str:
    return str((amount * quantity / before).quantize(amount))
