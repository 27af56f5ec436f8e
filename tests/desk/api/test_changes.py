"""What another helpdesk does to a ticket: on record, told to the shopper, once."""

from itertools import count

import pytest
import tickets_channel
from api_world import open_ticket

BASE = "/api/v1/tickets"
CHATS = count(1)


@pytest.fixture
def chat():
    return f"web-{next(CHATS):032x}"


@pytest.fixture
def reference(world, chat):
    return open_ticket(world.store, conversation=chat)


@pytest.fixture
def post(world, bearer, reference):
    """Sends a change of this test's ticket."""

    def send(change, json=None, key=None, scopes=(), of=None):
        headers = {**bearer(*scopes), **({"Idempotency-Key": key} if key else {})}
        return world.client.post(f"{BASE}/{of or reference}/{change}", headers=headers, json=json)

    return send


@pytest.fixture
def claimed(post, reference):
    assert post("claim", {"agent": "Anna"}).status_code == 200
    return reference


def pushed(world, chat):
    return [push for push in world.channel.on_screen.values() if push["conversation"] == chat]


def deeds(world, reference):
    return [(deed.actor, deed.action) for deed in world.store.notes.deeds(reference)]


def test_a_ticket_goes_its_way_under_the_name_of_the_token(world, post, reference, chat):
    state = post("claim", {"agent": " Anna  B. "}).json()
    assert state == {
        "reference": reference,
        "status": "claimed",
        "owner": "token:shop 0",
        "conversation_id": chat,
        "talking": "agent",
        "agent": "Anna B.",
    }
    assert post("release").json()["talking"] == "waiting"
    assert post("claim", {"agent": "Cleo"}).json()["agent"] == "Cleo"
    assert post("hand-back").json()["talking"] == "bot"
    assert post("resolve").json()["status"] == "resolved"
    assert post("reopen").json()["status"] == "open"
    actions = ["claimed", "released", "claimed", "handed_back", "resolved", "reopened"]
    assert deeds(world, reference) == [
        ("shopper", "opened"),
        *(("token:shop 0", action) for action in actions),
    ]


def test_the_shopper_is_told_right_after(world, post, claimed, chat):
    (joined,) = pushed(world, chat)
    assert (joined["kind"], joined["name"]) == ("joined", "Anna")
    post("resolve")
    assert [push["kind"] for push in pushed(world, chat)] == ["joined", "left", "rating"]


def test_a_chat_that_is_down_holds_no_change_up_and_the_shopper_is_told_later(
    world, post, reference, monkeypatch, caplog
):
    monkeypatch.setattr(world.channel, "breaks", [tickets_channel.hang_up] * 2)
    assert post("claim", {"agent": "Anna"}).status_code == 200
    assert f"{reference}: the shopper is told later" in caplog.text
    waiting = world.store.outbox.undelivered(1000, "pending")
    assert "chat.joined" in {row.event.event for row in waiting if row.event.reference == reference}


def test_doing_it_again_changes_nothing(world, post, claimed):
    before = deeds(world, claimed)
    assert post("claim", {"agent": "Anna"}).status_code == 200
    assert deeds(world, claimed) == before


@pytest.mark.parametrize(
    ("change", "body", "words"),
    [
        ("claim", {"agent": "Anna"}, "Expected a ticket that is not resolved"),
        ("release", None, "Expected a ticket that is not resolved"),
        ("hand-back", None, "Expected a ticket that is not resolved"),
        ("assign", {"to": None}, "Expected a ticket that is not resolved"),
    ],
)
def test_what_a_resolved_ticket_does_not_allow_is_a_conflict(post, reference, change, body, words):
    post("resolve")
    response = post(change, body)
    assert response.status_code == 409
    assert words in response.json()["detail"]


def test_of_two_who_claim_the_second_is_told_who_has_it(world, post):
    response = post("claim", {"agent": "Anna"}, of=world.claimed)
    assert response.status_code == 409
    assert response.json()["detail"] == (
        f"Expected a conversation that nobody else has, found {world.claimed} with Ben. "
        "See how it stands with GET /api/v1/tickets/{reference}."
    )


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\x07", "a" * 101])
def test_a_name_that_nobody_could_read_is_refused(post, reference, name):
    response = post("claim", {"agent": name})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("body.agent: ")


def test_a_ticket_is_for_an_agent_of_the_desk(world, post, reference):
    invitation = world.desk.accounts.invitations.invite("agent")
    world.desk.accounts.welcome(invitation, "dora", "Dora", "four words nobody pairs")
    assert post("assign", {"to": "dora"}).json()["owner"] == "dora"
    assert deeds(world, reference)[-1] == ("token:shop 0", "assigned")
    assert post("assign", {"to": None}).json()["owner"] is None


@pytest.mark.parametrize("login", ["nobody", "", "\0", "' OR 1=1 --"])
def test_a_ticket_is_for_nobody_who_is_not_there(world, post, reference, login):
    response = post("assign", {"to": login})
    assert response.status_code == 409
    assert "Expected the login of an agent" in response.json()["detail"]
    assert world.store.get(reference).owner is None


CHANGES = [
    "claim",
    "release",
    "assign",
    "hand-back",
    "resolve",
    "reopen",
    "reply",
    "notes",
    "labels",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "unknown", ["AM-AAAAAA", "AM-CCCCCC", "x", "%00", "%F0%9F%98%80", "1%27--"]
)
def test_a_ticket_that_is_not_there_is_not_found(post, change, unknown):
    bodies = {"claim": {"agent": "Anna"}, "assign": {"to": None}, "labels": {"escalate": False}}
    response = post(change, bodies.get(change, {"text": "Hello"}), key="k-0000001", of=unknown)
    assert response.status_code == 404
    detail = response.json()["detail"]
    assert detail.startswith("Expected the reference of a ticket")
    assert detail.endswith(" List tickets with GET /api/v1/tickets.")
    assert "`amends" not in detail


def test_a_reply_is_on_the_screen_and_on_the_ticket(world, post, claimed, chat):
    sent = post("reply", {"text": "It comes tomorrow."}, "key-1234")
    assert (sent.status_code, sent.json()["shown"]) == (200, 1)
    push = pushed(world, chat)[-1]
    assert (push["id"], push["text"], push["name"]) == (
        sent.json()["message_id"],
        "It comes tomorrow.",
        "Anna",
    )
    (line,) = world.store.conversations.lines(chat)
    assert (line.role, line.name, line.text) == ("agent", "Anna", "It comes tomorrow.")


def test_a_reply_with_the_same_key_is_sent_once(world, post, claimed, chat):
    first = post("reply", {"text": "Tomorrow."}, "key-1234").json()
    asked = len(world.channel.pushes)
    again = post("reply", {"text": "Tomorrow."}, "key-1234")
    assert again.json() == {"message_id": first["message_id"], "shown": None}
    assert len(world.channel.pushes) == asked
    assert len(world.store.conversations.lines(chat)) == 1
    other = post("reply", {"text": "Tomorrow."}, "key-5678").json()
    assert other["message_id"] != first["message_id"]


def test_a_key_that_comes_again_with_other_words_is_refused(world, post, claimed, chat):
    post("reply", {"text": "Tomorrow."}, "key-1234")
    refused = post("reply", {"text": "Today!"}, "key-1234")
    assert refused.status_code == 422
    assert "use a new key for a new reply" in refused.json()["detail"]
    assert [line.text for line in world.store.conversations.lines(chat)] == ["Tomorrow."]


def test_a_reply_of_which_nobody_knows_is_sent_again_with_its_key(
    world, post, claimed, chat, monkeypatch
):
    monkeypatch.setattr(world.channel, "breaks", [tickets_channel.hang_up] * 2)
    uncertain = post("reply", {"text": "Tomorrow."}, "key-1234")
    assert uncertain.status_code == 502
    assert "send it again with the same Idempotency-Key" in uncertain.json()["detail"]
    assert world.store.conversations.lines(chat) == ()
    assert post("reply", {"text": "Tomorrow."}, "key-1234").status_code == 200
    assert [push["text"] for push in pushed(world, chat)].count("Tomorrow.") == 1
    assert len(world.store.conversations.lines(chat)) == 1


def test_a_chat_that_refuses_is_not_said_to_have_it(world, post, claimed, chat, monkeypatch):
    refusal = [lambda handler: tickets_channel.answer(handler, 503, {"words": "Starting."})]
    monkeypatch.setattr(world.channel, "breaks", refusal)
    refused = post("reply", {"text": "Tomorrow."}, "key-1234")
    assert refused.status_code == 502
    assert "Your reply was not sent. Expected the assistant" in refused.json()["detail"]
    assert world.store.conversations.lines(chat) == ()


def test_personal_data_is_not_kept(world, post, claimed, chat):
    text = "Write to anna.smith@mail.example please."
    assert post("reply", {"text": text}, "key-1234").status_code == 200
    assert pushed(world, chat)[-1]["text"] == text, "the shopper reads what was written"
    assert "anna.smith" not in world.store.conversations.lines(chat)[0].text
    note = post("notes", {"text": text})
    assert note.status_code == 201
    assert "anna.smith" not in note.text
    assert "anna.smith" not in world.store.notes.of(claimed)[0].text


def test_nobody_speaks_on_a_ticket_that_is_not_theirs(world, post, reference):
    unclaimed = post("reply", {"text": "Hello"}, "key-1234")
    assert unclaimed.status_code == 409
    detail = unclaimed.json()["detail"]
    assert detail.startswith(
        f"Expected a ticket that somebody has claimed, found {reference} open."
    )
    assert "`amends" not in detail
    bens = post("reply", {"text": "Hello"}, "key-1234", of=world.claimed)
    assert bens.status_code == 409
    assert f"Expected {world.claimed} to be yours, found it with Ben" in bens.json()["detail"]


def test_nobody_speaks_in_the_name_of_another_token(world, post, claimed, chat):
    scopes = ("conversations:write",)
    other = post("reply", {"text": "Hello"}, "key-1234", scopes)
    assert other.status_code == 409
    assert world.store.conversations.lines(chat) == ()


@pytest.mark.parametrize("key", [None, "", "short", "a" * 256, "with blank", "k\u00e9y-12345"])
def test_a_reply_needs_a_key(world, post, claimed, chat, key):
    refused = post("reply", {"text": "Hello"}, key.encode() if key else None)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("header.Idempotency-Key: ")
    assert world.store.conversations.lines(chat) == ()


def test_notes_are_for_agents_and_listed_in_order(world, bearer, post, reference, chat):
    for text in ("Called the carrier.", "They look for it."):
        note = post("notes", {"text": text})
        assert (note.status_code, note.json()["author"]) == (201, "token:shop 0")
    listed = world.client.get(f"{BASE}/{reference}/notes", headers=bearer()).json()["notes"]
    assert [note["text"] for note in listed] == ["Called the carrier.", "They look for it."]
    assert deeds(world, reference)[-1] == ("token:shop 0", "noted")
    assert pushed(world, chat) == []


def test_labels_are_kept_with_who_said_so(world, bearer, post, reference):
    message = world.store.get(reference).messages[0].message_id
    made = post("labels", {"polarity": "neutral", "category": "other", "message_id": message})
    assert made.status_code == 201
    post("labels", {"escalate": False})
    listed = world.client.get(f"{BASE}/{reference}/labels", headers=bearer()).json()["labels"]
    assert listed[0] == made.json()
    said = [{k: v for k, v in label["correction"].items() if v is not None} for label in listed]
    assert said == [{"polarity": "neutral", "category": "other"}, {"escalate": False}]
    assert {label["by"] for label in listed} == {"token:shop 0"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "Expected a correction of polarity, intensity, category or escalate"),
        ({"polarity": None}, 422, "Expected a correction of polarity"),
        ({"polarity": "angry"}, 422, "body.polarity"),
        ({"escalate": "yes"}, 422, "body.escalate"),
        ({"escalate": 1}, 422, "body.escalate"),
        ({"category": "weather"}, 422, "Expected category to be one of delivery"),
        ({"category": "a\0"}, 422, "Expected category to be one of delivery"),
        ({"escalate": True, "message_id": "no"}, 404, "Expected the id of a message on"),
        ({"escalate": True, "message_id": "\0"}, 404, "Expected the id of a message on"),
    ],
)
def test_a_label_that_makes_no_sense_is_refused(world, post, reference, body, status, words):
    refused = post("labels", body)
    assert refused.status_code == status
    assert words in refused.json()["detail"]
    assert world.store.labels.history(reference) == ()
