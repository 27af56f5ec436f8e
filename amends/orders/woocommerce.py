"""Orders of a WooCommerce shop, through its REST interface `wc/v3`.

- An order is found by its id, which is its number unless a plug-in counts otherwise; where the
  number that WooCommerce says is another one, the order is not found.
- A paid order that is cancelled gets a note for the shop's people, because no money moves by
  itself. Refunds and returns are such notes too.
- Another address has WooCommerce reckon taxes anew, so that a total may change with it. The state
  or province of the old one is taken out, for the new one names none.
- WooCommerce has no way to change an order only if it still is as it was seen: between the look
  and the change somebody else may change it, for some milliseconds.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import SecretStr, TypeAdapter, ValidationError

from amends.orders.addresses import same_address
from amends.orders.connector import NotPossibleError, ShopDownError
from amends.orders.numbers import normalised
from amends.orders.order import Address, Deed, Order
from amends.orders.rules import check_possible, check_quantity, last_line, no_such_line
from amends.orders.woocommerce_client import UNKNOWN, Answer, Deadline, WooCommerceClient
from amends.orders.woocommerce_schema import (
    MEANINGS,
    STRANGE,
    WooNote,
    WooOrder,
    WooRefund,
    plain_order,
    request_note,
    requests_in,
    shipping_fields,
)
from amends.settings import Settings

REFUSES_AFTER_S = 0.6
"""An order of somebody else takes WooCommerce longer to write out than none: both take this, or
twice this, and so on."""

MOST_DIGITS = 15
NO_ORDER = "woocommerce_rest_shop_order_invalid_id"
NO_ROUTE = "rest_no_route"
CANCELS = "The shopper cancels the order, which was paid."

ORDER = TypeAdapter(WooOrder)
REFUNDS = TypeAdapter(tuple[WooRefund, ...])
NOTE = TypeAdapter(WooNote)
NOTES = TypeAdapter(tuple[WooNote, ...])

Value = TypeVar("Value")


class WooCommerceShop:
    """A shop connector to WooCommerce.

    Args:
        client: Sends the requests.
        timeout_s: How long a call may take, all its requests together.
        refuses_after_s: That no order was found is said after so long, or a multiple of it.
    """

    def __init__(
        self, client: WooCommerceClient, timeout_s: float, refuses_after_s: float = REFUSES_AFTER_S
    ) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._refuses_after_s = refuses_after_s

    @classmethod
    def of(cls, settings: Settings) -> "WooCommerceShop":
        """The shop that the settings name, which have been checked."""
        nothing = SecretStr("")
        key, secret = settings.woocommerce_key, settings.woocommerce_secret
        client = WooCommerceClient(settings.woocommerce_url, key or nothing, secret or nothing)
        return cls(client, settings.shop_timeout_s)

    def find(self, number: str, email: str) -> Order | None:
        """See `ShopConnector.find`."""
        start = time.monotonic()
        call = self._call(number)
        body = call.body() if call else {}
        if call and same_address(_email(body), email):
            order = _read(ORDER, body)
            if order.number == call.number:
                call.learn(order)
                return call.plain(order)
        step = self._refuses_after_s
        time.sleep(step - (time.monotonic() - start) % step)
        return None

    def cancel(self, number: str) -> Order:
        """See `ShopConnector.cancel`."""
        call, order = self._opened(number, Deed.CANCEL)
        if order.status != "cancelled":
            _check(order, Deed.CANCEL)
            if order.date_paid:
                call.ask("refund", [line.id for line in order.line_items], CANCELS, Deed.CANCEL)
            order = call.put({"status": "cancelled"}, Deed.CANCEL)
            _ensure(order.status == "cancelled")
        return call.plain(order)

    def change_quantity(self, number: str, line_id: str, quantity: int) -> Order:
        """See `ShopConnector.change_quantity`."""
        check_quantity(quantity)
        call, order = self._opened(number, Deed.CHANGE)
        line = next((line for line in order.line_items if str(line.id) == line_id), None)
        if (line.quantity if line else 0) == quantity:
            return call.plain(order)  # done before
        _check(order, Deed.CHANGE)
        if line is None:
            raise no_such_line(Deed.CHANGE, order.number)
        if not quantity and len(order.line_items) == 1:
            raise last_line(order.number)
        item = line.scaled(quantity) if quantity else {"id": line.id, "quantity": 0}
        order = call.put({"line_items": [item]}, Deed.CHANGE)
        _ensure(sum(one.quantity for one in order.line_items if one.id == line.id) == quantity)
        return call.plain(order)

    def change_address(self, number: str, address: Address) -> Order:
        """See `ShopConnector.change_address`."""
        call, order = self._opened(number, Deed.ADDRESS)
        if order.shipping.is_given and order.shipping.plain() == address:
            return call.plain(order)
        _check(order, Deed.ADDRESS)
        order = call.put({"shipping": shipping_fields(address)}, Deed.ADDRESS)
        _ensure(order.shipping.plain() == address)
        return call.plain(order)

    def request_refund(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """See `ShopConnector.request_refund`; leaves a note for the shop's people."""
        return self._requested(number, line_ids, reason, Deed.REFUND)

    def request_return(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """See `ShopConnector.request_return`; leaves a note for the shop's people."""
        return self._requested(number, line_ids, reason, Deed.RETURN)

    def send_invoice(self, number: str) -> Order:
        """See `ShopConnector.send_invoice`; WooCommerce does so since its version 9.8.

        Before that it is not possible: a note would be read as one that was sent.
        """
        call, order = self._opened(number, Deed.INVOICE)
        _check(order, Deed.INVOICE)
        call.post("actions/send_order_details", {}, Deed.INVOICE)
        return call.plain(order)

    def _requested(self, number: str, line_ids: Sequence[str], reason: str, deed: Deed) -> Order:
        call, order = self._opened(number, deed)
        wanted = [line.id for line in order.line_items if str(line.id) in line_ids]
        if not wanted or len(wanted) < len(set(line_ids)):
            raise no_such_line(deed, order.number)
        call.ask(deed.value, wanted, reason, deed, lambda: _check(order, deed))
        return call.plain(order)

    def _opened(self, number: str, deed: Deed) -> "tuple[_Call, WooOrder]":
        call = self._call(number)
        body = call.body() if call else {}
        if call is None or not body:
            raise NotPossibleError(
                deed, "Expected an order of this shop, found none. Look the order up again."
            )
        order = _read(ORDER, body)
        # All that is read is read before anything is changed: what was done is then never unknown
        # because something else could not be read.
        call.learn(order)
        return call, order

    def _call(self, number: str) -> "_Call | None":
        plain = normalised(number)
        if not plain.isdigit() or len(plain) > MOST_DIGITS:
            return None
        return _Call(self._client, int(plain), Deadline(self._timeout_s))


class _Call:
    """The requests about one order, which share one deadline."""

    def __init__(self, client: WooCommerceClient, order_id: int, deadline: Deadline) -> None:
        self.number = str(order_id)
        self._client = client
        self._deadline = deadline
        self._path = f"orders/{order_id}"
        self._refunds: tuple[WooRefund, ...] = ()
        self._notes: tuple[WooNote, ...] = ()

    def body(self) -> dict[str, Any]:
        """The order as WooCommerce writes it, empty for none."""
        answer = self._client.send("get", self._path, self._deadline)
        if answer.status == 200 and isinstance(answer.body, dict):  # noqa: PLR2004 - HTTP's OK
            return answer.body
        if answer.code == NO_ORDER:
            return {}
        raise _nonsense(answer.code or "no order")

    def learn(self, order: WooOrder) -> None:
        """Read what the order itself does not say: its notes, and when money went back."""
        self._notes = self._listed(NOTES, "notes", {"type": "internal"})
        if order.refunds:
            self._refunds = self._listed(REFUNDS, "refunds")

    def put(self, change: Mapping[str, Any], deed: Deed) -> WooOrder:
        """Change the order; gives it as it is then."""
        answer = self._client.send("put", self._path, self._deadline, change)
        return _read(ORDER, _accepted(answer, deed))

    def post(self, what: str, content: Mapping[str, Any], deed: Deed) -> object:
        """Add something to the order, or have something done with it; gives what is said of it."""
        path = f"{self._path}/{what}"
        return _accepted(self._client.send("post", path, self._deadline, content), deed)

    def ask(
        self,
        what: str,
        lines: Sequence[int],
        reason: str,
        deed: Deed,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask the shop's people for something, unless they were asked before.

        Args:
            what: `refund` or `return`.
            lines: For these.
            reason: Why.
            deed: What it is for.
            check: Raises if it is not possible; not called where it was done before.
        """
        before = [one.lines for one in requests_in(self._notes) if one.what == what]
        new = set(lines).difference(*before)
        if new:
            check()
            text = request_note(what, sorted(new), reason)
            note = self.post("notes", {"note": text, "customer_note": False}, deed)
            self._notes += (_read(NOTE, note),)

    def plain(self, order: WooOrder) -> Order:
        """The order in the words of the protocol, with what its refunds and notes say."""
        try:
            return plain_order(order, self._refunds, requests_in(self._notes))
        except ValidationError:  # it would repeat what stands there
            raise _nonsense("an order that cannot be read") from None

    def _listed(
        self, adapter: TypeAdapter[Value], what: str, params: Mapping[str, str] | None = None
    ) -> Value:
        path = f"{self._path}/{what}"
        answer = self._client.send("get", path, self._deadline, params=params)
        return _read(adapter, answer.body)


def _accepted(answer: Answer, deed: Deed) -> object:
    if answer.status < 400:  # noqa: PLR2004 - HTTP's first error
        return answer.body
    raise NotPossibleError(
        deed,
        f"Expected WooCommerce to {deed} the order, found {answer.code or answer.status}. "
        + ("It needs version 9.8 for this." if answer.code == NO_ROUTE else "Ask a person."),
    )


def _check(order: WooOrder, deed: Deed) -> None:
    state, possible = MEANINGS.get(order.status, STRANGE)
    check_possible(order.number, state, deed, possible)


def _ensure(done: bool) -> None:
    if not done:
        raise ShopDownError(f"Expected WooCommerce to have changed it, found no change. {UNKNOWN}")


def _read(adapter: TypeAdapter[Value], body: object) -> Value:
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        # Only where it differs: what stands there is the shopper's.
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
    raise _nonsense(f"another {where or 'kind of answer'}")


def _nonsense(found: str) -> ShopDownError:
    return ShopDownError(
        f"Expected an answer as WooCommerce documents it, found {found}. "
        "Check AMENDS_WOOCOMMERCE_URL and what plug-ins change."
    )


def _email(body: Mapping[str, Any]) -> str:
    billing = body.get("billing")
    email = billing.get("email") if isinstance(billing, dict) else None
    return email if isinstance(email, str) else ""
