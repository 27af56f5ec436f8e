"""The forms as Rasa runs them: slots in, words, buttons and events out; real shop, real tickets."""

import asyncio
import pickle
import re
import socket
import sqlite3
import time

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.escalate import Escalate
from actions.forms import FORM_OF_INTENT, paused
from actions.forms import real_world as real_world_module
from actions.forms.cancel_order_form import CancelOrderForm
from actions.forms.change_address_form import ChangeAddressForm
from actions.forms.change_order_form import ChangeOrderForm
from actions.forms.form_action import FormAction
from actions.forms.forms import FORMS
from actions.forms.invoice_form import InvoiceForm
from actions.forms.kinds import POLICY_INTENTS
from actions.forms.refund_form import RefundForm
from actions.forms.return_form import ReturnForm
from actions.forms.track_order_form import TrackOrderForm
from actions.message import triage_slot
from amends.orders.demo import FILE
from amends.settings import ROOT, get_settings
from templates import last_words
from tickets.triage import Decision, Triage

ACTIONS = {
    action.name(): action
    for action in (
        CancelOrderForm(),
        ChangeAddressForm(),
        ChangeOrderForm(),
        InvoiceForm(),
        RefundForm(),
        ReturnForm(),
        TrackOrderForm(),
    )
}
ALEX = "cancel order A10247, alex@example.com"


class Chat:
    """One conversation; keeps slots and the active form as Rasa does."""

    def __init__(self, sender="anna"):
        self.sender = sender
        self.slots = {}
        self.form = None
        self.count = 0
        self.buttons = []

    def says(self, text, intent=None, *, confidence=0.9, action=None, again=False, rule=None):
        self.count += not again
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "message_id": f"m{self.count}",
            "metadata": {},
        }
        slots, form = self.before if again else (dict(self.slots), self.form)
        self.before = (dict(slots), form)
        tracker = Tracker(
            self.sender, slots, message, [], False, None, {"name": form} if form else {}, None
        )
        if rule is not None:
            decision = Triage(decision=Decision.ANSWER, rule=rule, detail="")
            from actions.message import Message

            slots["triage"] = triage_slot(Message.latest(tracker), decision)
        action = action or ACTIONS[form or FORM_OF_INTENT[intent]]
        dispatcher = CollectingDispatcher()
        self.slots, self.form = slots, form
        for event in asyncio.run(action.run(dispatcher, tracker, {})):
            if event["event"] == "active_loop":
                self.form = event["name"]
            else:
                self.slots[event["name"]] = event["value"]
        (said,) = dispatcher.messages
        self.buttons = [one["title"] for one in said["buttons"] or []]
        return said["text"]

    @property
    def kind(self):
        return re.fullmatch(r"en/(\w+)#.*", self.slots["last_reply"])[1]


@pytest.fixture
def chat(store):
    return Chat()


@pytest.fixture
def shop_file():
    return get_settings().state_dir / FILE


def hold(path):
    """Another process writes to the demo shop and does not stop."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_every_form_of_the_domain_is_an_action_and_has_rules():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    rules = yaml.safe_load((ROOT / "assistant/data/rules/orders.yml").read_text())["rules"]
    ruled = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}

    assert set(domain["forms"]) == set(ACTIONS) == set(FORMS)
    assert ruled == dict(FORM_OF_INTENT)


def test_the_intents_of_policies_are_those_of_the_rules():
    path = ROOT / "assistant" / "data" / "rules" / "policies.yml"
    rules = yaml.safe_load(path.read_text())["rules"]

    assert {rule["steps"][0]["intent"] for rule in rules} == POLICY_INTENTS


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_holds_no_state_and_travels_to_a_worker(name):
    assert vars(ACTIONS[name]) == {}
    assert pickle.loads(pickle.dumps(ACTIONS[name])).name() == name


def test_the_base_is_none_of_the_actions():
    with pytest.raises(TypeError, match="abstract"):
        FormAction()


def test_an_order_is_cancelled_in_two_turns(chat):
    words = chat.says(ALEX, "cancel_order")

    assert "A10247" in words
    assert "€" in words
    assert "undone" in words
    assert chat.buttons == ["Yes", "No"]
    assert chat.form == "cancel_order_form"

    words = chat.says("Yes", "affirm")
    assert "A10247" in words
    assert "cancelled" in words
    assert chat.form is None
    assert chat.slots["task"] == {"solved": "cancel_order_form"}


def test_several_kinds_are_one_message_with_the_buttons_of_the_last(chat):
    chat.says("still nothing", "track_order", rule="task")

    assert chat.kind == "form_ask_number"
    words = chat.says("hello", "greet")
    assert len(words.split("\n\n")) == 2


def test_the_same_question_is_not_asked_in_the_same_words_twice(chat):
    chat.says("cancel it", "cancel_order")
    last = chat.slots["last_reply"]
    for _ in range(6):
        chat.says("?")
        assert chat.slots["last_reply"] != last
        last = chat.slots["last_reply"]


@pytest.mark.parametrize("text", ["{{7*7}} is broken", "{% raw %} broken", "${7*7} broken"])
def test_the_words_of_a_shopper_are_no_template(chat, text):
    chat.says("refund A10175 noor@example.com", "get_refund")
    chat.says("carafe")
    words = chat.says(text)

    assert text in words
    assert "49" not in words


def test_a_reason_is_masked_before_it_reaches_the_shop(chat):
    chat.says("refund A10175 noor@example.com", "get_refund")
    chat.says("carafe")
    words = chat.says("it leaks, write to me at noor.private@example.org")

    assert "noor.private" not in words
    assert "noor.private" not in str(chat.slots)


def test_three_wrong_are_a_committed_ticket(chat, store):
    for number in ("A10234", "A99999"):
        chat.says(f"track {number} anna@example.com", "track_order")
        assert chat.kind == "form_ask_number"
        assert store.list() == ()
    words = chat.says("A10200 anna@example.com")

    (ticket,) = store.list()
    assert ticket.reference in words
    assert ticket.rule == "not_verified"
    assert "anna@" not in str(ticket)
    assert chat.slots["talking"] == "waiting"
    assert chat.form is None


def test_tries_of_many_conversations_close_a_number(store):
    for sender in range(5):
        Chat(f"guest{sender}").says(f"track A10247 guest{sender}@example.com", "track_order")
    chat = Chat("alex")
    chat.says("track A10247 alex@example.com", "track_order")

    assert chat.kind == "form_locked"
    (ticket,) = store.list()
    assert ticket.conversation_id == "alex"


@pytest.mark.parametrize("at", ["look-up", "deed"])
def test_a_shop_that_is_locked_is_a_ticket_and_nothing_made_up(
    chat, store, shop_file, monkeypatch, at
):
    monkeypatch.setenv("AMENDS_SHOP_TIMEOUT_S", "0.3")
    get_settings.cache_clear()
    if at == "look-up":
        shop_file.parent.mkdir(parents=True, exist_ok=True)
        shop_file.write_text("no database")
    else:
        chat.says(ALEX, "cancel_order")
        holder = hold(shop_file)
    words = chat.says(
        ALEX if at == "look-up" else "yes", "cancel_order" if at == "look-up" else "affirm"
    )

    (ticket,) = store.list()
    assert ticket.reference in words
    assert ticket.rule == "shop_down"
    assert ticket.category == "order_changes"
    assert "the cancellation of order A10247" in ticket.detail
    assert "cancelled" not in words
    assert chat.slots["talking"] == "waiting"
    if at == "deed":
        assert "can't tell whether" in words
        holder.close()


def test_a_shop_that_hangs_is_left_in_time(chat, store, monkeypatch):
    class Hangs:
        def find(self, number, email):
            time.sleep(2)

    monkeypatch.setattr(services, "shop", Hangs)
    monkeypatch.setattr(real_world_module, "MOST_SHOP_S", 0.2)
    chat.says(ALEX, "cancel_order")

    assert chat.kind == "form_down"
    assert len(store.list()) == 1


def test_a_woocommerce_shop_that_hangs_is_a_ticket(chat, store, monkeypatch):
    """It takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AMENDS_SHOP_CONNECTOR", "woocommerce")
        monkeypatch.setenv("AMENDS_WOOCOMMERCE_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("AMENDS_WOOCOMMERCE_KEY", "ck_test")
        monkeypatch.setenv("AMENDS_WOOCOMMERCE_SECRET", "cs_test")
        monkeypatch.setenv("AMENDS_SHOP_TIMEOUT_S", "0.3")
        get_settings.cache_clear()
        words = chat.says(ALEX, "cancel_order")

    (ticket,) = store.list()
    assert chat.kind == "form_down"
    assert ticket.reference in words


def test_without_the_ticket_store_nothing_is_said_to_be_handed_over(monkeypatch, shop_file):
    """The database of tickets was never made."""
    chat = Chat()
    words = chat.says(ALEX, "cancel_order")

    assert chat.kind == "form_down_failed"
    assert "AM-" not in words
    assert "contact page" in words
    assert chat.slots.get("talking") is None


def test_a_retried_deed_and_a_retried_ticket_are_one(chat, store, shop_file):
    chat.says(ALEX, "cancel_order")
    chat.says("yes", "affirm")
    words = chat.says("yes", "affirm", again=True)
    assert "cancelled" in words

    chat.says("change A10244 ida@example.com to 2", "change_order")
    chat.says("2")
    holder = hold(shop_file)
    first = chat.says("yes", "affirm")
    again = chat.says("yes", "affirm", again=True)
    holder.close()
    (ticket,) = store.list()
    assert ticket.reference in first
    assert ticket.reference in again


def test_an_escalation_leaves_the_form_and_it_can_be_taken_up(chat, store):
    chat.says("refund A10175 noor@example.com", "get_refund")
    chat.says("carafe")
    words = chat.says("a person, please", "contact_human_agent", action=Escalate())

    (ticket,) = store.list()
    assert ticket.reference in words
    assert chat.form is None
    assert chat.slots["task"]["paused"][0]["form"] == "refund_form"

    words = chat.says("about my refund", "get_refund")
    assert chat.form == "refund_form"
    assert "the refund for order A10175" in words
    assert chat.kind == "form_ask_reason"


def test_an_escalation_outside_a_form_leaves_the_task_alone():
    tracker = Tracker("anna", {"task": {"solved": "refund_form"}}, {}, [], False, None, {}, None)

    assert paused(tracker) == []


@pytest.mark.parametrize("slot", ["task", "access"])
def test_a_slot_of_an_older_version_begins_anew(chat, slot):
    chat.says(ALEX, "cancel_order")
    chat.slots[slot] = {"form": 7, "verified": "everything", "wrong": None}

    chat.says("yes", "affirm")
    assert chat.kind in ("form_confirm_cancel", "form_ask_number", "form_ask_email")
    assert services.shop().find("A10247", "alex@example.com").state == "processing"


def test_a_question_about_a_policy_is_answered_within(chat, monkeypatch):
    async def words(tracker, message):
        return "You have 60 days (line 12)."

    monkeypatch.setattr(real_world_module, "policy_words", words)
    chat.says("cancel it", "cancel_order")

    said = chat.says("how long do returns take?", "check_refund_policy")
    assert said.startswith("You have 60 days (line 12).\n\n")
    assert chat.kind == "form_ask_number"


def test_policies_that_fail_do_not_stop_the_form(chat, monkeypatch):
    async def words(tracker, message):
        raise RuntimeError("no encoder")

    monkeypatch.setattr(real_world_module, "policy_words", words)
    chat.says("cancel it", "cancel_order")
    chat.says("how long do returns take?", "check_refund_policy")

    assert chat.kind == "form_ask_number"
    assert chat.slots["task"]["failures"] == 1


def test_whatever_fails_ends_in_words_that_claim_nothing(chat, monkeypatch):
    class Broken:
        def find(self, number, email):
            raise RuntimeError("unheard of")

    monkeypatch.setattr(services, "shop", Broken)
    chat.says(ALEX, "cancel_order")

    assert chat.kind == "form_failed"


def test_broken_templates_still_end_in_words(chat, tmp_path, monkeypatch):
    chat.says("cancel it", "cancel_order")
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "greeting.j2").write_text("{% block any_1 %}")
    monkeypatch.setenv("AMENDS_TEMPLATES_DIR", str(tmp_path / "words"))
    get_settings.cache_clear()
    services.replies.cache_clear()

    assert chat.says("A10247") == last_words("en")
