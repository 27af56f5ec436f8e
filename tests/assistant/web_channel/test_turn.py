"""The reply guarantee: each layer, with the layer below it broken for real."""

import asyncio
import logging

import pytest
from bench import (
    ALL_DAY_S,
    ENDPOINT_S,
    HELLO,
    HELLO_ANSWERED,
    RUDE,
    RUDE_ANSWERED,
    SLACK_S,
    TIMES,
    WORDS,
    Bench,
    Recorder,
    said,
)
from faults import MODES, say_its_name
from rasa.core.tracker_store import SQLTrackerStore

from assistant.components import triage_policy
from assistant.components.intent_classifier import EmbeddingIntentClassifier
from assistant.web_channel import trackers

FAILED = WORDS.say("action_failed", "en")
LATE = WORDS.say("late", "en")
BROKEN = WORDS.say("broken", "en")
NO_WORDS = WORDS.say("no_words", "en")


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def test_an_answer_reaches_screen_and_tracker_with_one_id(bench):
    message = said(HELLO)
    screen = bench.run(message)
    assert screen.texts == [HELLO_ANSWERED]
    heard, spoken = [e for e in bench.events() if e.type_name in {"user", "bot"}]
    assert (heard.message_id, heard.metadata["language"]) == (message.id, "en")
    assert spoken.metadata["id"] == screen.messages[0]["id"]
    assert [state["typing"] for state in screen.states] == [True, False]
    assert not any(state["still_looking"] for state in screen.states)


@pytest.mark.parametrize("mode", MODES)
def test_every_fault_of_the_action_server_ends_in_words(bench, mode):
    bench.app.break_it(mode, slow_s=0.2)
    screen = bench.say(HELLO)
    assert screen.texts == [HELLO_ANSWERED if mode == "slow" else FAILED]
    assert screen.messages[0]["after"] < ENDPOINT_S + SLACK_S
    assert bench.kinds() == [("user", HELLO), ("bot", screen.texts[0])]
    bench.app.heal()
    assert bench.say(RUDE).texts == [RUDE_ANSWERED]


@pytest.mark.parametrize("mode", MODES)
def test_an_assessment_that_fails_alone_costs_the_score_and_not_the_answer(bench, mode):
    bench.app.break_it(mode, only={"action_assess_message"}, slow_s=0.2)
    expected = FAILED if mode == "refused" else HELLO_ANSWERED
    assert bench.say(HELLO).texts == [expected]


@pytest.mark.parametrize("language", ["zh", "zh-CN", "xx"])
def test_fallback_words_are_in_the_language_of_the_page(bench, language):
    bench.app.break_it("503")
    assert bench.say(HELLO, language=language).texts == [WORDS.say("action_failed", language)]


def test_a_hang_that_the_endpoint_misses_ends_in_an_apology_on_time(bench):
    bench.start_rasa(bench.agent.tracker_store._tracker_store, turn_s=ALL_DAY_S)
    bench.app.break_it("hung")
    screen = bench.say(HELLO)
    assert screen.texts == [LATE]
    assert TIMES.apology_s <= screen.messages[0]["after"] < TIMES.apology_s + SLACK_S
    (looking,) = [state for state in screen.states if state["still_looking"]]
    assert TIMES.still_looking_s <= looking["after"] < TIMES.apology_s
    assert screen.states[-1]["typing"] is False
    assert bench.kinds() == [("user", HELLO), ("bot", LATE)]


def test_no_late_answer_follows_the_apology(bench):
    bench.start_rasa(bench.agent.tracker_store._tracker_store, turn_s=ALL_DAY_S)
    bench.app.break_it("slow", only={HELLO_ANSWERED}, slow_s=TIMES.apology_s + 0.05)
    screen = Recorder()

    async def turn_and_after():
        await bench.turns.run(said(HELLO), screen)
        await asyncio.sleep(0.5)

    bench.wait(turn_and_after())
    assert len(bench.app.calls) == 2
    assert screen.texts == [LATE]
    assert bench.kinds() == [("user", HELLO), ("bot", LATE)]


def test_the_conversation_goes_on_after_an_apology(bench):
    bench.start_rasa(bench.agent.tracker_store._tracker_store, turn_s=ALL_DAY_S)
    bench.app.break_it("hung")
    assert bench.say(HELLO).texts == [LATE]
    bench.app.heal()
    for text, answer in [(RUDE, RUDE_ANSWERED), (HELLO, HELLO_ANSWERED), (RUDE, RUDE_ANSWERED)]:
        assert bench.say(text).texts == [answer]


def test_queued_messages_are_apologised_for_on_time_each(bench):
    bench.start_rasa(bench.agent.tracker_store._tracker_store, turn_s=ALL_DAY_S)
    bench.app.break_it("hung")
    screen = Recorder()
    messages = [said(HELLO), said(RUDE)]

    async def one_after_the_other():
        for message in messages:
            await bench.turns.run(message, screen)

    bench.wait(one_after_the_other())
    assert screen.texts == [LATE, LATE]
    assert screen.messages[1]["after"] < TIMES.apology_s + SLACK_S


@pytest.mark.parametrize(
    ("owner", "part"),
    [(triage_policy, "next_action"), (EmbeddingIntentClassifier, "_read")],
    ids=["policy", "component"],
)
def test_an_exception_in_rasa_ends_in_an_apology(bench, monkeypatch, caplog, owner, part):
    def fail(*_):
        raise RuntimeError(f"cannot read {HELLO}")

    with monkeypatch.context() as patch:
        patch.setattr(owner, part, fail)
        screen = bench.say(HELLO)
    assert screen.texts == [BROKEN]
    assert screen.messages[0]["after"] < TIMES.apology_s
    assert bench.kinds() == [("user", HELLO), ("bot", BROKEN)]
    assert HELLO not in "".join(r.getMessage() for r in caplog.records if "web_channel" in r.name)
    assert bench.say(RUDE).texts == [RUDE_ANSWERED]


def test_a_turn_without_words_ends_in_words(bench):
    bench.app.answer = lambda _: {"events": [], "responses": []}
    assert bench.say(HELLO).texts == [NO_WORDS]
    assert bench.kinds() == [("user", HELLO), ("bot", NO_WORDS)]


def test_a_rasa_that_runs_in_circles_is_out_of_them_the_next_time(bench, monkeypatch):
    bench.app.answer = lambda _: {"events": [], "responses": []}
    with monkeypatch.context() as patch:
        patch.setattr(triage_policy, "next_action", lambda *_: "action_answer_complaint")
        assert bench.say(HELLO).texts == [NO_WORDS]
    assert len(bench.app.calls) > 5
    bench.app.answer = say_its_name
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]


def test_no_model_is_said_and_what_was_said_is_noted_once_there_is_one(bench):
    bench.turns.agent = lambda: None
    assert bench.say(HELLO).texts == [BROKEN]
    bench.turns.agent = lambda: bench.agent
    assert bench.say(RUDE).texts == [RUDE_ANSWERED]
    assert [text for _, text in bench.kinds()] == [HELLO, BROKEN, RUDE, RUDE_ANSWERED]


def test_a_screen_that_fails_does_not_stop_the_turn(bench, caplog):
    class Dark(Recorder):
        async def show(self, message):
            raise OSError("gone")

        async def state(self, *, typing, still_looking):
            raise OSError("gone")

    bench.wait(bench.turns.run(said(HELLO), Dark()))
    assert bench.kinds() == [("user", HELLO), ("bot", HELLO_ANSWERED)]
    assert caplog.records


def test_a_message_that_comes_twice_is_answered_once(bench):
    message = said(HELLO)
    assert bench.run(message).texts == [HELLO_ANSWERED]
    assert bench.run(message).texts == []
    assert bench.kinds() == [("user", HELLO), ("bot", HELLO_ANSWERED)]


def test_a_reload_of_the_model_is_protected_too(bench, model):
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    bench.agent.load_model(str(model))
    bench.app.break_it("refused")
    assert bench.say(HELLO).texts == [FAILED]
    assert isinstance(bench.agent.processor.tracker_store, trackers.GuardedStore)


def test_what_is_logged_of_a_fault_are_no_words_of_the_shopper(bench, caplog):
    secret = "my card is 4111 and I am Ann"
    for mode in ("500", "bad_json", "reset"):
        bench.app.break_it(mode)
        with caplog.at_level(logging.INFO):
            bench.say(secret)
    assert "no answer from the action server" in caplog.text
    assert "Ann" not in caplog.text


def test_save_that_fails_after_the_words_is_made_up_for(bench, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    with monkeypatch.context() as patch:
        patch.setattr(SQLTrackerStore, "_additional_events", fail)
        assert bench.say(RUDE).texts == [RUDE_ANSWERED]
    assert len(bench.kinds()) == 2
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    assert [text for _, text in bench.kinds()] == [
        HELLO, HELLO_ANSWERED, RUDE, RUDE_ANSWERED, HELLO, HELLO_ANSWERED,
    ]  # fmt: skip
