"""The demo shop's file: how it is laid out, shared, and broken."""

import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta

import pytest

from amends.orders import Deed, NotPossibleError, ShopDownError, State
from amends.orders.demo import FILE, DemoShop
from amends.orders.demo_file import FRESH_DAYS
from amends.orders.demo_seed import SEEDS, TO_TRY
from amends.orders.order import Order
from amends.shop.goods import GOODS

TODAY = date(2026, 3, 2)


class Days:
    def __init__(self):
        self.today = TODAY

    def __call__(self):
        return self.today


@pytest.fixture
def days():
    return Days()


@pytest.fixture
def shop(tmp_path, days):
    return DemoShop(tmp_path, 0.2, days)


def every_order(shop) -> list[Order]:
    return [shop.find(seed.number, f"{seed.who}@example.com") for seed in SEEDS]


def test_there_is_an_order_in_every_state_and_of_every_kind(shop):
    orders = every_order(shop)
    assert {order.state for order in orders} == set(State)
    assert {refund.state for order in orders for refund in order.refunds} == {
        "requested",
        "approved",
        "paid",
    }
    assert any(len(order.lines) > 1 for order in orders)
    assert any(line.quantity > 1 for order in orders for line in order.lines)
    names = {good.name for good in GOODS}
    assert {line.name for order in orders for line in order.lines} == names
    late = [o for o in orders if o.state is State.SHIPPED and o.expected_on < TODAY]
    assert [order.number for order in late] == ["A10198"]


@pytest.mark.parametrize("after", range(FRESH_DAYS + 1))
def test_days_stay_plausible_as_long_as_the_orders_do(shop, days, after):
    shop.orders_to_try()
    days.today += timedelta(days=after)
    for order in every_order(shop):
        assert order.placed_on <= days.today
        assert order.shipped_on is None or order.placed_on <= order.shipped_on <= days.today
        if order.state in (State.UNPAID, State.PROCESSING):
            assert order.expected_on > days.today
        assert all(order.placed_on <= refund.at <= days.today for refund in order.refunds)
        assert (
            order.number == "A10198"
            or order.state is not State.SHIPPED
            or (order.expected_on > days.today)
        )


def test_people_and_addresses_do_not_exist(shop):
    for order in every_order(shop):
        assert order.email.endswith("@example.com")
        assert order.address.name.endswith(" Example")
        assert order.tracking_url is None or "//parcels.example.com/" in order.tracking_url


def test_delivery_is_free_from_sixty_euros(shop):
    dear, cheap = shop.find("A10260", "eli@example.com"), shop.find("A10251", "sam@example.com")
    assert dear.total == sum(line.total for line in dear.lines) == 125
    assert str(cheap.total) == "40.90"


def test_a_delivery_of_long_ago_goes_back_no_more(shop):
    order = shop.find("A10088", "dana@example.com")
    assert order.possible == {Deed.INVOICE}
    with pytest.raises(NotPossibleError, match="found A10088 delivered, which allows invoice"):
        shop.request_return("A10088", [order.lines[0].id], "Late.")


def test_what_was_done_is_there_after_a_restart(shop, tmp_path, days):
    shop.cancel("A10247")
    again = DemoShop(tmp_path, 0.2, days)
    assert again.find("A10247", "alex@example.com").state is State.CANCELLED
    assert [order.number for order in again.orders_to_try()] == list(TO_TRY)


def test_after_some_days_the_shop_begins_anew(shop, days):
    shop.cancel("A10247")
    days.today += timedelta(days=FRESH_DAYS)
    assert shop.find("A10247", "alex@example.com").state is State.CANCELLED
    days.today += timedelta(days=1)
    order = shop.find("A10247", "alex@example.com")
    assert order.state is State.PROCESSING
    assert order.placed_on == days.today - timedelta(days=1)


def test_a_file_that_was_removed_is_laid_out_anew(shop, tmp_path):
    shop.cancel("A10247")
    (tmp_path / FILE).unlink()
    assert shop.find("A10247", "alex@example.com").state is State.PROCESSING


@pytest.fixture(params=["locked", "no database", "a folder", "another one", "a strange state"])
def broken(request, shop, tmp_path):
    """The file in a state that nothing can be done with; what the error must say of it."""
    file = tmp_path / FILE
    if request.param == "no database":
        file.write_text("nothing of the kind\n" * 100)
        yield "DatabaseError: file is not a database"
    elif request.param == "a folder":
        file.mkdir()
        yield "OperationalError: unable to open database file"
    else:
        shop.orders_to_try()
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            if request.param == "locked":
                connection.execute("BEGIN EXCLUSIVE")
                yield "OperationalError: database is locked"
            elif request.param == "another one":
                connection.execute("ALTER TABLE orders RENAME COLUMN email TO address")
                yield "OperationalError: no such column: orders.email"
            else:
                connection.execute("UPDATE orders SET state = 'eaten by robin@example.com'")
                yield "TypeError: a row that is no order"


@pytest.mark.parametrize(
    "call",
    [
        lambda shop: shop.find("A10247", "alex@example.com"),
        lambda shop: shop.cancel("A10247"),
        lambda shop: shop.send_invoice("A10247"),
        lambda shop: shop.orders_to_try(),
    ],
    ids=["find", "cancel", "invoice", "to try"],
)
def test_a_file_that_cannot_be_used_is_a_shop_that_is_down(shop, broken, call, tmp_path):
    with pytest.raises(ShopDownError) as error:
        call(shop)
    text = str(error.value)
    assert text.startswith(f"Expected the demo shop's orders at {tmp_path / FILE}, found {broken}")
    assert "remove the file to begin anew" in text
    assert "example.com" not in text


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ShopDownError, match=r"found FileExistsError|found NotADirectoryError"):
        DemoShop(tmp_path / "file").orders_to_try()


def test_of_many_at_once_one_asks_for_the_refund(shop, tmp_path, days):
    order = shop.find("A10234", "robin@example.com")
    ids = [line.id for line in order.lines]
    patient = DemoShop(tmp_path, 20, days)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(patient.request_refund, "A10234", ids, "Cracked.") for _ in range(16)]
        orders = {call.result().model_dump_json() for call in calls}
    assert len(orders) == 1
    assert len(shop.find("A10234", "robin@example.com").refunds) == 1


def _act(folder, start, results, deed):
    start.wait()
    shop = DemoShop(folder, 20)
    try:
        order = getattr(shop, deed)("A10247") if deed == "cancel" else _ten_mugs(shop)
        results.put((deed, order.state))
    except NotPossibleError as error:
        results.put((deed, error.deed))


def _ten_mugs(shop):
    order = shop.find("A10247", "alex@example.com")
    return shop.change_quantity("A10247", order.lines[0].id, 10)


def test_two_processes_lay_the_shop_out_once_and_never_half_do_a_deed(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(4), context.Queue()
    work = [
        context.Process(target=_act, args=(tmp_path, start, results, deed))
        for deed in ("cancel", "change", "cancel", "change")
    ]
    for process in work:
        process.start()
    said = [results.get(timeout=60) for _ in work]
    for process in work:
        process.join(20)
    assert [state for deed, state in said if deed == "cancel"] == [State.CANCELLED] * 2
    order = DemoShop(tmp_path).find("A10247", "alex@example.com")
    changed = State.PROCESSING in [state for deed, state in said if deed == "change"]
    assert order.state is State.CANCELLED
    assert order.lines[0].quantity == (10 if changed else 4)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (len(SEEDS),)
