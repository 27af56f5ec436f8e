"""The forms as Rasa runs them: slots in; words, buttons and events out."""

import pickle

import pytest
import yaml
from form_chat import ACTIONS, ALEX

from actions import services
from actions.forms import FORM_OF_INTENT
from actions.forms import real_world as real_world_module
from actions.forms.form_action import FormAction
from actions.forms.forms import FORMS
from amends.settings import ROOT, get_settings
from templates import last_words


def test_every_form_of_the_domain_is_an_action_and_has_rules():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    rules = yaml.safe_load((ROOT / "assistant/data/rules/orders.yml").read_text())["rules"]
    ruled = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}

    assert set(domain["forms"]) == set(ACTIONS) == set(FORMS)
    assert ruled == dict(FORM_OF_INTENT)


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
