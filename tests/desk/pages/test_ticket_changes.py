"""Claim, release, hand back, resolve, reopen, assign."""

import threading

import pytest


def stand(store, reference):
    ticket = store.get(reference)
    return ticket.status, ticket.owner, store.conversations.owner(ticket.conversation_id).talking


@pytest.mark.parametrize(
    ("steps", "said", "expected"),
    [
        (["claim"], "The ticket is yours", ("claimed", "ada", "agent")),
        (["claim", "claim"], "The ticket is yours", ("claimed", "ada", "agent")),
        (["claim", "release"], "back in the queue", ("open", None, "waiting")),
        (["claim", "hand-back"], "answers again", ("open", None, "bot")),
        (["claim", "resolve"], "is resolved", ("resolved", "ada", "bot")),
        (["resolve", "reopen"], "is open again", ("open", None, "bot")),
    ],
)
def test_each_change_is_made_and_said(channel, ada, store, opened, steps, said, expected):
    reference = opened()
    for step in steps:
        answer = ada.do(f"/tickets/{reference}/change/{step}")
        assert answer.status_code == 200
    assert said in answer.text
    assert 'id="said"' in answer.text
    assert stand(store, reference) == expected


def test_the_shopper_is_told_at_once(channel, ada, opened):
    reference = opened()
    ada.do(f"/tickets/{reference}/change/claim")
    assert channel.kinds == ["joined"]
    assert "Ada" in channel.pushes[0]["text"]
    channel.screens = 0
    answer = ada.do(f"/tickets/{reference}/change/resolve")
    assert channel.kinds[1:] == ["left", "rating"]
    assert "The shopper is away and reads it on coming back." in answer.text


def test_a_chat_that_is_down_loses_no_change_and_is_said(ada, store, opened):
    reference = opened()
    answer = ada.do(f"/tickets/{reference}/change/claim")
    assert answer.status_code == 200
    assert "The shopper was not told yet; it is tried again." in answer.text
    assert stand(store, reference) == ("claimed", "ada", "agent")
    (untold,) = [one for one in store.outbox.undelivered(50) if one.event.event == "chat.joined"]
    assert untold.delivery == "pending"


def test_of_two_agents_at_once_one_wins_and_the_other_reads_who(channel, ada, ben, store, opened):
    for number in range(5):
        reference = opened(f"web-{number}")
        tokens = {hand: hand.browser.token() for hand in (ada, ben)}
        start, answers = threading.Barrier(2), {}

        def claim(hand, reference=reference, tokens=tokens, start=start, answers=answers):
            start.wait()
            headers = {"X-CSRF-Token": tokens[hand], "HX-Request": "true"}
            path = f"/tickets/{reference}/change/claim"
            answers[hand] = hand.browser.post(path, headers=headers)

        threads = [threading.Thread(target=claim, args=(hand,)) for hand in (ada, ben)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
        winner, loser = sorted((ada, ben), key=lambda hand: answers[hand].status_code)
        name = "Ada" if winner is ada else "Ben"
        assert stand(store, reference)[1] == name.lower()
        assert f"{name} was faster and talks with the shopper." in answers[loser].text


def test_a_refusal_speaks_of_no_command(channel, ada, store, opened):
    reference = opened()
    store.takeover.resolve(reference)
    newer = opened()
    answer = ada.do(f"/tickets/{reference}/change/reopen")
    assert answer.status_code == 409
    assert f"Go on with {newer}" in answer.text
    answer = ada.do(f"/tickets/{reference}/change/claim")
    assert answer.status_code == 409
    assert "Reopen it" in answer.text
    assert "amends tickets" not in answer.text


@pytest.mark.parametrize(
    ("to", "code", "owner", "said"),
    [
        ("ben", 200, "ben", "The ticket is for Ben."),
        ("", 200, None, "The ticket is nobody&#39;s."),
        ("eve", 409, None, "Nobody here has this account."),
    ],
)
def test_a_ticket_is_assigned_to_who_is_here(channel, ada, store, opened, to, code, owner, said):
    reference = opened()
    answer = ada.do(f"/tickets/{reference}/assign", to=to)
    assert (answer.status_code, store.get(reference).owner) == (code, owner)
    assert said in answer.text


def test_without_the_token_nothing_changes(channel, ada, store, opened):
    reference = opened()
    for path in ("change/claim", "assign", "reply", "notes", "labels"):
        answer = ada.browser.post(f"/tickets/{reference}/{path}", data={"text": "x"})
        assert answer.status_code == 403, path
    assert stand(store, reference) == ("open", None, "waiting")
    assert channel.pushes == []


def test_a_change_that_is_none_and_a_ticket_that_is_none(ada, opened):
    assert ada.do(f"/tickets/{opened()}/change/delete").status_code == 422
    assert ada.do("/tickets/AM-CDFGHJ/change/claim").status_code == 404
