"""What every connector does, on the demo shop and on a WooCommerce server."""

from contextlib import suppress
from decimal import Decimal

import pytest
from backends import ROLES

from amends.orders import Address, Deed, NotPossibleError, State

ELSEWHERE = Address(
    name="Alex Example", street="9 Harbour Road", postcode="20095", city="Hamburg", country="DE"
)
STATES = {
    "unpaid": State.UNPAID,
    "single": State.UNPAID,
    "processing": State.PROCESSING,
    "sent": State.SHIPPED,
    "cancelled": State.CANCELLED,
    "refunded": State.REFUNDED,
    "strange": State.UNKNOWN,
}

# Done already: whether a shop says so or refuses, nothing changes.
DONE = {(Deed.CANCEL, "cancelled"), (Deed.REFUND, "refunded")}


def found(backend, role):
    return backend.shop.find(*backend.orders[role])


def do(backend, deed, order):
    """One deed that changes something, if it is possible at all."""
    shop, lines = backend.shop, [line.id for line in order.lines]
    return {
        Deed.CANCEL: lambda: shop.cancel(order.number),
        Deed.CHANGE: lambda: shop.change_quantity(order.number, lines[0], 3),
        Deed.ADDRESS: lambda: shop.change_address(order.number, ELSEWHERE),
        Deed.REFUND: lambda: shop.request_refund(order.number, lines, "It is cracked."),
        Deed.RETURN: lambda: shop.request_return(order.number, lines, "Too small."),
        Deed.INVOICE: lambda: shop.send_invoice(order.number),
    }[deed]()


@pytest.mark.parametrize("role", ROLES)
def test_an_order_is_found_with_its_own_address(backend, role):
    number, email = backend.orders[role]
    order = backend.shop.find(number, email)
    assert (order.number, order.email, order.state) == (number, email, STATES[role])
    assert {line.id: line.quantity for line in order.lines} == backend.quantities(number)
    assert order.total >= sum(line.total for line in order.lines) > 0
    assert order.currency == "EUR"
    assert order.address.street == backend.street(number)


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f"  {text}\n"])
def test_capitals_and_blanks_do_not_matter(backend, change):
    number, email = backend.orders["sent"]
    assert backend.shop.find(f"# {number[:2]} {number[2:]}".lower(), change(email)) is not None


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "mallory@example.com",
        "obin@example.com",
        "robin@example.com' OR 1=1 --",
        "robin@example.com\r\nX-Admin: 1",
        "%",
        "robin@example.com\0",
        "ｒobin@example.com" * 1000,  # noqa: RUF001
    ],
)
def test_another_address_finds_what_a_number_of_nobody_finds(backend, email):
    before = backend.everything()
    number, _ = backend.orders["sent"]
    assert backend.shop.find(number, email) is None
    assert backend.shop.find(backend.nobody, email) is None
    assert backend.everything() == before


@pytest.mark.parametrize(
    "number",
    ["", "#", "0", "-1", "' OR 1=1 --", "../orders", "{{7*7}}", "9" * 400, "七百〇四", "1/notes"],
)
def test_nonsense_for_a_number_finds_nothing(backend, number):
    assert backend.shop.find(number, "robin@example.com") is None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deed", Deed)
def test_what_an_order_says_is_possible_is_possible_and_nothing_else(backend, role, deed):
    order = found(backend, role)
    before = backend.everything()
    if deed in order.possible:
        do(backend, deed, order)
        assert backend.everything() != before
        return
    if (deed, role) in DONE:
        with suppress(NotPossibleError):
            do(backend, deed, order)
    else:
        with pytest.raises(NotPossibleError, match=f"an order that allows {deed}") as error:
            do(backend, deed, order)
        assert error.value.deed is deed
        assert order.number in str(error.value)
    assert backend.everything() == before


@pytest.mark.parametrize("deed", Deed)
def test_a_deed_on_no_order_is_refused(backend, deed):
    order = found(backend, "sent").model_copy(update={"number": backend.nobody})
    before = backend.everything()
    with pytest.raises(NotPossibleError, match="Expected an order of this shop, found none"):
        do(backend, deed, order)
    assert backend.everything() == before


@pytest.mark.parametrize(
    ("role", "deed"),
    [
        ("unpaid", Deed.CANCEL),
        ("processing", Deed.CANCEL),
        ("unpaid", Deed.CHANGE),
        ("processing", Deed.ADDRESS),
        ("sent", Deed.REFUND),
        ("sent", Deed.RETURN),
    ],
)
def test_a_deed_done_twice_is_done_once(backend, role, deed):
    order = found(backend, role)
    first = do(backend, deed, order)
    after = backend.everything()
    assert do(backend, deed, order) == first == found(backend, role)
    assert backend.everything() == after


@pytest.mark.parametrize("role", ["unpaid", "processing"])
def test_a_cancelled_order_is_cancelled_and_allows_nothing(backend, role):
    number, _ = backend.orders[role]
    order = backend.shop.cancel(number)
    assert order.state is State.CANCELLED
    assert order.possible == frozenset()
    assert backend.state(number) == "cancelled"


def test_more_of_an_article_costs_more(backend):
    before = found(backend, "single")
    line = before.lines[0]
    after = backend.shop.change_quantity(before.number, line.id, 3)
    assert after.lines[0].quantity == 3
    assert after.lines[0].total == line.total / 2 * 3
    assert after.total - before.total == line.total / 2 or after.total == after.lines[0].total
    assert backend.quantities(before.number) == {line.id: 3}


def test_none_of_an_article_takes_its_line_out_once(backend):
    before = found(backend, "unpaid")
    gone, stays = before.lines
    for _ in range(2):
        after = backend.shop.change_quantity(before.number, gone.id, 0)
        assert after.lines == (stays,)
        assert after.total < before.total
    assert backend.quantities(before.number) == {stays.id: 1}


@pytest.mark.parametrize(
    ("role", "line", "quantity", "message"),
    [
        ("single", None, 0, "Expected to leave at least one line in .+ Cancel the order instead"),
        ("single", None, -1, "Expected a quantity from 0 to 20, found -1"),
        ("single", None, 21, "Expected a quantity from 0 to 20, found 21"),
        ("single", "4711", 2, "found one that it does not have"),
        ("single", "1 OR 1=1", 2, "found one that it does not have"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(backend, role, line, quantity, message):
    order = found(backend, role)
    before = backend.everything()
    with pytest.raises(NotPossibleError, match=message) as error:
        backend.shop.change_quantity(order.number, line or order.lines[0].id, quantity)
    assert error.value.deed is Deed.CHANGE
    assert backend.everything() == before


def test_an_order_goes_elsewhere(backend):
    order = found(backend, "processing")
    assert backend.shop.change_address(order.number, ELSEWHERE).address == ELSEWHERE
    assert backend.street(order.number) == "9 Harbour Road"
    assert found(backend, "processing").email == order.email


def test_a_refund_is_asked_for_with_its_amount_and_reason(backend):
    order = found(backend, "sent")
    line = order.lines[1]
    after = backend.shop.request_refund(order.number, [line.id], "The lid is bent & loose.")
    assert [(one.amount, one.state) for one in after.refunds] == [(line.total, "requested")]
    (reason,) = backend.asked(order.number, "refund")
    assert reason in ("The lid is bent & loose.", "The lid is bent &amp; loose.")
    assert after.state is State.SHIPPED


def test_lines_that_were_asked_for_before_are_not_asked_for_again(backend):
    order = found(backend, "sent")
    first, second = (line.id for line in order.lines)
    backend.shop.request_refund(order.number, [first], "Cracked.")
    after = backend.shop.request_refund(order.number, [first, second], "Both cracked.")
    amounts = [one.amount for one in after.refunds]
    assert amounts == [line.total for line in order.lines]
    assert backend.asked(order.number, "return") == []


def test_a_return_is_no_refund(backend):
    order = found(backend, "sent")
    after = backend.shop.request_return(order.number, [order.lines[0].id], "Too small.")
    assert after.refunds == ()
    assert backend.asked(order.number, "return") == ["Too small."]


@pytest.mark.parametrize("deed", ["request_refund", "request_return"])
@pytest.mark.parametrize("lines", [[], ["4711"], ["own", "4711"]])
def test_lines_of_another_order_are_refused(backend, deed, lines):
    order = found(backend, "sent")
    wanted = [order.lines[0].id if line == "own" else line for line in lines]
    before = backend.everything()
    with pytest.raises(NotPossibleError, match="found one that it does not have"):
        getattr(backend.shop, deed)(order.number, wanted, "Cracked.")
    assert backend.everything() == before


def test_an_invoice_is_sent_each_time_it_is_asked_for(backend):
    order = found(backend, "sent")
    assert backend.shop.send_invoice(order.number) == order
    assert backend.shop.send_invoice(order.number) == order
    assert backend.invoices(order.number) == 2


def test_money_that_went_back_is_told(backend):
    (refund,) = found(backend, "refunded").refunds
    assert refund.state == "paid"
    assert refund.amount > Decimal(0)
