"""Signing in with an account elsewhere, against an issuer that enforces the contract."""

from urllib.parse import parse_qs, urlsplit

import httpx
import issuer_server
import pytest
from desk_browser import ADDRESS, Browser

from desk.accounts import Role
from desk.door.issuer import IssuerError

CALLBACK = "/sign-in/oidc/callback"
MAIL = "ada@shop.example"


@pytest.fixture
def issuer():
    with issuer_server.serving(f"{ADDRESS}{CALLBACK}") as server:
        yield server


@pytest.fixture
def desk(make_desk, issuer):
    return make_desk(
        oidc_issuer=issuer.url,
        oidc_client_id=issuer_server.CLIENT,
        oidc_client_secret=issuer_server.SECRET,
        session_key="k" * 32,
    )


def leave(opened, **query):
    """Go to the issuer; the address that it sends the browser back to."""
    there = opened.get("/sign-in/oidc", params=query)
    assert there.status_code == 302, there.text
    return httpx.get(there.headers["location"], trust_env=False).headers["location"]


def go(opened, **query):
    """Go there and come back."""
    return opened.get(leave(opened, **query))


def is_in(opened):
    return opened.get("/account").status_code == 200


def test_somebody_with_an_account_is_let_in_and_sent_on(desk, issuer):
    desk.accounts.people.add(MAIL, "Ada", Role.AGENT)
    opened = Browser(desk.app)
    assert "Sign in with the company account" in opened.get("/sign-in?next=/account").text
    answer = go(opened, next="/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
    assert is_in(opened)
    assert "Password</h2>" not in opened.get("/account").text, "there is none to change"
    assert issuer.refused == []


def test_the_account_is_found_again_by_the_issuer_s_own_name_for_it(desk, issuer):
    desk.accounts.people.add(MAIL, "Ada", Role.AGENT)
    assert go(Browser(desk.app)).status_code == 303
    issuer.person["email"] = "married@shop.example"
    assert go(Browser(desk.app)).status_code == 303
    issuer.person = {"sub": "sub-2", "email": MAIL, "email_verified": True}
    assert go(Browser(desk.app)).status_code == 403, "another person with the same address"


def test_somebody_with_a_password_may_come_either_way(desk, join):
    join(desk.accounts, MAIL)
    opened, other = Browser(desk.app), Browser(desk.app)
    assert go(opened).status_code == 303
    assert is_in(opened)
    assert other.sign_in(MAIL).status_code == 303


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_issuer_did_not_check_is_nobody_s(desk, issuer, verified):
    desk.accounts.people.add(MAIL, "Ada", Role.ADMINISTRATOR)
    issuer.person["email_verified"] = verified
    opened = Browser(desk.app)
    answer = go(opened)
    assert answer.status_code == 403
    assert "nobody with it may sit at this desk" in answer.text
    assert not is_in(opened)


def test_nobody_gets_an_account_by_signing_in(desk):
    opened = Browser(desk.app)
    assert go(opened).status_code == 403
    assert desk.accounts.people.all() == ()


def test_who_is_deactivated_stays_out(desk, join):
    join(desk.accounts, "boss", Role.ADMINISTRATOR)
    ada = desk.accounts.people.add(MAIL, "Ada", Role.AGENT)
    assert go(Browser(desk.app)).status_code == 303
    desk.accounts.people.deactivate(ada.id)
    assert go(Browser(desk.app)).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": issuer_server.CLIENT},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(desk, issuer, changes):
    desk.accounts.people.add(MAIL, "Ada", Role.ADMINISTRATOR)
    issuer.changes = changes
    opened = Browser(desk.app)
    answer = go(opened)
    assert answer.status_code == 403
    assert "did not work" in answer.text
    assert not is_in(opened)


@pytest.mark.parametrize("fault", ["forged", "unsigned"])
def test_a_token_that_the_issuer_did_not_sign_is_refused(desk, issuer, fault):
    desk.accounts.people.add(MAIL, "Ada", Role.ADMINISTRATOR)
    setattr(issuer, fault, True)
    opened = Browser(desk.app)
    assert go(opened).status_code == 403
    assert not is_in(opened)


class TestComingBack:
    @pytest.fixture(autouse=True)
    def _ada(self, desk):
        desk.accounts.people.add(MAIL, "Ada", Role.ADMINISTRATOR)

    def test_in_another_browser_is_refused(self, desk):
        victim = Browser(desk.app)
        back = leave(Browser(desk.app))
        assert victim.get(back).status_code == 403
        assert not is_in(victim)

    def test_twice_is_refused(self, desk):
        opened = Browser(desk.app)
        back = leave(opened)
        assert opened.get(back).status_code == 303
        assert Browser(desk.app, cookies=dict(opened.cookies)).get(back).status_code == 403

    def test_with_another_code_is_refused(self, desk, issuer):
        opened, attacker = Browser(desk.app), Browser(desk.app)
        state = parse_qs(urlsplit(leave(opened)).query)["state"][0]
        code = parse_qs(urlsplit(leave(attacker)).query)["code"][0]
        answer = opened.get(CALLBACK, params={"code": code, "state": state})
        assert answer.status_code == 403
        assert issuer.refused == ["token: ['verifier']"]

    @pytest.mark.parametrize(
        "query", ["", "code=x", "state=x", "code=x&state=x", "error=access_denied&state=x"]
    )
    def test_with_nothing_to_show_is_refused(self, desk, query):
        opened = Browser(desk.app)
        leave(opened)
        assert opened.get(f"{CALLBACK}?{query}").status_code == 403
        assert not is_in(opened)

    def test_with_a_forged_cookie_is_refused(self, desk):
        opened = Browser(desk.app)
        back = leave(opened)
        forged = Browser(desk.app)
        signed = opened.cookies["amends_oidc"]
        forged.cookies.set("amends_oidc", f"x{signed[1:]}")
        assert forged.get(back).status_code == 403


def test_nobody_is_sent_elsewhere_afterwards(desk):
    desk.accounts.people.add(MAIL, "Ada", Role.AGENT)
    answer = go(Browser(desk.app), next="//elsewhere.example")
    assert answer.headers["location"] == "/"


def test_the_cookie_of_the_way_there_goes_nowhere_else(desk):
    cookie = Browser(desk.app).get("/sign-in/oidc").headers["set-cookie"].lower()
    for part in ("path=/sign-in/oidc", "httponly", "samesite=lax", "max-age=600"):
        assert part in cookie


def test_another_issuer_at_the_address_is_refused(desk, issuer):
    issuer.claimed_issuer = "https://elsewhere.example"
    answer = Browser(desk.app).get("/sign-in/oidc")
    assert answer.status_code == 502
    assert "did not work" in answer.text


def test_an_issuer_that_is_down_is_told(make_desk):
    made = make_desk(oidc_issuer="http://127.0.0.1:1", oidc_client_id="desk", session_key="k" * 32)
    answer = Browser(made.app).get("/sign-in/oidc")
    assert answer.status_code == 502
    assert 'name="password"' in answer.text, "the other way is still there"


def test_without_an_issuer_there_is_no_such_way(make_desk):
    opened = Browser(make_desk().app)
    assert opened.get("/sign-in/oidc").status_code == 404
    assert opened.get(CALLBACK).status_code == 404
    assert "company account" not in opened.get("/sign-in").text


def test_an_issuer_without_a_client_is_refused_at_the_start(make_desk):
    with pytest.raises(IssuerError, match=r"^AMENDS_OIDC_CLIENT_ID: expected"):
        make_desk(oidc_issuer="https://sso.shop.example", session_key="k" * 32)
