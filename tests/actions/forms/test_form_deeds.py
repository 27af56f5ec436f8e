"""What each form does in the real demo shop, what it says of it, and what it can't do."""

from decimal import Decimal

import pytest

from actions.forms.state import Question
from amends.orders import NotPossibleError, ShopDownError, State

CASES = {
    "cancel": ("cancel_order_form", "A10247, alex@example.com", []),
    "change": ("change_order_form", "A10247, alex@example.com", ["1. 4 × Harbour mug", "2"]),
    "remove": ("change_order_form", "A10247, alex@example.com", ["the board", "0"]),
    "address": (
        "change_address_form",
        "A10247, alex@example.com",
        ["12 Mill Lane, York YO1 7HH, United Kingdom"],
    ),
    "refund": ("refund_form", "A10175, noor@example.com", ["carafe", "It leaks at the lid"]),
    "return": ("return_form", "A10175, noor@example.com", ["all of it", "{{7*7}} is too small"]),
    "invoice": ("invoice_form", "A10101, robin@example.com", []),
}
DEED = pytest.mark.parametrize("deed", CASES)


def to_confirmation(talk, deed):
    form, first, answers = CASES[deed]
    talk.says(first, begin=form)
    for answer in answers:
        talk.says(answer)
    assert talk.task.question is Question.CONFIRM, talk.turn.says
    return talk


@DEED
def test_it_is_done_after_a_clear_yes(talk, deed):
    to_confirmation(talk, deed)
    assert talk.deeds == []

    assert talk.says("Yes") == [f"form_done_{deed}"]
    assert len(talk.deeds) == 1
    assert talk.task.form is None
    assert talk.task.solved == CASES[deed][0]


def test_what_was_done_is_in_the_shop(talk, shop):
    for deed in ("change", "remove", "address"):
        to_confirmation(talk, deed)
        talk.says("yes")
    order = shop.find("A10247", "alex@example.com")

    (line,) = order.lines
    assert (line.name, line.quantity) == ("Harbour mug", 2)
    assert order.address.street == "12 Mill Lane"
    assert (order.address.postcode, order.address.city) == ("YO1 7HH", "York")
    assert order.address.country == "GB"
    assert order.address.name == "Alex Example"
    to_confirmation(talk, "cancel")
    talk.says("yes")
    assert shop.find("A10247", "alex@example.com").state is State.CANCELLED


def test_the_confirmation_names_the_facts(talk):
    to_confirmation(talk, "cancel")

    facts = talk.facts("form_confirm_cancel")
    assert facts["order"] == "A10247"
    assert "4 × Harbour mug and 1 × " in facts["items"]
    assert facts["total"].startswith("€ ")
    assert talk.turn.buttons == ["yes", "no"]


def test_a_reason_stays_text_and_is_asked_for_with_the_lines(talk, shop):
    to_confirmation(talk, "return")

    facts = talk.facts("form_confirm_return")
    assert facts["reason"] == "{{7*7}} is too small"
    assert " and " in facts["line"]


def test_a_refund_says_for_how_much_it_asks(talk, shop):
    to_confirmation(talk, "refund")
    carafe = next(line for line in talk.task.order.lines if "carafe" in line.name.casefold())

    assert Decimal(talk.facts("form_confirm_refund")["sum"].removeprefix("€ ")) == carafe.total
    talk.says("yes")
    assert shop.find("A10175", "noor@example.com").refunds[-1].amount == carafe.total


def test_an_invoice_goes_to_the_address_of_the_order_which_is_masked(talk):
    to_confirmation(talk, "invoice")

    assert talk.facts("form_confirm_invoice")["email"] == "r…@example.com"
    said = talk.says("send it to other@example.org instead please")
    assert talk.deeds == []
    assert said[-1] == "form_confirm_invoice"


@DEED
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes but not the mug", "affirm"),
        ("yes, wait, no", "affirm"),
        ("only if it is free", "affirm"),
        ("yes?", "affirm"),
        ("I guess", "affirm"),
        ("maybe", None),
        ("maybe", "affirm"),
        ("perhaps", "affirm"),
        ("hm", "affirm"),
        ("...", "affirm"),
        ("cancel it", "cancel_order"),
        ("well yes I mean I would if the other one were cheaper", "affirm"),
    ],
)
def test_an_unclear_yes_does_nothing(talk, deed, text, intent):
    confidence = 0.4 if text == "I guess" else 0.9
    to_confirmation(talk, deed)

    talk.says(text, intent, confidence)
    assert talk.deeds == []


@DEED
@pytest.mark.parametrize("text", ["no", "No, thanks", "don't do that", "rather not"])
def test_a_no_leaves_everything_as_it_is(talk, deed, text):
    to_confirmation(talk, deed)

    assert talk.says(text, "deny")[0] == "form_nothing_done"
    assert talk.deeds == []
    assert talk.task.solved is None


def test_another_number_at_the_confirmation_is_another_order(talk):
    to_confirmation(talk, "cancel")

    assert talk.says("no, order A10244", "deny") == ["form_ask_email"]
    assert talk.task.number == "A10244"
    assert talk.says("ida@example.com") == ["form_confirm_cancel"]
    assert talk.facts("form_confirm_cancel")["order"] == "A10244"


def test_another_order_forgets_what_was_said_of_the_first(talk):
    to_confirmation(talk, "remove")
    talk.says("sorry, order A10251, sam@example.com")

    assert talk.task.values.quantity is None
    assert talk.task.number == "A10251"


@pytest.mark.parametrize(
    ("form", "order", "kind", "why", "button"),
    [
        ("cancel_order_form", "A10234 robin@example.com", "cancel", "shipped", "return"),
        ("cancel_order_form", "A10120 ash@example.com", "cancel", "cancelled", "person"),
        ("change_order_form", "A10175 noor@example.com", "change", "delivered", "return"),
        ("change_address_form", "A10198 kim@example.com", "address", "shipped", "return"),
        (
            "refund_form",
            "A10247 alex@example.com",
            "refund",
            "not been shipped yet",
            "cancel_order",
        ),
        ("refund_form", "A10133 mika@example.com", "refund", "given back", "person"),
        ("return_form", "A10088 dana@example.com", "return", "no longer allows", "person"),
        ("return_form", "A10240 uma@example.com", "return", "can't read", "person"),
        ("invoice_form", "A10120 ash@example.com", "invoice", "cancelled", "person"),
    ],
)
def test_what_is_not_possible_is_said_with_why_and_what_is(talk, form, order, kind, why, button):
    assert talk.says(order, begin=form) == [f"form_cannot_{kind}"]
    assert why in talk.facts(f"form_cannot_{kind}")["why"]
    assert talk.turn.buttons[0] == button
    assert talk.turn.buttons[-1] == "person"
    assert (talk.task.form, talk.task.solved) == (None, None)


def test_what_became_impossible_meanwhile_is_said_and_not_done(talk, shop):
    to_confirmation(talk, "change")
    shop.cancel("A10247")

    assert talk.says("yes") == ["form_cannot_change"]
    assert "cancelled" in talk.facts("form_cannot_change")["why"]


def test_more_than_the_shop_sells_is_said_to_be_refused(talk):
    talk.says("A10247, alex@example.com", begin="change_order_form")
    talk.says("mug")
    assert talk.says("60") == ["form_confirm_change"]

    assert talk.says("yes") == ["form_cannot_change"]
    assert "did not accept" in talk.facts("form_cannot_change")["why"]


def test_the_last_article_is_not_taken_out_but_the_order_can_be_cancelled(talk):
    talk.says("A10251, sam@example.com", begin="change_order_form")

    assert talk.task.question is Question.QUANTITY
    assert talk.says("0") == ["form_last_line"]
    assert talk.turn.buttons == ["cancel_order"]
    assert talk.deeds == []


@DEED
def test_a_deed_that_broke_off_is_a_ticket_and_never_done(talk, deed, monkeypatch):
    to_confirmation(talk, deed)
    lock(talk.world.shop)

    assert talk.says("yes") == ["form_unclear"]
    ((rule, detail, _),) = talk.world.tickets
    assert rule == "shop_down"
    assert "A10" in detail
    assert "not known whether it was done" in detail
    assert talk.turn.waits
    assert (talk.task.form, talk.task.solved) == (None, None)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("cancel", ["the cancellation of order A10247"]),
        ("change", ["order A10247", "4 × Harbour mug", "quantity 2"]),
        ("remove", ["1 × ", "quantity 0"]),
        ("address", ["12 Mill Lane, YO1 7HH York, GB"]),
        ("refund", ["carafe", "It leaks at the lid"]),
    ],
)
def test_the_team_reads_what_was_wanted(talk, deed, words):
    to_confirmation(talk, deed)
    lock(talk.world.shop)
    talk.says("yes")

    ((_, detail, _),) = talk.world.tickets
    assert [word for word in words if word not in detail] == []


@DEED
def test_without_the_ticket_nothing_is_claimed_of_one(talk, deed):
    to_confirmation(talk, deed)
    lock(talk.world.shop)
    talk.world.committed = False

    assert talk.says("yes") == ["form_unclear_failed"]
    assert not talk.turn.waits


@pytest.mark.parametrize(
    "form", sorted({form for form, _, _ in CASES.values()} | {"track_order_form"})
)
def test_a_shop_that_is_gone_is_said_to_be_and_a_ticket(talk, form, tmp_path):
    (tmp_path / "shop").write_text("a file where the folder should be")

    assert talk.says("A10247, alex@example.com", begin=form) == ["form_down"]
    ((rule, detail, _),) = talk.world.tickets
    assert rule == "shop_down"
    assert "A10247" in detail
    assert "not done" in detail
    assert talk.task.form is None


def test_the_same_yes_twice_is_one_deed(talk, shop):
    """Rasa calls an action again with the slots of before when its answer was lost."""
    to_confirmation(talk, "refund")
    before = talk.task
    talk.says("yes")
    talk.task = before
    assert talk.says("yes") == ["form_done_refund"]

    assert len(shop.find("A10175", "noor@example.com").refunds) == 1


def lock(shop):
    """Another process holds the file for writing, for real."""
    import sqlite3

    holder = sqlite3.connect(shop.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    shop.holder = holder


def test_the_lock_of_these_tests_is_real(shop):
    shop.find("A10247", "alex@example.com")
    lock(shop)
    with pytest.raises(ShopDownError, match="locked"):
        shop.cancel("A10247")
    shop.holder.execute("ROLLBACK")
    with pytest.raises(NotPossibleError, match="A10234"):
        shop.cancel("A10234")
