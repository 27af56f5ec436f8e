"""Who gets to see an order, and what everybody else learns: nothing."""

import pytest

from actions.forms.state import Question

OTHERS = ("A10234", "anna@example.com")
UNKNOWN = ("A99999", "anna@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "A10247 alex@example.com",
        "alex@example.com A10247",
        "cancel order A10247, alex@example.com",
        "my mail is Alex@Example.com and the order number is \uff21\uff11\uff10\uff12\uff14\uff17",
    ],
)
def test_both_may_come_at_once_in_any_order(talk, text):
    assert talk.says(text, "cancel_order", begin="cancel_order_form") == ["form_confirm_cancel"]


def test_the_address_may_come_first(talk):
    assert talk.says("cancel, alex@example.com", begin="cancel_order_form") == ["form_ask_number"]
    assert talk.says("A10247") == ["form_confirm_cancel"]


def test_number_then_address_with_both_in_an_answer(talk):
    assert talk.says("cancel it", begin="cancel_order_form") == ["form_ask_number"]
    assert talk.says("A10247, alex@example.com") == ["form_confirm_cancel"]


def test_a_verified_order_is_not_asked_for_again(talk):
    talk.says("A10247 alex@example.com", begin="track_order_form")

    assert talk.says("cancel it", begin="cancel_order_form") == ["form_confirm_cancel"]


def test_another_order_is_verified_on_its_own(talk):
    talk.says("A10247 alex@example.com", begin="track_order_form")

    assert talk.says("cancel A10244", begin="cancel_order_form") == ["form_ask_email"]
    assert talk.says("alex@example.com")[0] == "form_no_match"


def test_after_half_an_hour_the_address_is_asked_for_again(talk):
    talk.says("A10247 alex@example.com", begin="cancel_order_form")
    talk.later(minutes=31)

    assert talk.says("yes") == ["form_verify_again", "form_ask_email"]
    assert talk.deeds == []
    assert talk.says("alex@example.com") == ["form_confirm_cancel"]
    assert talk.says("yes") == ["form_done_cancel"]


def test_using_an_order_does_not_keep_it_open(talk):
    talk.says("A10247 alex@example.com", begin="track_order_form")
    talk.later(minutes=20)
    talk.says("where is it", begin="track_order_form")
    talk.later(minutes=20)

    assert talk.says("where is it", begin="track_order_form") == ["form_ask_number"]


def test_hours_later_an_answer_still_counts(talk):
    talk.says("cancel A10247", begin="cancel_order_form")
    talk.later(hours=9)

    assert talk.says("alex@example.com") == ["form_confirm_cancel"]


def trail(talk, pair):
    """All that can be seen of a wrong try: words, buttons, questions, calls and what is kept."""
    said = talk.says(" ".join(pair), begin="track_order_form")
    calls = [(name, len(args)) for name, *args in talk.world.calls]
    return (
        said,
        talk.turn.buttons,
        talk.task.model_dump(exclude={"refused"}),
        calls,
        len(talk.world.wrong),
    )


def test_another_ones_order_looks_like_one_that_does_not_exist(make_talk):

    assert trail(make_talk(), OTHERS) == trail(make_talk(), UNKNOWN)


def test_nothing_says_which_of_the_two_was_wrong(talk):
    said = talk.says("A10234 anna@example.com", begin="track_order_form")

    assert said == ["form_no_match"]
    assert (talk.task.number, talk.task.email) == (None, None)
    assert talk.facts("form_no_match")["order"] in ("", "A10234")


@pytest.mark.parametrize("corrected", ["alex@example.com", "A10247 alex@example.com"])
def test_who_corrects_the_address_need_not_send_the_number_again(talk, corrected):
    talk.says("A10247 alix@example.com", begin="cancel_order_form")

    assert talk.says(corrected) == ["form_confirm_cancel"]


def test_who_corrects_the_number_need_not_send_the_address_again(talk):
    talk.says("A10244 alex@example.com", begin="cancel_order_form")

    assert talk.says("A10247") == ["form_confirm_cancel"]


def test_three_wrong_addresses_alone_are_three_tries(talk):
    talk.says("A10247 alix@example.com", begin="cancel_order_form")

    assert talk.says("alux@example.com") == ["form_no_match"]
    assert talk.says("alox@example.com") == ["form_locked"]


def test_three_wrong_in_any_forms_are_a_ticket(talk):
    talk.says(" ".join(OTHERS), begin="track_order_form")
    talk.says("stop")
    talk.says(" ".join(UNKNOWN), begin="cancel_order_form")
    assert talk.world.tickets == []

    assert talk.says("A10233 anna@example.com") == ["form_locked"]
    ((rule, detail, _),) = talk.world.tickets
    assert rule == "not_verified"
    assert "anna@" not in detail
    assert talk.turn.waits
    assert talk.task.form is None
    assert talk.world.wrong == ["A10234", "A99999", "A10233"]


def test_after_that_even_the_right_ones_go_to_a_person_without_a_look(talk):
    for number in ("A1001", "A1002", "A1003"):
        talk.says(f"{number} anna@example.com", begin="track_order_form")
    calls = len(talk.world.calls)

    assert talk.says("A10247 alex@example.com", begin="track_order_form") == ["form_locked"]
    assert len(talk.world.calls) == calls


def test_a_day_later_it_may_be_tried_again(talk):
    for number in ("A1001", "A1002", "A1003"):
        talk.says(f"{number} anna@example.com", begin="track_order_form")
    talk.later(hours=25)

    said = talk.says("A10247 alex@example.com", begin="track_order_form")
    assert said == ["track_processing"]


def test_what_is_verified_stays_open_to_its_shopper_after_wrong_tries(talk):
    talk.says("A10247 alex@example.com", begin="track_order_form")
    for number in ("A1001", "A1002", "A1003"):
        talk.says(f"{number} anna@example.com", begin="track_order_form")

    assert talk.says("A10247", begin="track_order_form") == ["track_processing"]


def test_a_number_that_others_tried_too_often_goes_to_a_person_without_a_look(talk):
    talk.world.locked = True

    assert talk.says("A10247 alex@example.com", begin="track_order_form") == ["form_locked"]
    assert talk.world.calls == []


def test_without_a_ticket_none_is_named(talk):
    talk.world.locked = True
    talk.world.committed = False

    said = talk.says("A10247 alex@example.com", begin="track_order_form")
    assert said == ["escalation_failed"]
    assert not talk.turn.waits


def test_a_paste_that_holds_numbers_is_no_try(talk):
    talk.says("where is it", begin="track_order_form")
    paste = "\n".join(f"order A{place}, someone{place}@example.com" for place in range(1000, 1050))

    talk.says(paste)
    assert talk.world.calls == []
    assert talk.task.question is Question.NUMBER
