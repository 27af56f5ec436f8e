"""Administrators make and revoke tokens; nobody else does."""

import re

import pytest

PAGE = "/administration/tokens"
SECRET = re.compile(r"amends_[A-Za-z0-9_-]{43}")


def made(browser, **fields):
    fields = {"name": "helpdesk", "scopes": ["tickets:read"], "days": "30", **fields}
    return browser.submit(PAGE, PAGE, **fields)


def get(browser, secret):
    return browser.get("/api/v1/tickets", headers={"Authorization": f"Bearer {secret}"})


def test_a_token_is_shown_once_and_works(open_browser):
    ada = open_browser("ada")
    shown = made(ada)
    secret = SECRET.search(shown.text)[0]
    assert shown.headers["cache-control"] == "no-store"
    assert get(open_browser(), secret).status_code == 200
    again = ada.get(PAGE).text
    assert not SECRET.search(again)
    assert "helpdesk" in again
    assert "by ada" in again


def test_a_token_is_revoked_from_the_next_request_on(open_browser, desk):
    ada = open_browser("ada")
    secret = SECRET.search(made(ada).text)[0]
    token = desk.app.state.desk.tokens.list()[0]
    answer = ada.submit(f"{PAGE}/{token.id}/revoke", PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert get(open_browser(), secret).status_code == 401
    assert "revoked" in ada.get(PAGE).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Expected the name of the program"),
        ({"scopes": []}, "Expected scopes out of tickets:read"),
        ({"scopes": ["root"]}, "found &#39;root&#39;"),
        ({"days": "0"}, "Expected 1 to 3650 days, found 0"),
    ],
)
def test_a_form_that_makes_no_sense_is_told(open_browser, desk, fields, words):
    answer = made(open_browser("ada"), **fields)
    assert answer.status_code == 409
    assert words in answer.text
    assert desk.app.state.desk.tokens.list() == ()


def test_a_token_that_is_not_there_cannot_be_revoked(open_browser):
    answer = open_browser("ada").submit(f"{PAGE}/77/revoke", PAGE)
    assert answer.status_code == 409
    assert "Expected the number of a token, found 77" in answer.text


def test_a_name_is_no_markup(open_browser):
    answer = made(open_browser("ada"), name="<script>alert(1)</script>")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_an_agent_has_no_tokens_to_give(open_browser, desk):
    ben = open_browser("ben")
    assert ben.get(PAGE).status_code == 403
    token = ben.token()
    refused = ben.post(PAGE, data={"csrf_token": token, "name": "x", "scopes": "tickets:read"})
    assert refused.status_code == 403
    assert ben.post(f"{PAGE}/1/revoke", data={"csrf_token": token}).status_code == 403
    assert desk.app.state.desk.tokens.list() == ()


def test_another_site_makes_no_token(open_browser, desk):
    ada = open_browser("ada")
    for fields in ({}, {"csrf_token": "wrong"}):
        refused = ada.post(PAGE, data={"name": "x", "scopes": "tickets:read", **fields})
        assert refused.status_code == 403
    assert desk.app.state.desk.tokens.list() == ()


def test_whoever_is_not_signed_in_is_sent_to_the_door(open_browser):
    assert open_browser().get(PAGE).headers["location"].startswith("/sign-in")


def test_nothing_of_the_api_works_with_the_cookie_of_an_administrator(open_browser):
    ada = open_browser("ada")
    assert ada.get("/account").status_code == 200
    for method, path in [
        ("GET", "/api/v1/tickets"),
        ("GET", "/api/v1/deliveries"),
        ("POST", "/api/v1/tickets/AM-K7RD4X/claim"),
    ]:
        headers = {"X-CSRF-Token": ada.token()}
        assert ada.request(method, path, headers=headers, json={}).status_code == 401
