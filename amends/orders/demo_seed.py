"""The demo shop's orders when it opens: one in every state, and of people who do not exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from amends.orders.demo_tables import LineRow, OrderRow, RefundRow
from amends.orders.order import State
from amends.shop.goods import GOODS

CARRIER = "Fell Couriers"

PRICES = {good.slug: int(good.price.removeprefix("€ ")) * 100 for good in GOODS}
NAMES = {good.slug: good.name for good in GOODS}


@dataclass(frozen=True)
class Seed:
    """One order; days are counted from the day it is laid out, those before are negative.

    Attributes:
        number: Of the order.
        who: First name, also before the at sign of the address.
        state: How far it is.
        goods: What was ordered, and how many of it.
        placed: Day of the order.
        shipped: Day it left.
        delivered: Day it came.
        expected: Day it should come.
        refund: State of the money that goes back for its first line, and since which day.
    """

    number: str
    who: str
    state: State
    goods: tuple[tuple[str, int], ...]
    placed: int
    shipped: int | None = None
    delivered: int | None = None
    expected: int | None = None
    refund: tuple[str, int] | None = None


SEEDS = (
    Seed("A10260", "eli", State.UNPAID, (("pan", 1), ("carafe", 1)), 0, expected=5),
    Seed("A10251", "sam", State.UNPAID, (("mug", 2),), -1, expected=5),
    Seed("A10247", "alex", State.PROCESSING, (("mug", 4), ("board", 1)), -1, expected=4),
    Seed("A10244", "ida", State.PROCESSING, (("lamp", 1),), -2, expected=4),
    Seed("A10240", "uma", State.UNKNOWN, (("board", 2),), -3),
    Seed("A10234", "robin", State.SHIPPED, (("kettle", 1), ("mug", 2)), -2, -1, expected=4),
    Seed("A10198", "kim", State.SHIPPED, (("lamp", 1),), -12, -10, expected=-5),
    Seed("A10175", "noor", State.DELIVERED, (("carafe", 1), ("mug", 2)), -9, -7, -4, -5),
    Seed("A10162", "jo", State.DELIVERED, (("lamp", 1),), -14, -12, -9, -9, ("requested", -2)),
    Seed(
        "A10149",
        "lee",
        State.DELIVERED,
        (("board", 1), ("pan", 1)),
        -18,
        -16,
        -13,
        -12,
        ("approved", -3),
    ),
    Seed("A10133", "mika", State.REFUNDED, (("kettle", 1),), -25, -23, -20, -20, ("paid", -8)),
    Seed("A10120", "ash", State.CANCELLED, (("pan", 1), ("board", 1)), -16),
    Seed("A10101", "robin", State.DELIVERED, (("board", 1),), -34, -32, -29, -30),
    Seed("A10088", "dana", State.DELIVERED, (("kettle", 1),), -105, -103, -100, -101),
)

TO_TRY = ("A10247", "A10234", "A10198", "A10175")
"""Orders that show most of what the assistant can do."""


def seeds(today: date) -> Iterator[OrderRow]:
    """Rows of every order, as of today."""
    for house, seed in enumerate(SEEDS, start=1):
        yield _row(seed, house, today)


def _row(seed: Seed, house: int, today: date) -> OrderRow:
    return OrderRow(
        number=seed.number,
        email=f"{seed.who}@example.com",
        state=seed.state,
        placed_on=today + timedelta(days=seed.placed),
        shipped_on=_day(today, seed.shipped),
        delivered_on=_day(today, seed.delivered),
        expected_on=_day(today, seed.expected),
        carrier=CARRIER if seed.shipped is not None else None,
        tracking_url=f"https://parcels.example.com/{seed.number}" if seed.shipped else None,
        name=f"{seed.who.title()} Example",
        street=f"{house} Tarn Lane",
        postcode=f"{10_000 + house}",
        city="Lakeside",
        country="DE",
        lines=[
            LineRow(id=house * 10 + place, name=NAMES[good], quantity=count, cents=PRICES[good])
            for place, (good, count) in enumerate(seed.goods)
        ],
        refunds=list(_refunds(seed, house, today)),
    )


def _refunds(seed: Seed, house: int, today: date) -> Iterator[RefundRow]:
    if seed.refund is None:
        return
    state, day = seed.refund
    good, count = seed.goods[0]
    yield RefundRow(
        line_ids=[house * 10],
        cents=PRICES[good] * count,
        state=state,
        at=today + timedelta(days=day),
        reason="It came with a dent.",
    )


def _day(today: date, offset: int | None) -> date | None:
    return None if offset is None else today + timedelta(days=offset)
