"""Stories about orders, through the web channel, in the demo shop that acts for real."""

import re
import sqlite3
from contextlib import closing

import pytest
from talker import Talker

from amends.orders import State
from amends.orders.demo import FILE, DemoShop

pytestmark = pytest.mark.timeout(900)

REFERENCE = re.compile(r"\bAM-[A-Z0-9]{6}\b")
ASKS_NUMBER = re.compile(r"order.*A10234|number.*order", re.DOTALL)


@pytest.fixture
def talker(assistant):
    with Talker(assistant) as one:
        yield one


@pytest.fixture
def shop(assistant) -> DemoShop:
    return DemoShop(assistant.state)


def state_of(shop: DemoShop, number: str, email: str) -> State:
    order = shop.find(number, email)
    assert order is not None
    return order.state


def test_where_an_order_is_question_by_question(talker, assistant) -> None:
    asked = talker.says("where has my parcel got to?")
    assert ASKS_NUMBER.search(asked.text), asked.text
    assert talker.form == "track_order_form"
    assert "e-mail" in talker.says("A10234").text
    told = talker.says("robin@example.com")
    assert "A10234" in told.text
    assert "Fell Couriers" in told.text
    assert talker.form is None
    assert len(talker.says("thank you kindly").text) > 10
    assert assistant.tickets(talker.sender) == []


@pytest.mark.parametrize(
    "number", ["A10234", "a10234", "#A10234", "A-10234", "\uff21\uff11\uff10\uff12\uff13\uff14"]
)
def test_number_and_address_in_one_message_and_in_any_writing(talker, number: str) -> None:
    told = talker.says(f"where is my order {number}? my address is Robin@Example.com")
    assert "Fell Couriers" in told.text, told.text
    assert talker.form is None


def test_an_order_is_cancelled_once_it_is_confirmed(talker, shop) -> None:
    talker.says("I no longer want my order, please call it off")
    talker.says("A10247")
    asked = talker.says("alex@example.com")
    assert "A10247" in asked.text
    assert {"Yes", "No"} <= set(asked.buttons)
    assert state_of(shop, "A10247", "alex@example.com") == State.PROCESSING
    done = talker.presses("Yes", asked)
    assert "cancelled" in done.text
    assert state_of(shop, "A10247", "alex@example.com") == State.CANCELLED
    assert talker.form is None
    assert "!" not in talker.says("thank you kindly").text


@pytest.mark.parametrize("said", ["No", "?", "...", "\U0001f621", "maybe", "stop", "hello"])
def test_what_is_not_a_yes_cancels_nothing(talker, shop, said: str) -> None:
    talker.says("cancel order A10244 please, ida@example.com")
    answer = talker.says(said)
    assert len(answer.text) > 10
    assert state_of(shop, "A10244", "ida@example.com") == State.PROCESSING


def test_who_cannot_prove_it_three_times_gets_a_person_and_no_hint(talker, assistant) -> None:
    talker.says("where is my order A10251?")
    told = [talker.says(f"A10251 {name}@example.com").text for name in ("ann", "ben", "cy")]
    assert all("mug" not in one and "sam" not in one for one in told)
    assert not any(REFERENCE.search(one) for one in told[:2]), told
    (reference,) = assistant.tickets(talker.sender)
    assert reference in told[2]
    assert talker.form is None
    assert talker.says("hello?").of("bot") == []


def test_an_order_of_another_shopper_and_none_at_all_read_the_same(assistant) -> None:
    told = []
    for number in ("A10175", "A19999"):
        with Talker(assistant) as talker:
            talker.says(f"where is my order {number}?")
            said = [talker.says(f"{number} eve@example.com").text for _ in "ab"]
            told.append({text.replace(number, "") for text in said})
    known, unknown = told
    assert all("find an order" in one or "lead me to an order" in one for one in known | unknown)


def test_stop_is_taken_at_once(talker) -> None:
    talker.says("I would like to have my money back for the lamp")
    assert talker.form == "refund_form"
    stopped = talker.says("stop")
    assert talker.form is None
    assert "othing was changed" in stopped.text
    assert talker.says("hey, good evening").actions == ["action_answer_intent"]


def test_a_task_is_left_for_another_and_come_back_to(talker) -> None:
    talker.says("cancel order A10260, eli@example.com")
    assert talker.form == "cancel_order_form"
    told = talker.says("where is my order now?")
    assert "go on with" in told.text
    back = talker.presses("Yes", told)
    assert talker.form == "cancel_order_form"
    assert "cannot be undone" in back.text
    assert "othing" in talker.says("no").text


def test_a_question_about_a_policy_in_a_form_is_answered_with_its_line(talker) -> None:
    talker.says("I would like to have my money back for the lamp")
    told = talker.says("how long does standard delivery take?")
    assert re.search(r"line\s+\d+", told.text), told.text
    assert talker.form == "refund_form"
    assert "order" in told.text.splitlines()[-1]


def test_a_complaint_in_a_form_is_heard_and_the_form_goes_on(talker, assistant) -> None:
    talker.says("I would like to have my money back for the lamp")
    told = talker.says("it is a pity that the lamp came so late")
    assert told.actions == ["refund_form"]
    assert "sorry" in told.text.lower(), told.text
    assert talker.form == "refund_form"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a person, please", "person"),
        ("let me speak to a human", "person"),
        ("the lamp caught fire and burned my hand", "safety"),
        ("my lawyer will hear about this", "legal_or_fraud"),
    ],
)
def test_a_person_and_danger_go_before_a_form(talker, assistant, text: str, rule: str) -> None:
    talker.says("I want to send back order A10175, noor@example.com")
    told = talker.says(text)
    assert told.actions == ["action_escalate"]
    assert talker.form is None
    ((reference, fired),) = assistant.rows(
        "SELECT reference, rule FROM tickets WHERE conversation_id = ?", talker.sender
    )
    assert fired == rule
    assert str(reference) in told.text


def test_who_is_handed_back_can_go_on_with_the_task(talker, assistant) -> None:
    talker.says("I want to send back order A10175, noor@example.com")
    talker.says("a person, please")
    (reference,) = assistant.tickets(talker.sender)
    assistant.command("tickets", "hand-back", reference)
    talker.says("I want to return something")
    assert talker.form == "return_form"
    assert "e-mail" not in talker.says("A10175").text, "what was proved needs no second proof"


def test_a_shop_that_does_not_answer_is_said_to_be_down_and_there_is_a_ticket(
    talker, assistant
) -> None:
    talker.says("where is my order A10198?")
    with closing(sqlite3.connect(assistant.state / FILE)) as shop:
        shop.execute("BEGIN EXCLUSIVE")
        told = talker.says("kim@example.com")
    (reference,) = assistant.tickets(talker.sender)
    assert reference in told.text
    assert "Fell Couriers" not in told.text
    assert talker.form is None


@pytest.mark.parametrize(
    "nothing",
    ["...", "purple monkeys juggle", "\n".join(["and here is another line that I copied"] * 50)],
)
def test_nonsense_in_a_form_is_explained_and_the_form_goes_on(talker, nothing: str) -> None:
    talker.says("where has my parcel got to?")
    first, second = (talker.says(nothing) for _ in "ab")
    assert first.actions == second.actions == ["track_order_form"]
    assert first.text != second.text
    assert talker.form == "track_order_form"
    assert "e-mail" in talker.says("A10234").text


def test_a_form_is_no_trap_after_a_reload(talker) -> None:
    asked = talker.says("I need my invoice")
    history = talker.reloads()
    assert [one["text"] for one in history] == ["I need my invoice", asked.text]
    assert talker.form == "invoice_form"
    assert "e-mail" in talker.says("A10234").text
