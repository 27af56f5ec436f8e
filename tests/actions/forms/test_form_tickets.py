"""What a form gives to a person: committed first, told afterwards, in the real ticket store."""

import socket
import sqlite3
import time

import pytest
from form_chat import ALEX, Chat
from rasa_sdk import Tracker

from actions import services
from actions.escalate import Escalate
from actions.forms import paused
from actions.forms import real_world as real_world_module
from amends.orders.demo import FILE
from amends.settings import get_settings


@pytest.fixture
def shop_file():
    return get_settings().state_dir / FILE


def hold(path):
    """Another process writes to the demo shop and does not stop."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_three_wrong_are_a_committed_ticket(chat, store):
    for number in ("A10234", "A99999"):
        chat.says(f"track {number} anna@example.com", "track_order")
        assert chat.kind == "form_no_match"
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
