"""What every answer carries, and what the desk does with requests that are not for it."""

import logging

import pytest
from desk_browser import Browser
from fastapi import HTTPException

from desk.security.bodies import LONGEST
from desk.security.csrf import masked, matches, new_token
from tickets.database import DatabaseFaultError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PATHS = {
    "/sign-in": 200,
    "/account": 200,
    "/administration": 200,
    "/health": 200,
    "/nothing": 404,
    "/sign-out": 405,
    "/static/door.css": 200,
    "/static/nothing.css": 404,
    "/api/v1/tickets": 401,
    "/boom": 500,
    "/refused": 418,
}


@pytest.fixture
def broken(desk):
    """A desk with addresses that fail."""

    @desk.app.get("/boom")
    def boom():
        raise ZeroDivisionError("a shopper's words: my card is 4111 1111 1111 1111")

    @desk.app.get("/refused")
    def refused():
        raise HTTPException(418, "words with <b>markup</b>")

    @desk.app.get("/no-database")
    def no_database():
        raise DatabaseFaultError("found a broken database at /secret/path")

    return desk


@pytest.mark.parametrize(("path", "status"), PATHS.items())
def test_every_answer_is_strict(broken, open_browser, path, status):
    opened = open_browser(raise_server_exceptions=False)
    if path != "/sign-in":
        opened.sign_in("ada")
    answer = opened.get(path)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    expected = "no-cache" if path.startswith("/static/") else "no-store"
    assert headers["cache-control"] == expected
    assert "traceback" not in answer.text.lower()
    assert "server" not in headers


@pytest.mark.parametrize("path", PATHS)
def test_with_https_browsers_are_told_to_stay_there(make_desk, path):
    made = make_desk(desk_url="https://desk.shop.example")
    opened = Browser(made.app, base_url="https://desk.shop.example")
    assert opened.get(path).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/administration"])
def test_pages_hold_nothing_that_their_policy_forbids(open_browser, path):
    opened = open_browser(None if path == "/sign-in" else "ada")
    page = opened.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert "javascript:" not in page
    assert "<script>" not in page
    assert not [word for word in page.split() if word.lower().startswith(("onclick=", "onload="))]


def test_a_static_file_s_address_names_its_content(open_browser):
    opened = open_browser()
    page = opened.get("/sign-in").text
    address = page.partition('href="/static/door.css')[2].partition('"')[0]
    answer = opened.get(f"/static/door.css{address}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


class TestErrors:
    def test_are_words_on_a_page(self, broken, open_browser):
        opened = open_browser(raise_server_exceptions=False)
        assert "There is nothing at this address." in opened.get("/nothing").text
        answer = opened.get("/boom")
        assert "Something went wrong on our side." in answer.text
        assert "ZeroDivision" not in answer.text
        assert "4111" not in answer.text
        assert "words with &lt;b&gt;markup&lt;/b&gt;" in opened.get("/refused").text

    def test_of_the_database_name_no_files_but_to_the_log(self, broken, open_browser, caplog):
        with caplog.at_level(logging.ERROR, "desk.errors"):
            answer = open_browser().get("/no-database")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "Nothing was changed" in answer.text
        assert "/secret/path" not in answer.text
        assert "/secret/path" in caplog.text

    def test_repeat_nothing_that_was_sent(self, open_browser):
        opened = open_browser("ada")
        answer = opened.submit("/administration/invitations", role="<script>king</script>")
        assert answer.status_code == 422
        assert "king" not in answer.text

    @pytest.mark.parametrize(
        "path", ["/<script>alert(1)</script>", "/%3Cscript%3E", "/a/../../etc"]
    )
    def test_of_strange_addresses_do_not_show_them(self, open_browser, path):
        answer = open_browser().get(path)
        assert answer.status_code == 404
        assert "script>" not in answer.text.replace("<script src", "")

    def test_a_trailing_slash_is_not_sent_on_to_any_host(self, open_browser):
        assert open_browser().get("/sign-in/").status_code == 404


class TestHost:
    GOOD = ("127.0.0.1:5070", "127.0.0.1", "localhost:5070", "LOCALHOST", "[::1]:5070")
    BAD = (
        "elsewhere.example", "127.0.0.1.elsewhere.example", "elsewhere.example:5070", "",
        "127.0.0.1@elsewhere.example", "elsewhere.example#127.0.0.1", "[::1", "localhost.",
        "elsewhere.example/127.0.0.1", "desk.shop.example.elsewhere.example", "127.0.0.1:5070x@y",
    )  # fmt: skip

    @pytest.mark.parametrize("host", GOOD)
    def test_of_the_desk_is_answered(self, open_browser, host):
        assert open_browser().get("/sign-in", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", BAD)
    @pytest.mark.parametrize("path", ["/sign-in", "/static/door.css", "/api/v1/tickets"])
    def test_of_somebody_else_is_refused(self, open_browser, host, path):
        answer = open_browser().get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "AMENDS_DESK_URL" in answer.text
        assert "elsewhere" not in answer.text
        assert answer.headers["content-security-policy"] == POLICY

    def test_twice_is_refused(self, open_browser):
        headers = [(b"host", b"127.0.0.1"), (b"host", b"elsewhere.example")]
        assert open_browser().get("/sign-in", headers=headers).status_code == 400

    def test_set_by_the_operator_is_answered(self, make_desk):
        made = make_desk(desk_url="https://desk.shop.example")
        opened = Browser(made.app, base_url="https://desk.shop.example")
        assert opened.get("/sign-in").status_code == 200
        assert opened.get("/sign-in", headers={"Host": "shop.example"}).status_code == 400


class TestBody:
    def test_up_to_the_limit_is_read(self, open_browser):
        opened = open_browser("ada")
        fields = {"csrf_token": opened.token(), "name": "Ada", "rest": "x" * (LONGEST - 400)}
        assert opened.post("/account/name", data=fields).status_code == 303

    def test_beyond_it_is_refused_in_words(self, open_browser):
        opened = open_browser("ada")
        fields = {"csrf_token": opened.token(), "name": "Ada", "rest": "x" * LONGEST}
        answer = opened.post("/account/name", data=fields)
        assert answer.status_code == 413
        assert "more than 256 kB" in answer.text
        assert answer.headers["content-security-policy"] == POLICY

    def test_that_does_not_say_how_long_it_is_is_refused(self, open_browser):
        chunks = (b"x" * 64 * 1024 for _ in range(5))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = open_browser().post("/sign-in", content=chunks, headers=headers)
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
            ("application/x-www-form-urlencoded", b"\xff\xfe&&==%%%\x00"),
            ("application/json", b"{"),
            ("text/plain; charset=nonsense", b"x"),
        ],
    )
    def test_that_is_nonsense_is_refused(self, open_browser, kind, body):
        opened = open_browser("ada")
        answer = opened.post("/account/name", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 403, 422)


class TestToken:
    def test_matches_its_own_masks_alone(self):
        one, other = new_token(), new_token()
        assert matches(masked(one), one)
        assert not matches(masked(other), one)
        assert not matches(one, one), "the stored form is no proof"

    @pytest.mark.parametrize("given", ["", "=", "A", "AAAA", "ä", "\x00", "A" * 88, "\ud800"])
    def test_forms_that_are_none_match_nothing(self, given):
        assert not matches(given, new_token())
