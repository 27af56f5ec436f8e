"""A lost password, and links that are used, expired, forged or overtaken."""

import time

import jwt
import pytest
from desk_browser import PASSWORD, Browser

from desk.accounts import Role
from desk.accounts.resets import Resets

NEW = "another four words"
KEY = "k" * 32


@pytest.fixture
def desk(make_desk, join):
    made = make_desk(session_key=KEY)
    join(made.accounts, "ada", Role.ADMINISTRATOR)
    join(made.accounts, "ben")
    return made


@pytest.fixture
def link(open_browser):
    """Address of a link for ben, as ada is shown it."""
    page = open_browser("ada").submit("/administration/agents/2/password").text
    return "/new-password/" + page.partition("/new-password/")[2].partition("<")[0]


def test_a_new_password_is_set_once_and_ends_every_session(open_browser, link):
    ben, opened = open_browser("ben"), open_browser()
    answer = opened.submit(link, link, password="short")
    assert answer.status_code == 400
    assert "12 to 200 characters" in answer.text
    answer = opened.submit(link, link, password=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert ben.get("/account").status_code == 303
    assert opened.sign_in("ben").status_code == 401
    assert opened.sign_in("ben", NEW).status_code == 303
    assert opened.get(link).status_code == 410


def test_a_link_is_overtaken_by_a_password_that_was_found_again(open_browser, link):
    open_browser("ben").submit("/account/password", old=PASSWORD, new="found it after all")
    assert open_browser().get(link).status_code == 410


def test_a_link_of_somebody_deactivated_is_none(desk, open_browser, link):
    desk.accounts.people.deactivate(2)
    assert open_browser().get(link).status_code == 410


def test_without_the_form_s_token_nothing_is_set(open_browser, link):
    assert open_browser().post(link, data={"password": NEW}).status_code == 403
    assert open_browser().sign_in("ben").status_code == 303


def test_agents_make_no_such_links(open_browser):
    answer = open_browser("ben").submit("/administration/agents/1/password")
    assert answer.status_code == 403
    assert "new-password" not in answer.text


def test_who_has_no_password_here_gets_no_link(desk, open_browser):
    desk.accounts.people.add("carol@shop.example", "Carol", Role.AGENT)
    answer = open_browser("ada").submit("/administration/agents/3/password")
    assert answer.status_code == 409
    assert "They have no password here" in answer.text


@pytest.mark.parametrize("change", ["expired", "another key", "another agent", "unsigned", "text"])
def test_a_forged_link_is_none(desk, link, change):
    token = link.rpartition("/")[2]
    claims = jwt.decode(token, options={"verify_signature": False})
    if change == "expired":
        claims["exp"] = int(time.time()) - 1
    if change == "another agent":
        claims["sub"] = "1"
    key = "x" * 32 if change == "another key" else Resets(desk.accounts, KEY)._key
    unsigned = change == "unsigned"
    forged = jwt.encode(claims, None if unsigned else key, "none" if unsigned else "HS256")
    answer = Browser(desk.app).get(f"/new-password/{'x' if change == 'text' else forged}")
    assert answer.status_code == 410
    assert "used or has expired" in answer.text
