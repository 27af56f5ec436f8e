"""How much a browser loads that comes for the first time, and that it need not load it again."""

import gzip
import re

import pytest

from amends.serve.build_desk import build
from amends.serve.surroundings import DESK_SOURCE, desk_dir

MOST_BYTES = 80_000


@pytest.fixture
def built(desk):
    if build(DESK_SOURCE, desk_dir(desk.settings)) != 0:
        pytest.skip("npm's registry cannot be reached")
    return desk


def parts(page):
    """Whatever the page names that is loaded with it."""
    links = re.findall(r'<(?:script|link|img)[^>]*?(?:src|href)="([^"]+)"', page)
    return [link.replace("&amp;", "&") for link in links]


def sent(answer):
    """Bytes on the wire: the client unpacks, so it is packed again as the server does."""
    if answer.headers.get("content-encoding") != "gzip":
        return len(answer.content)
    return len(gzip.compress(answer.content, 9))


def test_a_page_is_small_when_it_is_cold_and_free_when_it_is_warm(built, ada, opened, scores):
    for number in range(60):
        text = f"You lost parcel {number}, useless"
        conversation, category = f"web-{number % 50}", ["delivery", "other"][number // 50]
        reference = opened(conversation, text, category, assessment=scores(text))
    for path in ("/", f"/tickets/{reference}", "/figures"):
        first = ada.browser.get(path)
        loaded = [ada.browser.get(part) for part in parts(first.text)]
        assert {answer.status_code for answer in (first, *loaded)} == {200}
        total = sum(map(sent, (first, *loaded)))
        assert 3_000 < total <= MOST_BYTES, f"{path}: {total}"
        assert all("immutable" in answer.headers["cache-control"] for answer in loaded), path
    names = {part.partition("?")[0] for part in parts(ada.page())}
    assert {"/static/htmx.min.js", "/static/sse.min.js", "/static/desk.css"} <= names


def test_an_address_changes_with_its_content(built, ada):
    (before,) = re.findall(r"/static/htmx\.min\.js\?v=\w+", ada.page())
    file = desk_dir(built.settings) / "htmx.min.js"
    file.write_text(file.read_text() + "\n")
    (after,) = re.findall(r"/static/htmx\.min\.js\?v=\w+", ada.page())
    assert before != after


def test_no_page_needs_what_the_policy_forbids(built, ada, opened, scores):
    for path in ("/", f"/tickets/{opened(assessment=scores())}", "/figures"):
        answer = ada.browser.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert not re.search(
            r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", answer.text
        )
        assert all(part.startswith("/static/") for part in parts(answer.text))


def test_licences_are_served_beside_the_scripts(built, ada):
    for name in ("htmx", "sse", "morph"):
        answer = ada.browser.get(f"/static/{name}.LICENSE.txt")
        assert answer.status_code == 200
        assert "Permission to use, copy, modify" in answer.text


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "%2e%2e/models.py", "nothing.js"])
def test_nothing_else_is_served(built, ada, name):
    assert ada.browser.get(f"/static/{name}").status_code == 404
