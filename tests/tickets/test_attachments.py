"""Attachments in the store, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import tickets.attachments
from tickets.attachments import TooManyFilesError
from tickets.files import CheckedFile
from tickets.store import TicketStoreError

EVERY_BYTE = bytes(range(256)) * 20


def file(content=EVERY_BYTE, name="parcel.jpg"):
    return CheckedFile(name, "image/jpeg", content)


def test_file_comes_back_byte_for_byte(any_store):
    stored = any_store.attachments.add("web-1", file(name="Pak\u00eat \U0001f4e6.jpg"))
    assert (stored.name, stored.media_type) == ("Pak\u00eat \U0001f4e6.jpg", "image/jpeg")
    assert (stored.conversation_id, stored.size) == ("web-1", len(EVERY_BYTE))
    assert any_store.attachments.read(stored.id) == (stored, EVERY_BYTE)
    assert any_store.attachments.of("web-1") == (stored,)
    assert any_store.attachments.of("web-2") == ()


def test_same_content_again_is_the_same_attachment(any_store):
    first = any_store.attachments.add("web-1", file())
    assert any_store.attachments.add("web-1", file(name="again.jpg")) == first
    other = any_store.attachments.add("web-2", file())
    assert other.id != first.id
    assert any_store.attachments.of("web-1") == (first,)


def test_same_content_from_two_at_once_is_one_attachment(any_store):
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: any_store.attachments.add("web-1", file()), range(8)))
    assert len({one.id for one in added}) == 1


def test_conversation_has_its_share_of_files(any_store, monkeypatch):
    monkeypatch.setattr(tickets.attachments, "MAX_FILES", 2)
    kept = [any_store.attachments.add("web-1", file(bytes([n]))) for n in (1, 2)]
    with pytest.raises(TooManyFilesError, match="at most 2 files in a conversation"):
        any_store.attachments.add("web-1", file(b"3"))
    assert any_store.attachments.of("web-1") == tuple(kept)
    assert any_store.attachments.add("web-1", file(b"\x01")) == kept[0]
    assert any_store.attachments.add("web-2", file(b"3")).size == 1


@pytest.mark.parametrize("identifier", ["", "none", "' OR 1=1 --", "x" * 5000])
def test_unknown_attachment_is_told(any_store, identifier):
    any_store.attachments.add("web-1", file())
    with pytest.raises(
        TicketStoreError, match=r"id of an attachment, found .* which none has\. See"
    ):
        any_store.attachments.read(identifier)
