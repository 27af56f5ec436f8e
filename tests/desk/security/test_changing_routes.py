"""Every address that changes something asks for a session and its token: also those to come."""

import re

import pytest
from desk_browser import FIELD

from desk.api.app import PREFIX
from desk.app import create_app

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# Forms of people who are not signed in; their own tokens are tested with them.
STRANGERS = {"/sign-in", "/welcome/{invitation}", "/new-password/{token}"}
VALUES = {"agent_id": "2", "session_id": "0" * 64, "reference": "AM-AAAAAA", "change": "claim"}


def routes_of(parts, prefix=""):
    """Method and path of each route, through routers and mounted apps."""
    for part in parts:
        inner = getattr(part, "original_router", None) or getattr(part, "app", None)
        path = prefix + (getattr(part, "path", None) or "")
        if getattr(part, "methods", None):
            yield from ((method, path) for method in part.methods)
        elif inner is not None and hasattr(inner, "routes"):
            yield from routes_of(inner.routes, path)


@pytest.fixture(scope="module")
def every_route(tmp_path_factory):
    """What the desk answers to."""
    from amends.settings import Settings
    from tickets.store import migrate

    settings = Settings(state_dir=tmp_path_factory.mktemp("routes"))
    migrate(settings.ticket_database_url)
    app = create_app(settings)
    app.state.desk.store.close()
    return sorted(set(routes_of(app.routes)))


@pytest.fixture
def changing(every_route):
    """Those of the pages that change something, with values for what is in braces."""
    found = [
        (method, re.sub(r"{(\w+)}", lambda name: VALUES.get(name[1], "1"), path))
        for method, path in every_route
        if method in CHANGING and not path.startswith(PREFIX) and path not in STRANGERS
    ]
    assert len(found) > 15
    return found


def refused(opened, routes, status, **request):
    """See that each is refused; redirects go to the sign-in page."""
    answers = {route: opened.request(*route, **request) for route in routes}
    assert {route: one.status_code for route, one in answers.items()} == dict.fromkeys(
        answers, status
    )
    return answers


def test_the_walk_finds_routes_of_every_part(every_route):
    paths = {path for _, path in every_route}
    assert {"/sign-out", "/tickets/{reference}/reply", "/administration/tokens"} <= paths
    assert f"{PREFIX}/tickets/{{reference}}/claim" in paths


def test_without_a_session_they_are_refused(open_browser, changing):
    answers = refused(open_browser(), changing, 303)
    assert {one.headers["location"] for one in answers.values()} == {"/sign-in"}


def test_without_the_token_they_are_refused(open_browser, changing):
    answers = refused(open_browser("ada"), changing, 403)
    assert all("Nothing was changed" in one.text for one in answers.values())


@pytest.mark.parametrize("token", ["x", "", "A" * 86 + "==", "ä", "\u2603" * 64])
def test_with_a_forged_token_they_are_refused(open_browser, changing, token):
    refused(open_browser("ada"), changing, 403, data={"csrf_token": token})


def test_with_a_token_in_the_address_they_are_refused(open_browser, changing):
    opened = open_browser("ada")
    refused(opened, changing, 403, params={"csrf_token": opened.token()})


@pytest.mark.parametrize("other", ["ben", "ada"], ids=["of another agent", "of another browser"])
def test_with_a_token_of_another_session_they_are_refused(open_browser, changing, other):
    token = open_browser(other).token()
    opened = open_browser("ada")
    refused(opened, changing, 403, data={"csrf_token": token})
    refused(opened, changing, 403, headers={"X-CSRF-Token": token})


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_sent_by_another_site_they_are_refused_whatever_the_token(open_browser, changing, site):
    opened = open_browser("ada")
    headers = {"X-CSRF-Token": opened.token(), "Sec-Fetch-Site": site}
    answers = refused(opened, changing, 403, headers=headers)
    assert all("Another site asked for this" in one.text for one in answers.values())


def test_with_a_token_that_was_good_before_sign_out_they_are_refused(open_browser, changing):
    opened = open_browser("ada")
    token = opened.token()
    opened.submit("/sign-out")
    refused(opened, changing, 303, headers={"X-CSRF-Token": token})


def test_every_address_of_administration_is_closed_to_agents(open_browser, every_route):
    opened = open_browser("ben")
    headers = {"X-CSRF-Token": opened.token()}
    paths = [
        (method, re.sub(r"{\w+}", "2", path))
        for method, path in every_route
        if path.startswith("/administration") and method != "HEAD"
    ]
    assert len(paths) > 8
    refused(opened, paths, 403, headers=headers)


def test_every_page_is_closed_to_strangers(open_browser, every_route):
    open_to_all = {"/health", "/sign-in", "/welcome/{invitation}", "/static"}
    open_to_all |= {"/new-password/{token}"}
    open_to_all |= {"/sign-in/oidc", "/sign-in/oidc/callback"}
    pages = [
        (method, re.sub(r"{\w+}", "2", path))
        for method, path in every_route
        if method == "GET" and not path.startswith(PREFIX) and path not in open_to_all
    ]
    assert len(pages) > 8
    answers = refused(open_browser(), pages, 303)
    assert all(one.headers["location"].startswith("/sign-in") for one in answers.values())


def test_a_cookie_is_worth_nothing_to_the_api(open_browser, every_route):
    opened = open_browser("ada")
    headers = {"X-CSRF-Token": opened.token()}
    operations = [
        (method, re.sub(r"{\w+}", "1", path))
        for method, path in every_route
        if path.startswith(PREFIX) and method != "HEAD" and not path.endswith("openapi.json")
    ]
    assert len(operations) > 10
    refused(opened, operations, 401, headers=headers)


def test_tokens_differ_from_page_to_page_and_all_are_good(open_browser):
    opened = open_browser("ada")
    tokens = {opened.token() for _ in range(5)} | set(FIELD.findall(opened.get("/account").text))
    assert len(tokens) == 6
    for token in tokens:
        answer = opened.post("/account/name", data={"csrf_token": token, "name": "Ada"})
        assert answer.status_code == 303
        answer = opened.post("/account/name", headers={"X-CSRF-Token": token}, data={"name": "A"})
        assert answer.status_code == 303
