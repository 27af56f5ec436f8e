"""A shopper waits for a person: the bot is silent, but for what the app has for them."""

import asyncio

import pytest
from bench import HELLO, HELLO_ANSWERED, RUDE, WORDS, Bench, Recorder, broken, said

from assistant.web_channel import trackers
from assistant.web_channel.talking import WAITING, Owner
from assistant.web_channel.telling import Push

NOTICE = {"id": "wait-1-notice", "text": "Your case is with our team."}


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def inbox_texts(bench):
    return [post["text"] for post in bench.app.inbox]


def test_the_app_gets_the_message_and_rasa_is_not_asked(bench):
    bench.wait_for_a_person()
    screen = bench.say(HELLO)
    assert (screen.messages, screen.states, bench.app.calls) == ([], [], [])
    # The browser expects no answer, and so does not complain that there is none.
    assert screen.talks == [("waiting", None)]
    assert inbox_texts(bench) == [HELLO]
    assert bench.kinds() == [("user", HELLO)]
    assert bench.wait(bench.is_paused("web-1"))


def test_what_the_app_has_for_the_shopper_is_told(bench):
    bench.wait_for_a_person()
    bench.app.notice = NOTICE
    bench.say(HELLO)
    assert bench.told == [Push("web-1", NOTICE["id"], "notice", NOTICE["text"])]


def test_what_the_app_has_is_told_although_it_could_not_take_the_message(bench):
    """Somebody is in danger, and the ticket store is down."""
    bench.wait_for_a_person()
    bench.app.notice, bench.app.inbox_status = NOTICE, 503
    screen = bench.say(HELLO)
    assert [push.text for push in bench.told] == [NOTICE["text"]]
    assert screen.texts == [WORDS.say("kept_for_colleague", "en")]


@pytest.mark.parametrize(
    "notice", [{"id": "short", "text": "x"}, {"id": None, "text": "x"}, {"id": "notice-01"}, 7]
)
def test_a_notice_that_cannot_be_read_costs_no_message(bench, notice):
    bench.wait_for_a_person()
    bench.app.notice = notice
    assert bench.say(HELLO).messages == []
    assert (bench.told, inbox_texts(bench)) == ([], [HELLO])


def test_a_notice_that_could_not_be_written_down_comes_with_the_message_again(bench, monkeypatch):
    bench.wait_for_a_person()
    bench.app.notice = NOTICE
    tell, failures = bench.tell, [OSError("disk full")]

    async def tell_at_last(push):
        if failures:
            raise failures.pop()
        await tell(push)

    monkeypatch.setattr(bench, "tell", tell_at_last)
    bench.start()
    bench.say(HELLO)
    bench.deliver_until(lambda: bench.told)
    assert inbox_texts(bench) == [HELLO, HELLO]


def test_the_turn_that_hands_over_still_says_so(bench):
    """A tab that connects meanwhile already knows that the shopper waits."""
    bench.app.break_it("slow", only={HELLO_ANSWERED}, slow_s=0.2)
    screen = Recorder()

    async def turn():
        running = asyncio.ensure_future(bench.turns.run(said(HELLO), screen))
        await asyncio.sleep(0.15)
        bench.wait_for_a_person()
        bench.talking.learn("web-1", WAITING)
        await running

    bench.wait(turn())
    assert screen.texts == [HELLO_ANSWERED]
    assert bench.app.inbox == []
    assert bench.say(RUDE).messages == []
    assert inbox_texts(bench) == [RUDE]


def test_a_turn_that_the_actions_kept_silent_is_the_peoples(bench):
    """The shopper waits since a moment ago, as the actions found and the channel did not."""

    def silent(_):
        bench.wait_for_a_person()
        return {"events": [], "responses": []}

    bench.app.answer = silent
    screen = bench.say(HELLO)
    assert screen.messages == []
    assert screen.talks == [("waiting", None)]
    bench.deliver_until(lambda: bench.app.inbox)
    assert inbox_texts(bench) == [HELLO]


def test_the_bot_answers_after_the_hand_back(bench):
    bench.wait_for_a_person()
    bench.say(HELLO)
    bench.hand_back()
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]


@pytest.mark.parametrize("answers", ["last known", "pause"])
def test_ticket_store_down_is_no_licence_to_talk(bench, answers):
    bench.wait_for_a_person()
    bench.say(HELLO)
    if answers == "pause":
        bench.start()
    with broken(bench.tickets_file):
        assert bench.say(RUDE).messages == []
    assert inbox_texts(bench) == [HELLO, RUDE]


@pytest.mark.parametrize("who", ["waiting", "agent", "bot"])
def test_after_the_escalation_itself_rasas_record_says_that_somebody_waits(bench, who):
    """Before the next message, with the server started anew and the ticket store gone."""

    def escalates(_):
        slot = {"event": "slot", "timestamp": None, "name": trackers.TALKING_SLOT, "value": who}
        return {"events": [slot], "responses": [{"text": "a person, then"}]}

    bench.app.answer = escalates
    assert "a person, then" in bench.say(HELLO).texts
    bench.start()
    with broken(bench.tickets_file):
        owner = bench.wait(bench.talking.who("web-1"))
    assert owner == (Owner("bot") if who == "bot" else Owner("agent"))
