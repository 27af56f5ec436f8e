"""Forms that are left, come back to, dropped."""

from actions.forms.state import MOST_PAUSED, Question, Task

ALEX = "A10247, alex@example.com"


def left_at_confirmation(talk):
    talk.says(ALEX, begin="cancel_order_form")
    return talk.says("where is it", "track_order")


def test_what_was_left_is_offered_when_the_other_one_ends(talk):
    said = left_at_confirmation(talk)

    assert said == ["form_later", "track_processing", "form_resume"]
    assert talk.turn.buttons == ["yes", "no"]
    assert talk.facts("form_resume")["task"] == "the cancellation of order A10247"


def test_a_yes_goes_on_where_it_was_left(talk):
    left_at_confirmation(talk)

    assert talk.says("yes") == ["form_confirm_cancel"]
    assert talk.deeds == []
    assert talk.says("yes") == ["form_done_cancel"]


def test_a_no_drops_it(talk):
    left_at_confirmation(talk)

    assert talk.says("no", "deny") == ["form_dropped"]
    assert talk.task.form is None
    assert talk.task.paused == ()
    assert talk.deeds == []


def test_stop_at_the_offer_drops_all_that_was_left(talk):
    talk.says(ALEX, begin="cancel_order_form")
    talk.says("another address please", "change_shipping_address")
    talk.says("where is it", "track_order")

    assert talk.says("stop") == ["form_stopped"]
    assert talk.task.paused == ()


def test_values_are_kept(talk):
    talk.says("A10175 noor@example.com", begin="refund_form")
    talk.says("carafe")
    talk.says("it leaks")
    talk.says("and my invoice?", "get_invoice")
    assert talk.says("yes") == ["form_done_invoice", "form_resume"]

    assert talk.says("yes") == ["form_confirm_refund"]
    assert talk.facts("form_confirm_refund")["reason"] == "it leaks"


def test_asking_for_the_same_again_takes_it_up(talk):
    talk.says("A10175 noor@example.com", begin="refund_form")
    talk.says("carafe")
    talk.task = talk.task.left()  # as an escalation does

    said = talk.says("about my refund", "get_refund", begin="refund_form")
    assert said == ["form_resumed", "form_ask_reason"]
    assert talk.task.paused == ()


def test_asking_for_the_same_of_another_order_begins_anew(talk):
    talk.says("A10247 alex@example.com", begin="cancel_order_form")
    talk.task = talk.task.left()

    said = talk.says("cancel A10244 ida@example.com", begin="cancel_order_form")
    assert said == ["form_confirm_cancel"]
    assert talk.facts("form_confirm_cancel")["order"] == "A10244"


def test_what_changed_meanwhile_is_seen(talk, shop):
    left_at_confirmation(talk)
    shop.cancel("A10247")

    assert talk.says("yes") == ["form_cannot_cancel"]


def test_three_are_kept_and_a_fourth_makes_the_oldest_go():
    task = Task()
    for form in (
        "invoice_form",
        "refund_form",
        "return_form",
        "cancel_order_form",
        "track_order_form",
    ):
        task = task.begun(form, None).left()

    assert len(task.paused) == MOST_PAUSED
    assert task.paused[0].form == "track_order_form"
    assert "invoice_form" not in [one.form for one in task.paused]


def test_the_same_form_is_kept_once():
    task = Task(form="refund_form", number="1").left()
    task = task.begun("refund_form", None).but(number="2").left()

    assert [one.number for one in task.paused] == ["2"]


def test_a_yes_to_the_offer_of_a_person_reaches_one_and_keeps_the_form(talk):
    talk.says("cancel it", begin="cancel_order_form")
    for _ in range(3):
        said = talk.says("dunno")
    assert said == ["form_offer_person", "form_ask_number"]

    assert talk.says("yes please", "affirm") == ["handover_person"]
    assert talk.world.tickets[0][0] == "person"
    assert talk.turn.waits
    assert talk.task.form is None
    assert talk.task.paused[0].form == "cancel_order_form"


def test_an_answer_after_the_offer_still_counts(talk):
    talk.says("cancel it", begin="cancel_order_form")
    for _ in range(3):
        talk.says("dunno")

    assert talk.says("A10247") == ["form_ask_email"]
    assert talk.task.failures == 0


def test_a_complaint_begins_a_form_with_sympathy(talk):
    said = talk.says("still not here!!", "track_order", begin="track_order_form", complains=True)

    assert said == ["form_sympathy", "form_ask_number"]


def test_stop_in_the_form_that_cancels_cancels_nothing(talk):
    talk.says(ALEX, begin="cancel_order_form")

    assert talk.says("stop", "cancel_order", 0.99) == ["form_stopped"]
    assert talk.deeds == []


def test_cancel_means_the_form_elsewhere_and_nothing_clear_where_orders_are_cancelled(talk):
    talk.says(ALEX, begin="change_address_form")
    assert talk.says("cancel", "cancel_order", 0.95) == ["form_stopped"]

    talk.says("cancel A10247", begin="cancel_order_form")
    assert talk.says("cancel", "cancel_order", 0.95) == ["form_expect", "form_confirm_cancel"]
    assert talk.task.question is Question.CONFIRM
    assert talk.deeds == []


def test_a_reason_that_mentions_another_wish_is_a_reason(talk):
    talk.says("A10175 noor@example.com", begin="refund_form")
    talk.says("carafe")

    said = talk.says("I wanted to return it but the box is gone", "return_item", 0.7)
    assert said == ["form_confirm_refund"]
