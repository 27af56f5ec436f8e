"""What another helpdesk reads: tickets, transcripts, files, deliveries, who talks."""

import io
from datetime import UTC, datetime

import pytest
from api_world import CHAT, open_ticket
from PIL import Image

from tickets.conversations import Line
from tickets.files import check_file
from tickets.queue import PAGE_ROWS
from tickets.ratings import Rating

BASE = "/api/v1"


@pytest.fixture
def read(world, bearer):
    def get(path, scopes=(), **query):
        return world.client.get(f"{BASE}{path}", headers=bearer(*scopes), params=query)

    return get


def references(page):
    return {row["reference"] for row in page.json()["rows"]}


def test_tickets_are_found_by_every_filter(world, read):
    everything = {world.open, world.claimed, world.resolved}
    assert references(read("/tickets")) >= everything
    for query, found in [
        ({"status": "resolved"}, {world.resolved}),
        ({"owner": "ben"}, {world.claimed}),
        ({"category": "account_and_login"}, {world.resolved}),
        ({"text": world.open.lower()}, {world.open}),
        ({"rule": "no_such_rule"}, set()),
        ({"status": "open", "owner": "ben"}, set()),
    ]:
        page = read("/tickets", **query)
        assert (references(page), page.json()["total"]) == (found, len(found)), query


def test_pages_hold_every_ticket_once(world, read):
    for number in range(PAGE_ROWS + 5):
        open_ticket(world.store, "order_changes", f"web-{number:032d}", "About paging")
    pages = [read("/tickets", category="order_changes", page=page) for page in (1, 2, 3)]
    assert [len(page.json()["rows"]) for page in pages] == [PAGE_ROWS, 5, 0]
    assert {(page.json()["total"], page.json()["pages"]) for page in pages} == {(PAGE_ROWS + 5, 2)}
    assert len(references(pages[0]) | references(pages[1])) == PAGE_ROWS + 5


@pytest.mark.parametrize(
    "text",
    [
        "' OR '1'='1",
        "'; DROP TABLE tickets; --",
        "%",
        "___",
        "\\",
        '"',
        "\0",
        "\ufffd",
        "' UNION SELECT",
    ],
)
def test_sql_in_a_search_is_searched_for(world, read, text):
    for field in ("text", "owner", "category", "rule"):
        page = read("/tickets", **{field: text})
        assert (page.status_code, page.json()["rows"]) == (200, []), field
    assert world.store.get(world.open) is not None


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": -1},
        {"page": 10**30},
        {"page": "one"},
        {"status": "angry"},
        {"text": "a" * 256},
        {"statsu": "open"},
        {"status": ["open", "resolved"]},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(read, query):
    refused = read("/tickets", **query)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("typed", [str.lower, lambda ref: ref.removeprefix("AM-")])
def test_a_reference_is_read_as_a_person_types_it(world, read, typed):
    assert read(f"/tickets/{typed(world.open)}").json()["reference"] == world.open


def test_a_ticket_holds_everything_but_the_transcript(world, read):
    reference = open_ticket(world.store, conversation="web-" + "e" * 32)
    world.store.takeover.resolve(reference, "ben")
    world.store.ratings.rate(
        Rating(conversation_id="web-" + "e" * 32, request_id=reference, score=4)
    )
    story = read(f"/tickets/{reference}", ["tickets:read"]).json()
    assert (story["status"], story["rating"]) == ("resolved", 4)
    assert story["conversation"]["talking"] == "bot"
    assert [deed["action"] for deed in story["audit"]] == ["opened", "resolved", "rated"]
    (message,) = story["messages"]
    assert message["assessment"]["intensity"] == "strong"
    assert message["triage"]["rule"] == "strong_negative"


def test_the_transcript_has_both_sides_in_order(world, read):
    chat = "web-" + "d" * 32
    reference = open_ticket(world.store, conversation=chat)
    for second, role in enumerate(("shopper", "bot", "notice", "agent")):
        world.store.conversations.record(
            Line(
                conversation_id=chat,
                message_id=f"line-{second}",
                role=role,
                text=f"said by {role}",
                created_at=datetime(2026, 3, 2, 9, 0, second, tzinfo=UTC),
            )
        )
    lines = read(f"/tickets/{reference}/transcript", ["conversations:read"]).json()["lines"]
    assert [line["role"] for line in lines] == ["shopper", "bot", "notice", "agent"]
    assert read(f"/tickets/{world.claimed}/transcript").json()["lines"] == []


def test_a_file_comes_as_a_file_and_as_nothing_a_browser_would_run(world, read):
    listed = read(f"/tickets/{world.open}/attachments", ["attachments:read"]).json()["attachments"]
    (file,) = listed
    assert (file["name"], file["media_type"]) == ("parcel.png", "image/png")
    content = read(f"/attachments/{file['id']}", ["attachments:read"])
    assert Image.open(io.BytesIO(content.content)).size == (4, 4)
    assert content.headers["content-type"] == "application/octet-stream"
    assert content.headers["x-content-type-options"] == "nosniff"
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''parcel.png"


def test_the_name_of_a_file_adds_no_header(world, read):
    content = io.BytesIO()
    Image.new("RGB", (5, 5), "blue").save(content, "PNG")
    file = check_file(content.getvalue(), 'a";\r\nSet-Cookie: x=1; ö.png')
    stored = world.store.attachments.add("web-" + "c" * 32, file)
    answer = read(f"/attachments/{stored.id}")
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"].isascii()


@pytest.mark.parametrize(
    "path",
    [
        "/attachments/nothing",
        "/attachments/" + "0" * 32,
        "/attachments/%00",
        "/tickets/AM-CCCCCC",
        "/tickets/%00",
        "/tickets/AM-CCCCCC/transcript",
        "/tickets/AM-CCCCCC/attachments",
        "/tickets/AM-CCCCCC/notes",
        "/tickets/AM-CCCCCC/labels",
        "/conversations/web-nobody",
        "/conversations/%00",
        "/conversations/%ff",
        "/conversations/a%2Fb",
    ],
)
def test_what_is_not_there_is_not_found(read, path):
    answer = read(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"].startswith("Expected ")


def test_a_conversation_says_who_talks_and_names_its_tickets(world, read):
    chat = world.store.get(world.claimed).conversation_id
    found = read(f"/conversations/{chat}", ["conversations:read"]).json()
    assert (found["talking"], found["agent"]) == ("agent", "Ben")
    assert found["tickets"] == [world.claimed]
    two = read(f"/conversations/{CHAT}").json()["tickets"]
    assert two[0] == world.open
    assert two[-1] == world.resolved


def test_what_is_not_delivered_is_listed_by_how_it_stands(world, read):
    pending = read("/deliveries", ["deliveries:read"], delivery="pending").json()["deliveries"]
    assert {row["delivery"] for row in pending} == {"pending"}
    event = world.store.outbox.lease_these([pending[0]["id"]])[0]
    world.store.outbox.failed(event, "HTTP 500", None)
    (dead,) = read("/deliveries", delivery="dead").json()["deliveries"]
    assert (dead["id"], dead["attempts"], dead["last_error"]) == (pending[0]["id"], 1, "HTTP 500")
    assert dead["reference"].startswith("AM-")
    assert len(read("/deliveries", limit=2).json()["deliveries"]) == 2
    assert "Where is it?" not in read("/deliveries").text


@pytest.mark.parametrize("query", [{"delivery": "sent"}, {"limit": 0}, {"limit": 10**30}, {"x": 1}])
def test_deliveries_are_not_asked_for_in_vain(read, query):
    assert read("/deliveries", **query).status_code == 422
