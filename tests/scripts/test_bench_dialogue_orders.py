"""Orders for the scripted conversations: one for each, and what was done with it."""

from datetime import date

import pytest

from amends.orders import Address, Deed, State
from amends.orders.demo import DemoShop
from amends.settings import Settings

ELSEWHERE = Address(name="Kim", street="Elmweg 3", postcode="10115", city="Berlin", country="DE")


@pytest.fixture
def orders(script, tmp_path):
    return script("bench_dialogue_orders").Orders.of(Settings(state_dir=tmp_path))


@pytest.fixture
def shop(tmp_path):
    return DemoShop(tmp_path)


def test_every_state_that_a_script_asks_for_is_there(script, orders):
    wanted = {one.order for one in script("bench_dialogue_scripts").read_scripts() if one.order}
    assert wanted
    for state in wanted:
        assert orders.take(state).order.state is state


def test_no_two_conversations_share_an_order(orders, shop):
    taken = [orders.take(State.PROCESSING).order for _ in range(3)]
    assert len({one.number for one in taken}) == len({one.email for one in taken}) == 3
    assert shop.find(taken[0].number, taken[1].email) is None
    assert {one.number for one in shop.orders_to_try()}.isdisjoint(one.number for one in taken)


@pytest.mark.parametrize(
    ("state", "deed", "does"),
    [
        (State.PROCESSING, Deed.CANCEL, lambda shop, one: shop.cancel(one.number)),
        (
            State.PROCESSING,
            Deed.CHANGE,
            lambda shop, one: shop.change_quantity(one.number, one.lines[0].id, 7),
        ),
        (
            State.PROCESSING,
            Deed.ADDRESS,
            lambda shop, one: shop.change_address(one.number, ELSEWHERE),
        ),
        (
            State.DELIVERED,
            Deed.REFUND,
            lambda shop, one: shop.request_refund(one.number, [one.lines[0].id], "cracked"),
        ),
        (
            State.DELIVERED,
            Deed.RETURN,
            lambda shop, one: shop.request_return(one.number, [one.lines[0].id], "too big"),
        ),
        (State.DELIVERED, Deed.INVOICE, lambda shop, one: shop.send_invoice(one.number)),
    ],
)
def test_a_deed_is_seen_once_it_is_done_and_on_that_order_alone(orders, shop, state, deed, does):
    owned, other = orders.take(state), orders.take(state)
    assert orders.done(owned) == frozenset()
    does(shop, owned.order)
    assert orders.done(owned) == {deed}
    assert orders.done(other) == frozenset()


def test_a_state_that_no_order_has_is_an_error(script, orders, monkeypatch):
    monkeypatch.setattr(script("bench_dialogue_orders"), "FIRST", 0)
    with pytest.raises(
        script("bench_servers").BenchError, match="that is shipped in the demo shop"
    ):
        orders.take(State.SHIPPED)


def test_what_the_shopper_knows_of_an_order_fills_the_placeholders(orders):
    owned = orders.take(State.DELIVERED)
    assert owned.facts["number"] == owned.facts["spaced"].replace(" ", "") == owned.order.number
    assert owned.facts["article"] == owned.order.lines[0].name
    assert orders.of_somebody_else() != owned.order.number
    assert owned.order.placed_on <= date.today()
