"""What is remembered of each shopper has an end."""

import asyncio

import pytest

from assistant.web_channel import rooms
from assistant.web_channel.limits import Limits
from assistant.web_channel.messages import message
from assistant.web_channel.parts import server


@pytest.fixture
def known():
    return rooms.Rooms(server(Limits()))


def test_messages_ids_and_files_of_a_room_are_capped(known):
    room = known.room("web-1")
    for number in range(1000):
        asyncio.run(known.show("web-1", message(f"m{number}", "bot", "x")))
        room.took(f"m{number}")
        room.uploaded({"id": f"f{number}"})
    assert len(room.shown) == rooms.KEPT_MESSAGES
    assert len(room.ids) == rooms.KEPT_IDS
    assert len(room.files) == rooms.KEPT_FILES
    assert "m999" in room.ids
    assert "m0" not in room.ids


def test_the_room_that_was_used_longest_ago_is_forgotten_unless_somebody_is_in_it(
    known, monkeypatch
):
    monkeypatch.setattr(rooms, "KEPT_ROOMS", 3)
    known.room("inhabited").tabs.append("tab")
    known.room("old").took("m1")
    known.room("newer").took("m1")
    known.room("newest")
    assert "m1" in known.room("newer").ids
    assert known.room("inhabited").tabs == ["tab"]
    assert "m1" not in known.room("old").ids
