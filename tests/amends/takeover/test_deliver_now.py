"""What whoever made a change tells the shopper at once, beside the worker."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from tickets_channel import answer

from amends.channel_client import PushError, PushUnknownError
from amends.settings import get_settings
from tickets.delivery import deliver_now, now
from tickets.store import TicketStore


def test_screens_of_the_last_one_are_told(store, channel, claimed):
    channel.screens = 2
    standing = store.takeover.resolve(claimed)
    assert deliver_now(store, get_settings(), standing.untold) == 2
    # That a person came, nobody needs to hear any more.
    assert channel.kinds == ["left", "rating"]


def test_nothing_is_told_twice(store, channel, claimed):
    untold = store.takeover.claim(claimed, "Anna").untold
    assert deliver_now(store, get_settings(), untold) == 1
    assert deliver_now(store, get_settings(), untold) is None
    assert deliver_now(store, get_settings(), ()) is None
    assert channel.kinds == ["joined"]


def test_what_comes_after_a_failure_is_not_told_before_it(store, channel, claimed):
    untold = store.takeover.resolve(claimed).untold
    channel.breaks = [lambda handler: answer(handler, 503, {})]
    with pytest.raises(PushError, match="found HTTP 503"):
        deliver_now(store, get_settings(), untold)
    assert channel.pushes == []
    left = [
        (one.event.event, one.last_error)
        for one in store.outbox.undelivered(10)
        if one.event.event.startswith("chat.")
    ]
    assert [event for event, _ in left] == ["chat.left", "chat.rating"]
    assert "found HTTP 503" in left[0][1]
    assert left[1][1] is None
    deliver_now(store, get_settings(), untold)
    assert channel.kinds == ["left", "rating"]


def test_notice_on_its_way_is_waited_for(store, channel, claimed):
    on_its_way, go_on = threading.Event(), threading.Event()

    def wait(push):
        if push["kind"] == "joined":
            on_its_way.set()
            go_on.wait(10)

    channel.before = wait
    joined = store.takeover.claim(claimed, "Anna").untold
    with (
        ThreadPoolExecutor(2) as pool,
        closing(TicketStore.open(get_settings().ticket_database_url)) as other,
    ):
        first = pool.submit(deliver_now, store, get_settings(), joined)
        assert on_its_way.wait(10)
        untold = store.takeover.hand_back(claimed).untold
        second = pool.submit(deliver_now, other, get_settings(), untold)
        time.sleep(0.5)
        assert not second.done()
        go_on.set()
        assert (first.result(10), second.result(10)) == (1, 1)
    assert channel.kinds == ["joined", "left"]


def test_patience_with_another_one_ends(store, channel, claimed, monkeypatch):
    monkeypatch.setattr(now, "PATIENCE_S", 0.3)
    untold = store.takeover.claim(claimed, "Anna").untold
    store.outbox.lease_these(untold)
    with pytest.raises(PushUnknownError, match=r"found another process at it for 0\.3 seconds"):
        deliver_now(store, get_settings(), untold)
    assert channel.pushes == []


def test_missing_key_is_an_error_of_the_push(store, channel, claimed, monkeypatch):
    monkeypatch.delenv("AMENDS_SESSION_KEY")
    get_settings.cache_clear()
    untold = store.takeover.claim(claimed, "Anna").untold
    with pytest.raises(PushError, match="Expected AMENDS_SESSION_KEY"):
        deliver_now(store, get_settings(), untold)
