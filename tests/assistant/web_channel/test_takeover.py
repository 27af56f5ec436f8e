"""A person talks: the bot is silent, and the person gets every message once, in order."""

import asyncio

import pytest
from bench import HELLO, HELLO_ANSWERED, RUDE, RUDE_ANSWERED, WORDS, Bench, Recorder, broken, said

from assistant.web_channel.talking import Owner

MORE = ["are you there?", "I sent the photo", "it is order 12"]


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def inbox_texts(bench):
    return [post["text"] for post in bench.app.inbox]


def test_the_person_gets_the_message_and_rasa_is_not_asked(bench):
    bench.claim("Mia")
    message = said(HELLO, name="Ann")
    screen = bench.run(message)
    assert (screen.messages, screen.states, bench.app.calls) == ([], [], [])
    (post,) = bench.app.inbox
    assert abs(post.pop("at") - bench.events()[-1].timestamp) < 5
    assert post == {
        "conversation": "web-1", "id": message.id, "role": "shopper", "name": "Ann",
        "text": HELLO, "attachment": None,
    }  # fmt: skip
    assert bench.kinds() == [("user", HELLO)]
    assert bench.wait(bench.is_paused("web-1"))


def test_the_bot_answers_again_after_the_person_handed_back(bench):
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    bench.claim()
    for text in MORE:
        assert bench.say(text).messages == []
    assert [event.type_name for event in bench.events()].count("pause") == 1
    bench.hand_back()
    assert bench.say(RUDE).texts == [RUDE_ANSWERED]
    assert bench.say(HELLO).texts == [HELLO_ANSWERED]
    assert inbox_texts(bench) == MORE
    assert not bench.wait(bench.is_paused("web-1"))


@pytest.mark.parametrize("text", ["/restart", "restart", "/contact_human_agent{}"])
def test_no_words_of_the_shopper_wake_the_bot(bench, text):
    bench.claim()
    assert bench.say(text).messages == []
    assert bench.app.calls == []


def test_inbox_down_is_said_once_and_everything_arrives_in_order(bench):
    bench.claim("Mia")
    bench.app.inbox_status = 503
    first, *others = [bench.say(text, message_id=f"message-{text}") for text in MORE]
    (notice,) = first.messages
    assert notice["role"] == "notice"
    assert notice["text"] == WORDS.say("kept_for_agent", "en", name="Mia")
    assert [screen.messages for screen in others] == [[], []]
    assert bench.app.inbox == []
    bench.app.inbox_status = 200
    bench.deliver_until(lambda: len(bench.app.inbox) >= 3)
    assert inbox_texts(bench) == MORE
    # Down again: said again.
    bench.say("back")
    bench.app.inbox_status = 503
    assert len(bench.say("and now?").messages) == 1


def test_what_is_kept_survives_a_restart_of_the_server(bench):
    bench.claim()
    bench.app.break_it("refused")
    for text in MORE:
        bench.say(text)
    bench.app.heal()
    bench.start()
    bench.deliver_until(lambda: len(bench.app.inbox) >= 3)
    assert inbox_texts(bench) == MORE


def test_a_name_that_is_not_known_is_not_made_up(bench):
    bench.claim(None)
    bench.app.inbox_status = 503
    assert bench.say(HELLO).texts == [WORDS.say("kept_for_colleague", "en")]


def test_not_even_kept_is_said_as_it_is(bench):
    bench.claim()
    bench.say(HELLO)
    with broken(bench.folder / "kept.db"):
        assert bench.say(RUDE).texts == [WORDS.say("not_kept", "en")]


def test_a_person_who_comes_in_the_middle_of_a_turn_is_not_interrupted(bench):
    bench.app.break_it("slow", slow_s=0.2)
    screen = Recorder()

    async def turn():
        running = asyncio.ensure_future(bench.turns.run(said(HELLO), screen))
        await asyncio.sleep(0.25)
        bench.claim("Mia")
        bench.talking.learn("web-1", Owner("agent", "Mia"))
        await running

    bench.wait(turn())
    assert len(bench.app.calls) == 2
    assert screen.messages == []
    bench.deliver_until(lambda: bench.app.inbox)
    assert inbox_texts(bench) == [HELLO]


@pytest.mark.parametrize("answers", ["last known", "pause"])
def test_ticket_store_down_is_no_licence_to_talk(bench, answers):
    bench.claim("Mia")
    bench.say(HELLO)
    if answers == "pause":
        bench.start()  # A server that was started anew knows nothing.
    with broken(bench.tickets_file):
        screen = bench.say(RUDE)
    assert (screen.messages, bench.app.calls) == ([], [])
    assert inbox_texts(bench) == [HELLO, RUDE]


def test_ticket_store_down_and_nobody_took_over_the_bot_answers(bench):
    with broken(bench.tickets_file):
        assert bench.say(HELLO).texts == [HELLO_ANSWERED]


def test_every_database_down_the_bot_does_not_answer(bench):
    bench.claim("Mia")
    bench.say(HELLO)
    bench.start()
    with broken(bench.tickets_file), broken(bench.tracker_file):
        screen = bench.say(RUDE)
        assert screen.texts == [WORDS.say("kept", "en")]
        assert screen.messages[0]["role"] == "notice"
    assert bench.app.calls == []
    bench.deliver_until(lambda: len(bench.app.inbox) == 2)
