"""A turn costs the same in a long conversation as in a short one."""

import time

import pytest
from bench import HELLO, HELLO_ANSWERED, RUDE, Bench
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.web_channel.sessions import IDLE_S, MAX_EVENTS, preparation, renewal

TURNS = 300


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def tracker_of(*events, idle_s=0.0):
    for event in events:
        event.timestamp = time.time() - idle_s
    slots = [
        AnySlot("triage", mappings=[], influence_conversation=False),
        TextSlot("last_reply", mappings=[], influence_conversation=False),
    ]
    return DialogueStateTracker.from_events("web-1", list(events), slots=slots)


def names(events):
    return [event.type_name for event in events]


@pytest.mark.parametrize(
    ("events", "idle_s", "due"),
    [
        (0, 0, False),
        (1, 0, False),
        (MAX_EVENTS, IDLE_S - 60, False),
        (MAX_EVENTS + 1, 0, True),
        (1, IDLE_S + 1, True),
    ],
)
def test_when_a_session_is_renewed(events, idle_s, due):
    tracker = tracker_of(*[BotUttered("hi") for _ in range(events)], idle_s=idle_s)
    assert bool(renewal(tracker)) is due


def test_the_last_value_of_each_slot_goes_along_once():
    values = [{"decision": "answer"}, {"decision": "escalate"}, None, {"decision": "clarify"}]
    tracker = tracker_of(*[SlotSet("triage", value) for value in values], idle_s=IDLE_S + 1)
    events = renewal(tracker)
    assert names(events) == ["action", "session_started", "slot", "action"]
    assert (events[2].key, events[2].value) == ("triage", values[-1])
    # Read by time from its SessionStarted on, the session has its action too.
    assert events[1].timestamp <= events[0].timestamp


def test_a_form_goes_along():
    asked = [ActiveLoop("refund_form"), *[BotUttered("hi") for _ in range(MAX_EVENTS)]]
    tracker = tracker_of(*asked)
    after = DialogueStateTracker.from_events("web-1", [*asked, *renewal(tracker)], slots=[])
    assert after.active_loop_name == "refund_form"
    assert after.latest_action_name == "action_listen"
    assert tracker_of(*renewal(tracker)).active_loop_name == "refund_form"


def test_a_form_that_ended_does_not_come_back():
    over = [ActiveLoop("refund_form"), ActiveLoop(None)]
    tracker = tracker_of(*over, idle_s=IDLE_S + 1)
    assert "active_loop" not in names(renewal(tracker))


def test_a_pause_goes_along_and_ends_where_the_bot_talks():
    paused = tracker_of(UserUttered("x"), ConversationPaused(), idle_s=IDLE_S + 1)
    assert names(renewal(paused)) == ["action", "session_started", "pause", "action"]
    assert names(preparation(paused))[-1] == "resume"
    short = tracker_of(UserUttered("x"), ConversationPaused())
    assert names(preparation(short)) == ["resume"]
    assert preparation(tracker_of(ActionExecuted("action_listen"))) == []
    assert preparation(None) == []


def test_the_thousandth_turn_costs_what_the_tenth_does(bench, capsys):
    took = []
    for turn in range(TURNS):
        began = time.perf_counter()
        assert len(bench.say(HELLO if turn % 2 else RUDE).texts) == 1
        took.append(time.perf_counter() - began)
    sizes = bench.app.sizes
    with capsys.disabled():
        early, late = sorted(took[10:60])[25], sorted(took[-50:])[25]
        print(  # noqa: T201
            f"\n{TURNS} turns: posted at most {max(sizes):,} bytes, in the last 60 calls "
            f"{max(sizes[-60:]):,}; median of turns 10-60 {early * 1000:.1f} ms, of the last 50 "
            f"{late * 1000:.1f} ms"
        )
    assert max(sizes[-60:]) <= max(sizes[:60]) * 1.05
    assert len([kind for kind, _ in bench.kinds() if kind == "user"]) == TURNS
    starts = names(bench.events()).count("session_started")
    assert TURNS / 14 < starts < TURNS / 7


def test_slots_and_rules_outlive_the_renewal(bench):
    bench.app.answer = lambda call: {
        "events": [{"event": "slot", "name": "last_reply", "value": "greeting.any_1"}],
        "responses": [{"text": str(call["tracker"]["slots"]["last_reply"])}],
    }
    for _ in range(20):
        last = bench.say(HELLO)
    assert last.texts == ["greeting.any_1"]
    sessions = names(bench.events()).count("session_started")
    assert sessions > 1
    # Two in each turn, one for each action; and in each session the values it begins with.
    slots = [e.key for e in bench.events() if e.type_name == "slot"]
    assert len(slots) <= 2 * 20 + 3 * sessions
    assert HELLO_ANSWERED in {e.action_name for e in bench.events() if e.type_name == "action"}
