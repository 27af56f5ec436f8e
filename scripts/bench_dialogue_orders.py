"""Orders for the scripted conversations: copies of the demo shop's, each for one conversation."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench_servers import BenchError
from sqlalchemy import Engine, NullPool, create_engine, func, select
from sqlalchemy.orm import Session

from amends.orders import Deed, Order, State
from amends.orders.demo import FILE, DemoShop
from amends.orders.demo_tables import InvoiceRow, LineRow, OrderRow, RefundRow, ReturnRow
from amends.settings import Settings

FIRST = 30_001
"""Numbers of the copies begin here; the demo shop's own are far below."""
TIMEOUT_S = 10.0
COPIED = [one.name for one in OrderRow.__table__.columns if one.name not in ("number", "email")]
STRANGER = State.PROCESSING


@dataclass(frozen=True)
class Owned:
    """An order that one conversation is about, as it was before it.

    Attributes:
        order: As the shop's connector gives it.
        facts: What the shopper knows of it, by placeholder.
    """

    order: Order
    facts: Mapping[str, str]


class Orders:
    """The demo shop of one running Amends."""

    def __init__(self, shop: DemoShop, engine: Engine) -> None:
        self._shop = shop
        self._engine = engine
        self._next = FIRST

    @classmethod
    def of(cls, settings: Settings) -> "Orders":
        """The orders in the state folder, laid out where they are not yet."""
        shop = DemoShop(settings.state_dir, TIMEOUT_S)
        shop.orders_to_try()
        file = settings.state_dir / FILE
        return cls(
            shop,
            create_engine(
                f"sqlite:///{file}", poolclass=NullPool, connect_args={"timeout": TIMEOUT_S}
            ),
        )

    def take(self, state: State) -> Owned:
        """A new order in this state that nobody else talks about.

        Raises:
            BenchError: the demo shop has none to copy.
        """
        with Session(self._engine) as session, session.begin():
            number, email = self._copy(session, _pattern(session, state))
        order = self._shop.find(number, email)
        if order is None:
            raise BenchError(f"expected the copied order {number}, found none")
        return Owned(order, _facts(order))

    def of_somebody_else(self) -> str:
        """Number of an order that is another shopper's."""
        return self.take(STRANGER).order.number

    def now(self, owned: Owned) -> Order:
        """The order as it is now.

        Raises:
            BenchError: it is gone.
        """
        order = self._shop.find(owned.order.number, owned.order.email)
        if order is None:
            raise BenchError(f"expected the order {owned.order.number}, found none")
        return order

    def done(self, owned: Owned) -> frozenset[Deed]:
        """What was done with it since it was taken."""
        was, now = owned.order, self.now(owned)
        is_done = {
            Deed.CANCEL: now.state is State.CANCELLED and was.state is not State.CANCELLED,
            Deed.CHANGE: now.lines != was.lines,
            Deed.ADDRESS: now.address != was.address,
            Deed.REFUND: len(now.refunds) > len(was.refunds),
            Deed.RETURN: self._has(ReturnRow, was.number),
            Deed.INVOICE: self._has(InvoiceRow, was.number),
        }
        return frozenset(deed for deed, is_so in is_done.items() if is_so)

    def _has(self, table: type[ReturnRow] | type[InvoiceRow], number: str) -> bool:
        with Session(self._engine) as session:
            query = select(func.count()).select_from(table).where(table.number == number)
            return bool(session.scalar(query))

    def _copy(self, session: Session, row: OrderRow) -> tuple[str, str]:
        number, email = f"A{self._next}", f"shopper{self._next}@example.com"
        self._next += 1
        values = {name: getattr(row, name) for name in COPIED}
        lines = [
            LineRow(name=one.name, quantity=one.quantity, cents=one.cents) for one in row.lines
        ]
        copy = OrderRow(number=number, email=email, lines=lines, **values)
        session.add(copy)
        session.flush()
        copy.refunds = [
            RefundRow(
                line_ids=[line.id for line in copy.lines],
                cents=one.cents,
                state=one.state,
                at=one.at,
                reason=one.reason,
            )
            for one in row.refunds
        ]
        return number, email


def _pattern(session: Session, state: State) -> OrderRow:
    """The demo shop's newest order in a state; one with nothing asked of it yet goes first."""
    query = (
        select(OrderRow)
        .where(OrderRow.state == state, OrderRow.number < f"A{FIRST}")
        .order_by(OrderRow.refunds.any(), OrderRow.number.desc())
    )
    row = session.scalars(query).first()
    if row is None:
        raise BenchError(f"expected an order that is {state} in the demo shop, found none")
    return row


def _facts(order: Order) -> dict[str, str]:
    return {
        "number": order.number,
        "spaced": " ".join((order.number[:3], order.number[3:])),
        "email": order.email,
        "article": order.lines[0].name,
        "street": order.address.street,
        "city": order.address.city,
    }
