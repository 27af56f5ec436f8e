"""The queue as agents read it."""

import re

import pytest

from tickets.queue import PAGE_ROWS

ROW = re.compile(r'data-reference="([^"]+)"')


def rows(page):
    return ROW.findall(page)


def test_the_most_urgent_is_on_top_with_all_that_says_so(ada, opened, scores):
    calm = opened(
        "web-1", "tracking stands still", assessment=scores("lost useless", intensity="weak")
    )
    danger = opened("web-2", "smoke came out", rule="safety", assessment=scores())
    page = ada.page()
    assert rows(page) == [danger, calm]
    first = page[page.index(danger) : page.index(calm)]
    for words in ("smoke came out", "danger", "strong", "delivery", "waits 0 min", "1 message"):
        assert words in first


def test_the_part_that_htmx_fetches_is_the_same_part(ada, opened):
    opened()
    part = ada.page("/queue")
    assert part.strip() in ada.page().replace("\r", "")
    assert "<html" not in part


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"a", "b", "c"}),
        ({"status": "claimed"}, {"b"}),
        ({"owner": "mine"}, {"b"}),
        ({"owner": "nobody"}, {"a", "c"}),
        ({"owner": "ben"}, set()),
        ({"category": "billing_and_payment"}, {"c"}),
        ({"rule": "person"}, {"a"}),
        ({"text": "CARD twice"}, {"c"}),
        ({"text": "'; DROP TABLE tickets; --"}, set()),
        ({"text": "%"}, set()),
        ({"status": "", "owner": "", "text": "  "}, {"a", "b", "c"}),
    ],
)
def test_filters_leave_what_fits(ada, store, opened, query, expected):
    references = {
        "a": opened("web-1", "a person please", rule="person"),
        "b": opened("web-2", "where is it"),
        "c": opened("web-3", "my card twice", category="billing_and_payment"),
    }
    store.takeover.claim(references["b"], "Ada", "ada")
    found = set(rows(ada.page(**query)))
    assert found == {references[name] for name in expected}
    assert found == set(rows(ada.page("/queue", **query)))


@pytest.mark.parametrize("query", [{"status": "lost"}, {"page": 0}, {"page": "x"}])
def test_a_filter_that_is_none_is_refused_in_words(ada, query):
    answer = ada.browser.get("/", params=query)
    assert answer.status_code == 422
    assert "could not read what was sent" in answer.text


def test_counts_by_owner_are_of_all_that_is_not_resolved(ada, store, opened):
    mine, done = opened("web-1"), opened("web-2")
    opened("web-3")
    store.takeover.claim(mine, "Ada", "ada")
    store.takeover.resolve(done)
    page = ada.page(text="nothing fits this")
    assert "No ticket fits these filters." in page
    owners = re.findall(r'href="/\?owner=(\w+)">(\w+) <b>(\d+)</b>', page)
    assert sorted(owners) == [("mine", "mine", "1"), ("nobody", "nobody", "1")]


def test_pages_lead_on_with_the_filters(ada, opened):
    made = {opened(f"web-{number}") for number in range(PAGE_ROWS + 1)}
    opened("web-other", category="billing_and_payment")
    first = ada.page(category="delivery")
    assert f"{PAGE_ROWS + 1} tickets, page 1 of 2" in first
    assert "/?category=delivery&amp;page=2" in first
    second = ada.page(category="delivery", page=2)
    assert set(rows(first)) | set(rows(second)) == made
    assert 'hx-get="/queue?category=delivery&amp;page=2"' in second


def test_what_shoppers_write_and_are_called_is_text(ada, store, opened):
    reference = opened("web-1", '<img src=x onerror="alert(1)">')
    store.takeover.claim(reference, "Ada", "ada")
    store.conversations.name_shopper("web-1", "<script>alert(2)</script>")
    page = ada.page(text='"><script>alert(3)</script>') + ada.page()
    assert "&lt;img src=x onerror=" in page
    assert "&lt;script&gt;alert(2)" in page
    assert "<img src=x" not in page
    assert "<script>" not in page


def test_strangers_see_nothing_and_htmx_is_sent_to_the_door(open_browser, opened):
    opened()
    stranger = open_browser()
    for path in ("/", "/queue", "/figures", "/tickets/AM-CDFGHJ", "/tickets/AM-CDFGHJ/live"):
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
        assert stranger.get(path, headers={"HX-Request": "true"}).headers["hx-redirect"]
    assert stranger.get("/events", headers={"accept": "text/event-stream"}).status_code == 401
