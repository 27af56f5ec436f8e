"""The demo shop's own system: orders in a SQLite file, for trying Amends out.

The file makes itself: where there is none, the orders of `amends.orders.demo_seed` are laid out as
of today, and again when they are a few days old, because days of delivery lie in the past then.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from amends.orders.addresses import same_address
from amends.orders.connector import NotPossibleError
from amends.orders.demo_file import DemoFile
from amends.orders.demo_seed import TO_TRY
from amends.orders.demo_tables import (
    InvoiceRow,
    LineRow,
    OrderRow,
    RefundRow,
    ReturnRow,
)
from amends.orders.numbers import normalised
from amends.orders.order import Address, Deed, Line, Order, Refund, State
from amends.orders.rules import (
    allowed,
    check_possible,
    check_quantity,
    last_line,
    no_such_line,
)

FILE = "demo_shop.db"
CURRENCY = "EUR"
DELIVERY_CENTS = 490
FREE_FROM_CENTS = 6000

Change = Callable[[Session, OrderRow], None]


class DemoShop:
    """A shop connector that needs no shop; every deed acts on the file.

    Args:
        folder: Where the file is.
        timeout_s: How long a call may take where another process writes.
        today: The day.
    """

    def __init__(
        self, folder: Path, timeout_s: float = 4.0, today: Callable[[], date] = date.today
    ) -> None:
        self._today = today
        self._file = DemoFile(folder / FILE, timeout_s, today)

    def find(self, number: str, email: str) -> Order | None:
        """See `ShopConnector.find`."""
        with self._file.session() as session:
            row = session.get(OrderRow, normalised(number))
            ours = same_address(row.email if row else "", email)
            return self._order(row) if row and ours else None

    def orders_to_try(self) -> tuple[Order, ...]:
        """A few orders as they are now, for whoever tries the demo shop.

        Raises:
            ShopDownError: the file cannot be read.
        """
        with self._file.session() as session:
            rows = session.scalars(select(OrderRow).where(OrderRow.number.in_(TO_TRY)))
            known = {row.number: self._order(row) for row in rows}
        return tuple(known[number] for number in TO_TRY if number in known)

    def cancel(self, number: str) -> Order:
        """See `ShopConnector.cancel`."""

        def change(_: Session, row: OrderRow) -> None:
            if row.state != State.CANCELLED:
                self._check(row, Deed.CANCEL)
                row.state = State.CANCELLED

        return self._changed(number, Deed.CANCEL, change)

    def change_quantity(self, number: str, line_id: str, quantity: int) -> Order:
        """See `ShopConnector.change_quantity`."""
        check_quantity(quantity)

        def change(_: Session, row: OrderRow) -> None:
            line = next((line for line in row.lines if str(line.id) == line_id), None)
            if (line.quantity if line else 0) == quantity:
                return  # done before
            self._check(row, Deed.CHANGE)
            if line is None:
                raise no_such_line(Deed.CHANGE, row.number)
            _set_quantity(row, line, quantity)

        return self._changed(number, Deed.CHANGE, change)

    def change_address(self, number: str, address: Address) -> Order:
        """See `ShopConnector.change_address`."""

        def change(_: Session, row: OrderRow) -> None:
            if _address(row) != address:
                self._check(row, Deed.ADDRESS)
                for name, value in address:
                    setattr(row, name, value)

        return self._changed(number, Deed.ADDRESS, change)

    def request_refund(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """See `ShopConnector.request_refund`."""

        def change(_: Session, row: OrderRow) -> None:
            lines = self._new_lines(row, Deed.REFUND, line_ids, row.refunds)
            if lines:
                row.refunds.append(
                    RefundRow(
                        line_ids=[line.id for line in lines],
                        cents=sum(line.cents * line.quantity for line in lines),
                        state="requested",
                        at=self._today(),
                        reason=reason,
                    )
                )

        return self._changed(number, Deed.REFUND, change)

    def request_return(self, number: str, line_ids: Sequence[str], reason: str) -> Order:
        """See `ShopConnector.request_return`."""

        def change(_: Session, row: OrderRow) -> None:
            lines = self._new_lines(row, Deed.RETURN, line_ids, row.returns)
            if lines:
                ids = [line.id for line in lines]
                row.returns.append(ReturnRow(line_ids=ids, at=self._today(), reason=reason))

        return self._changed(number, Deed.RETURN, change)

    def send_invoice(self, number: str) -> Order:
        """See `ShopConnector.send_invoice`; the demo shop notes that it would be sent."""

        def change(_: Session, row: OrderRow) -> None:
            self._check(row, Deed.INVOICE)
            row.invoices.append(InvoiceRow(email=row.email, at=self._today()))

        return self._changed(number, Deed.INVOICE, change)

    def _changed(self, number: str, deed: Deed, change: Change) -> Order:
        with self._file.session(write=True) as session:
            row = session.get(OrderRow, normalised(number))
            if row is None:
                raise NotPossibleError(
                    deed, "Expected an order of this shop, found none. Look the order up again."
                )
            change(session, row)
            session.flush()
            return self._order(row)

    def _new_lines(
        self,
        row: OrderRow,
        deed: Deed,
        line_ids: Sequence[str],
        before: "Iterable[RefundRow | ReturnRow]",
    ) -> list[LineRow]:
        """The lines that this was not asked for yet."""
        wanted = [line for line in row.lines if str(line.id) in line_ids]
        if not wanted or len(wanted) < len(set(line_ids)):
            raise no_such_line(deed, row.number)
        done = {line_id for one in before for line_id in one.line_ids}
        new = [line for line in wanted if line.id not in done]
        if new:
            self._check(row, deed)
        return new

    def _check(self, row: OrderRow, deed: Deed) -> None:
        check_possible(row.number, State(row.state), deed, self._allowed(row))

    def _allowed(self, row: OrderRow) -> frozenset[Deed]:
        return allowed(State(row.state), row.delivered_on, self._today())

    def _order(self, row: OrderRow) -> Order:
        goods = sum(line.cents * line.quantity for line in row.lines)
        delivery = 0 if goods >= FREE_FROM_CENTS else DELIVERY_CENTS
        return Order(
            number=row.number,
            email=row.email,
            state=State(row.state),
            placed_on=row.placed_on,
            lines=tuple(_line(line) for line in row.lines),
            total=_money(goods + delivery),
            currency=CURRENCY,
            address=_address(row),
            carrier=row.carrier,
            tracking_url=row.tracking_url,
            shipped_on=row.shipped_on,
            expected_on=row.expected_on,
            refunds=tuple(
                Refund(amount=_money(one.cents), state=one.state, at=one.at) for one in row.refunds
            ),
            possible=self._allowed(row),
        )


def _set_quantity(row: OrderRow, line: LineRow, quantity: int) -> None:
    if quantity:
        line.quantity = quantity
    elif len(row.lines) == 1:
        raise last_line(row.number)
    else:
        row.lines.remove(line)


def _line(line: LineRow) -> Line:
    total = _money(line.cents * line.quantity)
    return Line(id=str(line.id), name=line.name, quantity=line.quantity, total=total)


def _address(row: OrderRow) -> Address:
    return Address(**{name: getattr(row, name) for name in Address.model_fields})


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
