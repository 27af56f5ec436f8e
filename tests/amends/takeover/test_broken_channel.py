"""The same commands with a channel that breaks: what is said to be done was done."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from takeover_commands import CHAT, owner, refused, run, said
from tickets_channel import answer, hang_up

from amends.settings import get_settings
from tickets.case import Status


def down(_, monkeypatch, free_port):
    monkeypatch.setenv("AMENDS_RASA_PORT", str(free_port()))
    get_settings.cache_clear()


def answers(status, body):
    def breaking(channel, *_):
        channel.breaks = [lambda handler: answer(handler, status, body)] * 4

    return breaking


def hangs_up(channel, *_):
    channel.breaks = [hang_up] * 4


def other_key(_, monkeypatch, __):
    monkeypatch.setenv("AMENDS_SESSION_KEY", "another key of forty letters and digits 1")
    get_settings.cache_clear()


def no_key(_, monkeypatch, __):
    monkeypatch.delenv("AMENDS_SESSION_KEY")
    get_settings.cache_clear()


FAULTS = {
    "down": (down, "found nothing there", False),
    "500": (answers(500, {"words": "\x1b[2Jbroken"}), "found HTTP 500 ([2Jbroken)", False),
    "503": (answers(503, {"code": "unavailable", "words": "Later."}), "HTTP 503 (Later.)", False),
    "404": (answers(404, {}), "Is it left out of credentials.yml?", False),
    "400": (answers(400, {"code": "bad_message"}), "shoppers who write in the widget", False),
    "html": (answers(502, b"<html>"), "found HTTP 502.", False),
    "other key": (other_key, "Set the same AMENDS_SESSION_KEY here and there", False),
    "no key": (no_key, "Expected AMENDS_SESSION_KEY, or the key that `amends run` keeps", False),
    "hangs up": (hangs_up, "found none (RemoteProtocolError)", True),
    "bad json": (answers(200, b"{"), "Is another program on this port?", True),
    "empty": (answers(200, b""), "Is another program on this port?", True),
    "a list": (answers(200, []), "Is another program on this port?", True),
    "no number": (answers(200, {"shown": True}), "Is another program on this port?", True),
}


@pytest.fixture(params=FAULTS)
def fault(request, channel, monkeypatch, free_port):
    """Breaks the channel when it is called; tells what the error says, and whether it is unsure."""
    breaks, words, unsure = FAULTS[request.param]

    def start():
        breaks(channel, monkeypatch, free_port)
        return words, unsure

    return start


NOT_TOLD = "but the shopper has not been told yet. "
UNSURE = "but nobody knows whether the shopper has been told. "
AGAIN = (
    "The deliveries of `amends run` go on trying for about a day; `amends tickets deliveries` "
    "lists what is left.\n"
)


def untold(store):
    """What the worker will try again: event and number of attempts."""
    left = [one.event for one in store.outbox.undelivered(100)]
    return [(one.event, one.attempts) for one in left if one.event.startswith("chat.")]


def test_claim_that_the_shopper_was_not_told_of_is_a_claim_all_the_same(
    store, channel, reference, fault
):
    words, unsure = fault()
    message = refused(run("claim", reference, "--as", "Anna"))
    told = UNSURE if unsure else NOT_TOLD
    assert f"{reference} is yours, and the assistant is silent, {told}" in message
    assert words in message
    assert "\x1b" not in message
    assert message.endswith(AGAIN)
    assert owner(store) == ("agent", "Anna")
    assert channel.pushes == []
    assert untold(store) == [("chat.joined", 1)]


def test_reply_that_was_not_sent_is_nowhere(store, channel, claimed, fault):
    words, unsure = fault()
    message = refused(run("reply", claimed, "Hello."))
    assert words in message
    if unsure:
        assert "Nobody knows whether your reply arrived." in message
        assert re.search(r"again with --id reply-[0-9a-f]{32}: the shopper sees it once", message)
    else:
        assert "Your reply was not sent." in message
    assert store.conversations.lines(CHAT) == ()
    assert channel.pushes == []


def test_hand_back_that_the_shopper_was_not_told_of_is_one_all_the_same(
    store, channel, claimed, fault
):
    words, unsure = fault()
    message = refused(run("hand-back", claimed))
    told = UNSURE if unsure else NOT_TOLD
    assert f"{claimed} is open again, and the assistant answers, {told}" in message
    assert words in message
    assert owner(store) == ("bot", None)
    # That a person came is not said any more.
    assert untold(store) == [("chat.left", 1)]


def test_resolution_that_the_shopper_was_not_told_of_is_one_all_the_same(
    store, channel, claimed, fault
):
    words, unsure = fault()
    message = refused(run("resolve", claimed))
    assert f"{claimed} is resolved, {UNSURE if unsure else NOT_TOLD}" in message
    assert words in message
    assert store.get(claimed).status is Status.RESOLVED
    assert channel.pushes == []
    assert untold(store) == [("chat.left", 1), ("chat.rating", 0)]


def test_what_failed_is_made_good_by_running_it_again(store, channel, reference):
    fails = [lambda handler: answer(handler, 503, {})]
    for command in (["claim", reference, "--as", "Anna"], ["hand-back", reference]):
        channel.breaks = list(fails)
        refused(run(*command))
        said(run(*command))
    said(run("claim", reference, "--as", "Anna"))
    channel.breaks = list(fails)
    refused(run("resolve", reference))
    said(run("resolve", reference))
    assert channel.kinds == ["joined", "left", "joined", "left", "rating"]
    assert len(channel.on_screen) == 5
    assert channel.pushes[1]["text"].startswith("Anna has left the chat")
    assert untold(store) == []


def test_rating_that_was_not_asked_for_is_asked_for_the_next_time(store, channel, claimed):
    channel.breaks = [lambda _: False, lambda handler: answer(handler, 503, {})]
    message = refused(run("resolve", claimed))
    assert f"{claimed} is resolved, {NOT_TOLD}" in message
    said(run("resolve", claimed))
    assert list(channel.on_screen) == ["takeover-1-left", claimed]


def test_deliveries_tell_the_shopper_what_a_command_could_not(
    store, channel, reference, deliveries
):
    channel.breaks = [lambda handler: answer(handler, 503, {})] * 2
    refused(run("claim", reference, "--as", "Anna"))
    deliveries()
    end = time.monotonic() + 30
    while untold(store) and time.monotonic() < end:
        time.sleep(0.05)
    assert (channel.kinds, untold(store)) == (["joined"], [])
    assert said(run("claim", reference, "--as", "Anna")) == (
        f"{reference} is yours, and the assistant is silent.\n"
    )


KILLED = """
import os, signal, sys
from amends.cli import app
from amends.commands import takeover
takeover.deliver_now = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
app(["tickets", *sys.argv[1:]])
"""


def test_deliveries_tell_the_shopper_what_a_killed_command_did(
    store, channel, reference, deliveries
):
    for command in (["claim", reference, "--as", "Anna"], ["resolve", reference]):
        killed = subprocess.run([sys.executable, "-c", KILLED, *command], check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
    assert channel.pushes == []
    deliveries()
    end = time.monotonic() + 30
    while untold(store) and time.monotonic() < end:
        time.sleep(0.05)
    assert channel.kinds == ["left", "rating"]


def test_answer_that_got_lost_is_asked_for_once_more_and_shown_once(store, channel, claimed):
    def take_and_hang_up(handler):
        channel.pushes.append({"id": "taken"})
        return True

    channel.breaks = [take_and_hang_up]
    said(run("reply", claimed, "Hello."))
    assert len(channel.pushes) == 2
    assert len(store.conversations.lines(CHAT)) == 1


def test_reply_whose_end_nobody_knows_is_repeated_with_its_id(store, channel, claimed):
    channel.breaks = [hang_up] * 2
    message = refused(run("reply", claimed, "Hello."))
    identifier = re.search(r"--id (\S+):", message)[1]
    for _ in range(2):
        said(run("reply", claimed, "Hello.", "--id", identifier))
    assert list(channel.on_screen) == [identifier]
    assert len(store.conversations.lines(CHAT)) == 1


def test_reply_that_cannot_be_stored_is_told_as_sent(store, channel, claimed):
    url = get_settings().state_dir / "tickets.db"
    with closing(sqlite3.connect(url, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        message = refused(run("reply", claimed, "Hello."))
    assert "The shopper has your reply, but it is not on the ticket." in message
    identifier = re.search(r"--id (\S+):", message)[1]
    assert list(channel.on_screen) == [identifier]
    said(run("reply", claimed, "Hello.", "--id", identifier))
    assert [line.message_id for line in store.conversations.lines(CHAT)] == [identifier]
