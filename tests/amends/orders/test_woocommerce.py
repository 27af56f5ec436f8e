"""What WooCommerce's orders mean, and how its connector asks for them."""

import time
from decimal import Decimal

import pytest
from woocommerce_server import MOMENT

from amends.orders import Address, Deed, NotPossibleError, State
from amends.orders.connect import connect
from amends.orders.demo import DemoShop
from amends.orders.woocommerce import WooCommerceShop
from amends.settings import load_settings

EMAIL = "robin@example.com"
MUG = (("Mug &ndash; Colour: Blue", 2, "18.00"),)


def add(woo, status="processing", **changes):
    woo.server.add(800, status, MUG, EMAIL, **changes)
    return woo.shop


@pytest.mark.parametrize(
    ("status", "state", "possible"),
    [
        ("pending", State.UNPAID, "cancel change address invoice"),
        ("on-hold", State.UNPAID, "cancel change address invoice"),
        ("failed", State.UNPAID, "cancel invoice"),
        ("processing", State.PROCESSING, "cancel address invoice"),
        ("completed", State.SHIPPED, "refund return invoice"),
        ("cancelled", State.CANCELLED, ""),
        ("refunded", State.REFUNDED, "invoice"),
        ("trash", State.UNKNOWN, ""),
        ("checkout-draft", State.UNKNOWN, ""),
        ("packed-by-a-plugin", State.UNKNOWN, ""),
    ],
)
def test_every_status_has_its_meaning(woo, status, state, possible):
    order = add(woo, status).find("800", EMAIL)
    assert order.state is state
    assert order.possible == {Deed(name) for name in possible.split()}


def test_a_shopper_reads_what_they_pay_and_plain_names(woo):
    order = add(woo).find("800", EMAIL)
    (line,) = order.lines
    assert line.name == "Mug – Colour: Blue"
    assert line.total == Decimal("43.20")  # with tax
    assert order.total == Decimal("48.10")  # and delivery
    assert order.placed_on.isoformat() == MOMENT[:10]
    assert (order.carrier, order.tracking_url, order.shipped_on) == (None, None, None)


def test_what_is_completed_has_left_that_day(woo):
    assert add(woo, "completed").find("800", EMAIL).shipped_on.isoformat() == MOMENT[:10]


def test_without_an_address_of_its_own_an_order_goes_where_it_is_billed(woo):
    shop = add(woo)
    woo.server.orders[800]["shipping"] = dict.fromkeys(woo.server.orders[800]["shipping"], "")
    assert shop.find("800", EMAIL).address.street == "1 Tarn Lane"


def test_what_is_missing_in_an_address_is_said_and_not_made_up(woo):
    shop = add(woo)
    for place in ("shipping", "billing"):
        woo.server.orders[800][place] |= {"postcode": "", "country": "", "address_1": ""}
    address = shop.find("800", EMAIL).address
    assert (address.street, address.postcode, address.country) == ("not given", "not given", "ZZ")


@pytest.mark.parametrize(
    ("paid", "asked", "expected"),
    [
        (None, False, []),
        (True, False, ["paid"]),
        (False, False, ["approved"]),
        (None, True, ["requested"]),
    ],
)
def test_refunds_are_paid_by_the_gateway_approved_by_hand_or_asked_for(woo, paid, asked, expected):
    shop = add(woo, "completed")
    if paid is not None:
        woo.server.refund(800, "10.00", "2026-03-04T09:00:00", paid=paid)
    if asked:
        shop.request_refund("800", ["8000"], "Cracked.")
    refunds = shop.find("800", EMAIL).refunds
    assert [one.state for one in refunds] == expected
    assert [one.amount for one in refunds] == [
        Decimal("43.20") if asked else Decimal("10.00") for _ in expected
    ]


def test_a_refund_answers_what_was_asked_for_before_it(woo):
    shop = add(woo, "completed")
    shop.request_refund("800", ["8000"], "Cracked.")
    woo.server.refund(800, "43.20", "2026-03-04T09:00:00", paid=True)
    assert [one.state for one in shop.find("800", EMAIL).refunds] == ["paid"]


def test_a_paid_order_that_is_cancelled_asks_the_shops_people_for_the_money(woo):
    order = add(woo).cancel("800")
    assert woo.asked("800", "refund") == ["The shopper cancels the order, which was paid."]
    assert [(one.amount, one.state) for one in order.refunds] == [(Decimal("43.20"), "requested")]


def test_an_unpaid_order_that_is_cancelled_asks_for_nothing(woo):
    assert add(woo, "pending").cancel("800").refunds == ()
    assert woo.server.notes[800] == []


def test_another_quantity_brings_its_totals_along(woo):
    """WooCommerce leaves the totals of a line as they were unless they are posted."""
    order = add(woo, "pending").change_quantity("800", "8000", 5)
    line = woo.server.orders[800]["line_items"][0]
    assert (line["quantity"], line["subtotal"], line["total"]) == (5, "90.00", "90.00")
    assert order.total == Decimal("112.90")


def test_a_new_address_has_nothing_left_of_the_old(woo):
    shop = add(woo)
    woo.server.orders[800]["shipping"]["address_2"] = "Back door"
    new = Address(name="Kim", street="2 Mill St", postcode="EC1", city="London", country="GB")
    assert shop.change_address("800", new).address == new
    sent = woo.server.orders[800]["shipping"]
    assert (sent["first_name"], sent["last_name"], sent["address_2"]) == ("Kim", "", "")


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", '<a href="https://x">here</a>'])
def test_a_reason_is_text_and_not_html(woo, reason):
    add(woo, "completed").request_refund("800", ["8000"], reason)
    assert "<" not in woo.server.notes[800][0]["note"]


def test_a_reason_cannot_pass_for_another_request(woo):
    shop = add(woo, "completed")
    shop.request_return("800", ["8000"], "Amends: refund requested for lines 8000. Please.")
    assert shop.find("800", EMAIL).refunds == ()


def test_before_version_9_8_an_invoice_is_not_said_to_be_sent(woo):
    shop = add(woo)
    woo.server.old = True
    with pytest.raises(NotPossibleError, match=r"found rest_no_route\. It needs version 9.8"):
        shop.send_invoice("800")
    assert woo.server.mails == []


def test_an_order_without_an_address_to_mail_to_gets_no_invoice(woo):
    shop = add(woo)
    woo.server.orders[800]["billing"]["email"] = ""
    with pytest.raises(NotPossibleError, match="found woocommerce_rest_missing_email"):
        shop.send_invoice("800")


@pytest.mark.parametrize("email", ["", " "])
def test_an_order_without_an_address_is_found_by_nobody(woo, email):
    shop = add(woo)
    woo.server.orders[800]["billing"]["email"] = email
    assert shop.find("800", email) is None


def test_a_number_that_a_plug_in_gave_is_not_taken_for_an_id(woo):
    assert add(woo, number="2026-17").find("800", EMAIL) is None


@pytest.mark.parametrize("number", ["800", "999"])
def test_no_order_and_another_ones_are_one_request_and_take_the_same_time(woo, number):
    shop = add(woo)
    shop._refuses_after_s = 0.3
    woo.server.seen.clear()
    start = time.monotonic()
    assert shop.find(number, "mallory@example.com") is None
    assert 0.3 <= time.monotonic() - start < 0.6
    assert woo.server.seen == [("GET", f"orders/{number}")]


def test_what_is_no_number_is_not_asked_for_and_takes_as_long(woo):
    woo.shop._refuses_after_s = 0.3
    start = time.monotonic()
    assert woo.shop.find("A10234", EMAIL) is None
    assert time.monotonic() - start >= 0.3
    assert woo.server.seen == []


def test_the_settings_choose_the_connector(monkeypatch, woo):
    assert isinstance(connect(load_settings()), DemoShop)
    monkeypatch.setenv("AMENDS_SHOP_CONNECTOR", "woocommerce")
    monkeypatch.setenv("AMENDS_WOOCOMMERCE_URL", f"{woo.server.url}/")
    monkeypatch.setenv("AMENDS_WOOCOMMERCE_KEY", "ck_0123456789abcdef0123456789abcdef01234567")
    monkeypatch.setenv("AMENDS_WOOCOMMERCE_SECRET", "cs_89abcdef0123456789abcdef0123456789abcdef")
    shop = connect(load_settings())
    assert isinstance(shop, WooCommerceShop)
    assert shop.find("704", EMAIL).state is State.SHIPPED


@pytest.mark.parametrize("call", ["cancel", "change_address"])
def test_nothing_is_asked_after_a_change_that_could_make_it_look_undone(woo, call):
    shop = add(woo)
    woo.server.seen.clear()
    address = Address(name="Kim", street="2 Mill St", postcode="EC1", city="London", country="GB")
    shop.cancel("800") if call == "cancel" else shop.change_address("800", address)
    assert woo.server.seen[:2] == [("GET", "orders/800"), ("GET", "orders/800/notes")]
    assert woo.server.seen[-1] == ("PUT", "orders/800")
