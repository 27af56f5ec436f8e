"""A server that stops closes what is open, and leaves nothing behind to be complained about."""

import asyncio
import contextlib
import json
import threading
import time

import pytest
import requests
from browser import Browser
from channel_server import SHOP, serve

from assistant.web_channel import connections
from assistant.web_channel.connections import LIBRARIES

POLLING = "/webhooks/web/socket.io/?EIO=4&transport=polling"
SOON_S = 4.0


def left(loop):
    """The libraries' tasks that were never ended, by name."""
    coros = [task.get_coro() for task in asyncio.all_tasks(loop)]
    folders = tuple(map(str, LIBRARIES))
    return [coro.__qualname__ for coro in coros if coro.cr_code.co_filename.startswith(folders)]


class Tab(threading.Thread):
    """Stays until the server ends the connection."""

    def __init__(self, channel, behave):
        super().__init__(daemon=True)
        self._work = behave(channel, self.opened)
        self.is_open = threading.Event()
        self.start()
        assert self.is_open.wait(10)

    def opened(self):
        self.is_open.set()

    def run(self):
        try:
            asyncio.run(self._work)
        finally:
            self.closed_at = time.monotonic()


async def by_websocket(channel, opened):
    async with Browser(channel.url, channel.token()) as tab:
        await tab.next("session_confirm")
        opened()
        await tab.socket.wait_closed()


async def by_polling(channel, opened):
    headers, url = {"Origin": SHOP}, channel.url + POLLING
    greeting = requests.get(url, headers=headers, timeout=10).text
    url += "&sid=" + json.loads(greeting[1:])["sid"]
    auth = {"token": channel.token(), "language": "en"}
    requests.post(url, headers=headers, data="40" + json.dumps(auth), timeout=10)
    opened()
    # Hung up on between two answers, or within one.
    with contextlib.suppress(requests.RequestException):
        while requests.get(url, headers=headers, timeout=30).ok:
            pass


async def silently(channel, opened):
    """One that does not answer the goodbye."""
    tab = Browser(channel.url, channel.token())
    await tab.__aenter__()
    await tab.next("session_confirm")
    tab.socket.transport.pause_reading()
    opened()
    await asyncio.sleep(SOON_S)


@pytest.mark.parametrize("behave", [by_websocket, by_polling])
def test_open_tabs_are_closed_at_once(tmp_path, behave):
    with serve(tmp_path) as channel:
        tab = Tab(channel, behave)
        began = time.monotonic()
    stopped_at = time.monotonic()
    assert stopped_at - began < SOON_S
    tab.join(SOON_S)
    assert tab.closed_at < stopped_at + 0.1
    assert left(channel.loop) == []


def test_a_tab_that_does_not_answer_holds_up_nothing(tmp_path):
    with serve(tmp_path) as channel:
        Tab(channel, silently)
        began = time.monotonic()
    assert time.monotonic() - began < SOON_S


def test_tabs_that_went_leave_no_sleepers(tmp_path):
    async def connect(channel):
        async with Browser(channel.url, channel.token()) as tab:
            await tab.next("session_confirm")

    with serve(tmp_path) as channel:
        for _ in range(3):
            asyncio.run(connect(channel))
    assert left(channel.loop) == []


def test_a_library_that_is_laid_out_in_another_way_costs_no_more_than_lines_in_the_log(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(connections, "LIBRARIES", {tmp_path})
    with serve(tmp_path) as channel:
        tab = Tab(channel, by_websocket)
    stopped_at = time.monotonic()
    tab.join(SOON_S)
    assert tab.closed_at < stopped_at + 0.1
    assert left(channel.loop) != [], "there was nothing to clean up: the test shows nothing"
