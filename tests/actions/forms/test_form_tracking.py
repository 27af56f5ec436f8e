"""What the tracking form tells of orders in every state."""

import pytest


@pytest.mark.parametrize(
    ("order", "kinds"),
    [
        ("A10260 eli@example.com", ["track_unpaid"]),
        ("A10247 alex@example.com", ["track_processing"]),
        ("A10234 robin@example.com", ["track_shipped"]),
        ("A10198 kim@example.com", ["track_shipped", "track_late"]),
        ("A10175 noor@example.com", ["track_delivered"]),
        ("A10133 mika@example.com", ["track_refunded"]),
        ("A10120 ash@example.com", ["track_cancelled"]),
        ("A10240 uma@example.com", ["track_unknown"]),
    ],
)
def test_each_state_has_its_words(talk, order, kinds):
    assert talk.says(order, "track_order", begin="track_order_form") == kinds
    assert talk.task.solved == "track_order_form"
    assert talk.task.form is None


def test_a_parcel_on_its_way_is_named_with_carrier_link_and_day(talk):
    talk.says("A10234 robin@example.com", "track_order", begin="track_order_form")

    facts = talk.facts("track_shipped")
    assert facts["carrier"] == "Fell Couriers"
    assert facts["tracking"] == "https://parcels.example.com/A10234"
    assert facts["expected"].split(",")[0] in talk.world.phrases.weekdays


def test_one_that_is_late_comes_with_an_apology_and_a_person(talk):
    talk.says("A10198 kim@example.com", "track_order", begin="track_order_form")

    assert talk.turn.buttons == ["person"]


@pytest.mark.parametrize(
    ("order", "kind", "state"),
    [
        ("A10162 jo@example.com", "track_refund", "not decided yet"),
        ("A10149 lee@example.com", "track_refund", "not paid out yet"),
        ("A10133 mika@example.com", "track_refund", "has been paid out"),
        ("A10175 noor@example.com", "track_no_refund", None),
    ],
)
def test_where_a_refund_is(talk, order, kind, state):
    assert talk.says(order, "track_refund", begin="track_order_form") == [kind]
    if state:
        facts = talk.facts(kind)
        assert state in facts["refund"]
        assert facts["amount"].startswith("€ ")


def test_a_bare_number_gets_the_status_and_what_is_possible(talk):
    talk.says("A10247", "give_order_number", begin="track_order_form")
    talk.says("alex@example.com")

    assert talk.turn.buttons == ["cancel_order", "change_order", "change_address", "invoice"]
