"""Filters that an agent keeps under a name."""

import re

import pytest

from desk.saved_views import MAX_VIEWS


def links(page):
    return re.findall(r'<a href="(/\?[^"]+)"[^>]*>([^<]+)</a>\s*<form', page)


def test_a_view_is_kept_opened_and_forgotten(ada):
    answer = ada.do("/views", name=" My  open ", status="open", text="50% & more", owner="")
    assert answer.status_code == 303
    address = "/?status=open&text=50%25+%26+more"
    assert answer.headers["location"] == address
    ((link, name),) = links(ada.page())
    assert (link.replace("&amp;", "&"), name) == (address, "My open")
    shown = ada.page(address)
    assert 'aria-current="page"' in shown
    assert 'value="50% &amp; more"' in shown
    (view_id,) = re.findall(r"/views/(\d+)/delete", shown)
    assert ada.do(f"/views/{view_id}/delete").status_code == 303
    assert links(ada.page()) == []


def test_the_same_name_replaces(ada):
    ada.do("/views", name="mine", status="open")
    ada.do("/views", name="mine", status="claimed")
    assert links(ada.page()) == [("/?status=claimed", "mine")]


def test_views_are_each_agents_own(ada, ben):
    ada.do("/views", name="mine", status="open")
    (view_id,) = re.findall(r"/views/(\d+)/delete", ada.page())
    assert links(ben.page()) == []
    ben.do(f"/views/{view_id}/delete")
    assert len(links(ada.page())) == 1


@pytest.mark.parametrize(("name", "found"), [("  ", "found 0"), ("x" * 61, "found 61")])
def test_a_name_that_cannot_be_is_said(ada, name, found):
    answer = ada.do("/views", name=name, status="open")
    assert answer.status_code == 409
    assert f"Expected a name for the view, 1 to 60 characters, {found}." in answer.text
    assert links(ada.page()) == []


def test_there_is_an_end_to_views(ada):
    for number in range(MAX_VIEWS):
        ada.do("/views", name=str(number), status="open")
    answer = ada.do("/views", name="one more", status="open")
    assert answer.status_code == 409
    assert f"Expected at most {MAX_VIEWS} saved views" in answer.text
    assert ada.do("/views", name="0", status="claimed").status_code == 303


def test_a_name_is_text(ada):
    ada.do("/views", name="<b onclick=x>", status="open")
    page = ada.page()
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;" in page


def test_without_its_token_nothing_is_kept(ada):
    assert ada.browser.post("/views", data={"name": "x", "status": "open"}).status_code == 403
    assert links(ada.page()) == []
