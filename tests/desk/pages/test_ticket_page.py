"""The page of one ticket: what was said, why it is here, what was done."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tickets.conversations import Line
from tickets.notes import NewNote
from tickets.ratings import Rating

NOW = datetime.now(UTC)


def said(store, message, role, text, minutes_ago, **more):
    at = NOW - timedelta(minutes=minutes_ago)
    line = Line(
        conversation_id="web-1", message_id=message, role=role, text=text, created_at=at, **more
    )
    store.conversations.record(line)


def texts(page):
    """What the log shows, in its order, without marks."""
    log = page[page.index('role="log"') : page.index('id="reply"')]
    found = re.findall(r'<p class="text">(.*?)</p>', log, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text) for text in found]


def test_both_sides_are_shown_once_and_in_order(ada, store, opened, scores):
    text = "You lost my parcel AGAIN, useless"
    reference = opened(message="m2", text=text, assessment=scores())
    said(store, "m1", "shopper", "where is it", 9)
    said(store, "r1", "bot", "It should be there.", 8)
    said(store, "m2", "shopper", text, 7)
    said(store, "n1", "notice", "Ada is here.", 6)
    said(store, "a1", "agent", "I look into it.", 5, name="Ada")
    page = ada.page(f"/tickets/{reference}")
    assert texts(page) == [
        "where is it", "It should be there.", text, "Ada is here.", "I look into it.",
    ]  # fmt: skip


def test_it_says_why_it_is_here(ada, opened, scores):
    reference = opened(assessment=scores())
    page = ada.page(f"/tickets/{reference}")
    for words in (
        "strong and negative",
        "severity 0.78 &gt;= 0.44",
        "similarity 0.61",
        "customer service",
        "0.48",
        "and by the capitals",
        "One scored message: bad (-0.8).",
        "complaint 93 %",
    ):
        assert words in page
    marks = re.findall(r'<mark class="w(\d)" title="([^"]+)">(\w+)</mark>', page)
    assert ("3", "negative +27.0, intensity +0.5", "useless") in marks
    assert "useless" in page


def test_words_that_nobody_looked_for_are_not_said_to_be_none(ada, opened, scores):
    page = ada.page(f"/tickets/{opened(assessment=scores(evidence=None))}")
    assert "not looked for: too much to do at that moment" in page
    page = ada.page(f"/tickets/{opened('web-2', assessment=scores(words=()))}")
    assert "no single words" in page


def test_what_was_said_later_does_not_contradict_the_reason(ada, opened, scores):
    opened(assessment=scores(intensity="extreme"))
    calm = scores("hello?", (), severity=0.01, intensity="weak", category="other")
    reference = opened(text="hello?", assessment=calm, rule="person", detail="intent person")
    facts = ada.page(f"/tickets/{reference}").partition('id="facts"')[2]
    assert "severity 0.78 (a person from 0.44)" in facts
    assert "severity 0.01" not in facts


def test_the_angriest_message_says_how_strong_it_is(ada, opened, scores):
    opened(assessment=scores(intensity="extreme"))
    reference = opened(text="hello?", assessment=scores("hello?", (), intensity="weak"))
    standing = ada.page(f"/tickets/{reference}").partition('id="standing"')[2]
    assert 'class="intensity extreme"' in standing.partition('class="talks"')[0]


def test_what_a_colleague_has_is_not_changed_by_a_slip(ada, store, opened):
    reference = opened()
    store.takeover.claim(reference, "Ben <b>", "ben")
    page = ada.page(f"/tickets/{reference}")
    asked = re.findall(r'hx-confirm="([^"]+)"', page)
    assert asked == [
        f"Ben has this ticket. {words} all the same?"
        for words in ("Release", "Hand back to the assistant", "Resolve", "Assign it")
    ]
    store.takeover.release(reference)
    store.takeover.claim(reference, "Ada", "ada")
    assert "hx-confirm" not in ada.page(f"/tickets/{reference}")


def test_mood_is_a_chart_with_words_for_those_who_do_not_see_it(ada, opened, scores):
    opened(assessment=scores(valence=-0.2))
    reference = opened(assessment=scores(valence=-0.9))
    page = ada.page(f"/tickets/{reference}")
    assert 'role="img" aria-labelledby="mood-words"' in page
    assert page.count("<circle") == 2
    assert "2 scored messages, from neither good nor bad (-0.2) to bad (-0.9)" in page


def test_unscored_and_unknown_scores_are_said_to_be_so(ada, opened):
    for conversation, stored in (("web-1", None), ("web-2", {"polarity": "furious"})):
        page = ada.page(f"/tickets/{opened(conversation, assessment=stored)}")
        assert "nothing scored it" in page
        assert "No message was scored yet." in page


def test_other_tickets_notes_deeds_and_the_rating(ada, store, opened):
    earlier = opened(category="billing_and_payment")
    reference = opened()
    store.notes.add(reference, NewNote(author="ben", text="Carrier <called>"))
    store.takeover.claim(reference, "Ada", "ada")
    store.takeover.resolve(reference, "ada")
    store.ratings.rate(Rating(conversation_id="web-1", request_id=reference, score=4))
    page = ada.page(f"/tickets/{reference}")
    assert f'<a href="/tickets/{earlier}">' in page
    assert "Carrier &lt;called&gt;" in page
    deeds = page[page.index('id="deeds"') :]
    order = ["rated the help: 4 of 5", "resolved it", "claimed it", "wrote a note"]
    assert [deeds.index(words) for words in order] == sorted(deeds.index(w) for w in order)
    assert "<dt>Rating</dt><dd>4 of 5</dd>" in page
    assert "Reopen" in page


def test_a_live_update_never_holds_the_box_that_an_agent_writes_in(ada, opened):
    reference = opened()
    part = ada.page(f"/tickets/{reference}/live")
    assert "<textarea" not in part
    assert "<html" not in part
    swapped = set(re.findall(r'id="(\w+)"[^>]*hx-swap-oob', part))
    assert swapped == {"standing", "send", "facts", "notes", "deeds"}
    page = ada.page(f"/tickets/{reference}")
    assert "hx-swap-oob" not in page
    assert all(f'id="{name}"' in page for name in swapped)


def test_suggested_replies_fit_the_message(ada, opened, scores):
    page = ada.page(f"/tickets/{opened(assessment=scores())}")
    suggested = re.findall(r'class="suggestion">([^<]+)<', page)
    assert len(suggested) == 3
    assert all("your delivery" in words for words in suggested)


def test_what_shoppers_write_and_are_called_is_text(ada, store, opened, scores):
    evil = "<script>alert(1)</script> useless"
    reference = opened(text=evil, assessment=scores(evil, ("useless",)))
    said(store, "m-x", "shopper", "<img src=x onerror=alert(2)>", 3, name="<b>")
    said(store, "'\"><script>", "shopper", "hi", 2)
    store.conversations.name_shopper("web-1", "<svg onload=alert(3)>")
    opened(message="'\"><script>alert(4)</script>", text="again")
    page = ada.page(f"/tickets/{reference}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark" in page
    for evil in ("<script>alert", "<img src=x", "<svg onload", "onerror=alert(2)>"):
        assert evil not in page
    # The attribute is in single quotes, which an id cannot end.
    (values,) = re.findall(r"hx-vals='([^']*alert\(4\)[^']*)' ?>?", page)[:1]
    assert "<" not in values


@pytest.mark.parametrize("path", ["AM-CDFGHJ", "am-cdfghj", "x", "%00", "AM-<b>", "..%2F.."])
def test_a_ticket_that_is_not_there_is_not_found(ada, path):
    for end in ("", "/live"):
        answer = ada.browser.get(f"/tickets/{path}{end}")
        assert answer.status_code == 404, answer.text
        assert "<b>" not in answer.text


def test_a_reference_may_be_typed_in_small_letters(ada, opened):
    reference = opened()
    assert reference in ada.page(f"/tickets/{reference.lower().removeprefix('am-')}")
