"""Signing in and out, as a browser sees it."""

import pytest
from desk_browser import PASSWORD, Browser

from desk.accounts.agents import Role

SESSION, DOOR = "amends_desk", "amends_door"


def test_a_page_asks_who_it_is_and_goes_on_where_it_was_asked_for(open_browser):
    opened = open_browser()
    answer = opened.get("/account?x=1&y=ü")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Faccount%3Fx%3D1%26y%3D%25C3%25BC"
    page = opened.get(answer.headers["location"])
    assert 'name="next" value="/account?x=1&amp;y=%C3%BC"' in page.text
    answer = opened.sign_in("ada", next="/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
    assert opened.get("/account").status_code == 200
    assert opened.get("/sign-in?next=/administration").headers["location"] == "/administration"


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Accept": "text/event-stream"}])
def test_a_part_of_a_page_is_not_answered_with_the_sign_in_page(open_browser, headers):
    answer = open_browser().get("/account", headers=headers)
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers.get("HX-Redirect") == ("/sign-in" if "HX-Request" in headers else None)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere",
        "/\t/elsewhere.example", "/\n/elsewhere.example", "javascript:alert(1)", " //elsewhere",
        "///elsewhere.example", "http:elsewhere.example", "account", "//[", "/%0d\r\nSet-Cookie: x",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(open_browser, elsewhere):
    opened = open_browser()
    assert 'name="next" value="/"' in opened.get("/sign-in", params={"next": elsewhere}).text
    assert opened.sign_in("ada", next=elsewhere).headers["location"] == "/"
    answer = opened.get("/sign-in", params={"next": elsewhere})
    assert answer.headers["location"] == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(open_browser):
    opened = open_browser()
    wrong, nobody = opened.sign_in("ada", "wrong"), opened.sign_in("nobody", "wrong")
    assert wrong.status_code == nobody.status_code == 401
    words = "Login and password do not match an account."
    assert words in wrong.text
    assert words in nobody.text
    assert SESSION not in opened.cookies
    assert 'value="ada"' in wrong.text
    assert "wrong" not in wrong.text.replace("wrongly", "")


def test_too_many_wrong_ones_are_told_to_wait(open_browser, clock):
    opened = open_browser()
    for _ in range(5):
        answer = opened.sign_in("ada", "wrong")
        if answer.status_code == 429:
            clock.advance(seconds=int(answer.headers["retry-after"]))
    answer = [opened.sign_in("ada", "wrong") for _ in range(2)][-1]
    assert answer.status_code == 429
    seconds = int(answer.headers["retry-after"])
    assert seconds > 1
    assert f"Wait {seconds} seconds and try again." in answer.text
    assert opened.sign_in("ada").status_code == 429, "the right one has to wait too"
    assert open_browser(address="198.51.100.9").sign_in("ada").status_code == 303, "not elsewhere"
    clock.advance(seconds=seconds)
    assert opened.sign_in("ada").status_code == 303


@pytest.mark.parametrize(
    "login", ["ada' OR '1'='1", "'; DROP TABLE agents; --", "ada\x00", "<script>alert(1)</script>"]
)
def test_a_login_of_code_does_nothing(open_browser, login):
    opened = open_browser()
    answer = opened.sign_in(login)
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
    assert opened.sign_in("ada").status_code == 303


class TestSession:
    def test_cookie_is_out_of_reach_of_scripts_and_other_sites(self, open_browser):
        cookie = open_browser().sign_in("ada").headers["set-cookie"]
        assert cookie.startswith(f"{SESSION}=")
        for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"):
            assert part in cookie
        assert "Secure" not in cookie
        assert "Domain" not in cookie

    def test_cookie_is_for_https_alone_where_the_desk_is(self, make_desk, join):
        made = make_desk(desk_url="https://desk.shop.example")
        join(made.accounts, "ada")
        opened = Browser(made.app, base_url="https://desk.shop.example")
        form = opened.get("/sign-in").headers["set-cookie"]
        cookies = opened.sign_in("ada").headers.get_list("set-cookie")
        assert form.startswith(f"__Host-{DOOR}=")
        assert cookies[0].startswith(f"__Host-{SESSION}=")
        assert all("Secure" in cookie and "Path=/" in cookie for cookie in (form, *cookies))
        assert opened.get("/account").status_code == 200

    def test_is_another_after_each_sign_in_and_the_one_before_ends(self, open_browser):
        opened, thief = open_browser("ada"), open_browser()
        first = opened.cookies[SESSION]
        thief.cookies.set(SESSION, first)
        assert thief.get("/account").status_code == 200
        # A second window still shows the form.
        form = open_browser()
        token = form.token("/sign-in")
        opened.cookies.set(DOOR, form.cookies[DOOR], domain="127.0.0.1")
        fields = {"csrf_token": token, "login": "ada", "password": PASSWORD}
        assert opened.post("/sign-in", data=fields).status_code == 303
        assert opened.cookies[SESSION] != first
        assert thief.get("/account").status_code == 303

    def test_that_somebody_planted_is_never_taken_over(self, open_browser):
        opened = open_browser()
        opened.cookies.set(SESSION, "planted-by-somebody-else", domain="127.0.0.1")
        opened.sign_in("ada")
        assert "planted" not in opened.cookies[SESSION]
        attacker = open_browser()
        attacker.cookies.set(SESSION, "planted-by-somebody-else")
        assert attacker.get("/account").status_code == 303

    def test_stolen_is_worth_nothing_after_sign_out(self, open_browser):
        opened, thief = open_browser("ada"), open_browser()
        thief.cookies.set(SESSION, opened.cookies[SESSION])
        assert thief.get("/account").status_code == 200
        answer = opened.submit("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert SESSION not in opened.cookies
        assert thief.get("/account").status_code == 303
        assert opened.get("/account").status_code == 303

    @pytest.mark.parametrize("forged", ["", "x", "a" * 43, "' OR 1=1", "%00", "\u00e4" * 9])
    def test_forged_is_none(self, open_browser, forged):
        open_browser("ada")
        raw = f"{SESSION}={forged}".encode("latin-1")
        answer = open_browser().get("/account", headers=[(b"cookie", raw)])
        assert answer.status_code == 303

    def test_revoked_by_its_owner_is_out_at_once(self, open_browser):
        here, there = open_browser("ada"), open_browser("ada")
        there_id = here.app.state.desk.accounts.sessions.find(there.cookies[SESSION]).id
        assert f"/account/sessions/{there_id}/end" in here.get("/account").text
        assert here.submit(f"/account/sessions/{there_id}/end").status_code == 303
        assert there.get("/account").status_code == 303
        assert here.get("/account").status_code == 200
        assert here.submit(f"/account/sessions/{there_id}/end").status_code == 404

    def test_all_others_are_ended_together(self, open_browser):
        here, *others = [open_browser("ada") for _ in range(3)]
        ben = open_browser("ben")
        assert here.submit("/account/sessions/end-others").status_code == 303
        assert [other.get("/account").status_code for other in others] == [303, 303]
        assert here.get("/account").status_code == ben.get("/account").status_code == 200

    def test_of_somebody_else_is_not_mine_to_end(self, open_browser, desk):
        ada, ben = open_browser("ada"), open_browser("ben")
        adas = desk.accounts.sessions.find(ada.cookies[SESSION]).id
        assert ben.submit(f"/account/sessions/{adas}/end").status_code == 404
        assert ada.get("/account").status_code == 200

    def test_idle_for_12_hours_is_over(self, open_browser, clock):
        opened = open_browser("ada")
        clock.advance(hours=12)
        assert opened.get("/account").status_code == 303


class TestForm:
    def test_without_its_token_lets_nobody_in(self, open_browser):
        opened = open_browser()
        opened.get("/sign-in")
        answer = opened.post("/sign-in", data={"login": "ada", "password": PASSWORD})
        assert answer.status_code == 403
        assert "open for too long" in answer.text
        assert SESSION not in opened.cookies

    def test_of_another_browser_lets_nobody_in(self, open_browser):
        opened, other = open_browser(), open_browser()
        opened.get("/sign-in")
        fields = {"csrf_token": other.token("/sign-in"), "login": "ada", "password": PASSWORD}
        assert opened.post("/sign-in", data=fields).status_code == 403

    def test_with_a_forged_cookie_lets_nobody_in(self, open_browser):
        opened = open_browser()
        opened.cookies.set(DOOR, "not-hex")
        fields = {"csrf_token": "bm90LWhleA==", "login": "ada", "password": PASSWORD}
        assert opened.post("/sign-in", data=fields).status_code == 403
        assert opened.sign_in("ada").status_code == 303, "the page gives it a good one"

    def test_sent_by_another_site_lets_nobody_in(self, open_browser):
        opened = open_browser()
        fields = {"csrf_token": opened.token("/sign-in"), "login": "ada", "password": PASSWORD}
        for site in ("cross-site", "same-site"):
            answer = opened.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 403
        answer = opened.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303


class TestWelcome:
    def test_makes_the_account_and_signs_in(self, open_browser, desk):
        opened = open_browser()
        path = f"/welcome/{desk.accounts.invitations.invite(Role.ADMINISTRATOR)}"
        assert "an administrator" in opened.get(path).text
        answer = opened.submit(
            path, path, login="carol@shop.example", name="Carol", password=PASSWORD
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert opened.get("/administration").status_code == 200
        again = opened.get(path)
        assert again.status_code == 410
        assert "used or has expired" in again.text

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, open_browser, desk):
        opened = open_browser()
        path = f"/welcome/{desk.accounts.invitations.invite(Role.AGENT)}"
        answer = opened.submit(path, path, login="ada", name="<b>Carol", password=PASSWORD)
        assert answer.status_code == 400
        assert "The login ada is taken" in answer.text
        assert 'value="&lt;b&gt;Carol"' in answer.text
        assert PASSWORD not in answer.text
        answer = opened.submit(path, path, login="carol", name="Carol", password="short")
        assert "12 to 200 characters, this one has 5" in answer.text

    @pytest.mark.parametrize("secret", ["x", "..%2f", "%00", "a" * 5000])
    def test_a_link_that_is_none_is_told(self, open_browser, secret):
        assert open_browser().get(f"/welcome/{secret}").status_code in (404, 410)

    def test_an_expired_link_is_told(self, open_browser, desk, clock):
        opened = open_browser()
        path = f"/welcome/{desk.accounts.invitations.invite(Role.AGENT)}"
        fields = {"login": "carol", "name": "Carol", "password": PASSWORD}
        token = opened.token(path)
        clock.advance(hours=24)
        answer = opened.post(path, data={"csrf_token": token, **fields})
        assert (answer.status_code, opened.get(path).status_code) == (410, 410)
        assert "carol" not in [one.agent.login for one in desk.accounts.people.all()]

    def test_without_the_form_s_token_makes_no_account(self, open_browser, desk):
        path = f"/welcome/{desk.accounts.invitations.invite(Role.AGENT)}"
        fields = {"login": "carol", "name": "Carol", "password": PASSWORD}
        assert open_browser().post(path, data=fields).status_code == 403
        assert len(desk.accounts.people.all()) == 2


class TestAccount:
    def test_a_name_is_shown_as_text(self, open_browser):
        opened = open_browser("ada")
        assert opened.submit("/account/name", name="<script>alert(1)</script>").status_code == 303
        for path in ("/account", "/administration"):
            page = opened.get(path).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_a_browser_s_own_name_is_shown_as_text(self, open_browser):
        opened = open_browser(headers={"User-Agent": "<img src=x onerror=alert(1)>"})
        opened.sign_in("ada")
        assert "<img" not in opened.get("/account").text

    def test_a_name_that_cannot_be_is_told(self, open_browser):
        answer = open_browser("ada").submit("/account/name", name=" ")
        assert answer.status_code == 400
        assert "A name has 1 to 100 characters" in answer.text

    def test_a_new_password_ends_other_sessions(self, open_browser):
        here, there = open_browser("ada"), open_browser("ada")
        new = "another four words"
        answer = here.submit("/account/password", old="wrong", new=new)
        assert (answer.status_code, there.get("/account").status_code) == (400, 200)
        answer = here.submit("/account/password", old=PASSWORD, new=new)
        assert answer.headers["location"] == "/account?done=password"
        assert "signed out everywhere else" in here.get("/account?done=password").text
        assert there.get("/account").status_code == 303
        assert open_browser().sign_in("ada", new).status_code == 303

    def test_guessing_the_password_in_a_stolen_session_is_slowed_down(self, open_browser):
        opened = open_browser("ada")
        answers = [
            opened.submit("/account/password", old="wrong", new="another four words")
            for _ in range(4)
        ]
        assert "Too many wrong passwords" in answers[-1].text


class TestAdministration:
    @pytest.mark.parametrize("path", ["/administration", "/administration/agents/1"])
    def test_is_for_administrators(self, open_browser, path):
        answer = open_browser("ben").get(path)
        assert answer.status_code == 403
        assert "This is for administrators." in answer.text
        assert "/administration" not in open_browser("ben").get("/account").text

    def test_an_invitation_is_shown_once(self, open_browser):
        opened = open_browser("ada")
        answer = opened.submit("/administration/invitations", role="agent")
        link = answer.text.partition("http://127.0.0.1:5070/welcome/")[2].partition("<")[0]
        assert open_browser().get(f"/welcome/{link}").status_code == 200
        assert "/welcome/" not in opened.get("/administration").text

    def test_a_deactivated_agent_is_out_at_once(self, open_browser, desk):
        ada, ben = open_browser("ada"), open_browser("ben")
        path = "/administration/agents/2/active"
        assert ada.submit(path, active="false").status_code == 303
        assert ben.get("/account").status_code == 303
        assert open_browser().sign_in("ben").status_code == 401
        ada.submit(path, active="true")
        assert open_browser().sign_in("ben").status_code == 303

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/administration/agents/1/active", {"active": "false"}),
            ("/administration/agents/1/role", {"role": "agent"}),
        ],
    )
    def test_the_last_administrator_is_told_to_find_another(self, open_browser, path, fields):
        opened = open_browser("ada")
        answer = opened.submit(path, **fields)
        assert answer.status_code == 409
        assert "This is the last administrator." in answer.text
        assert opened.get("/administration").status_code == 200

    def test_a_role_given_up_is_gone_with_the_next_request(self, open_browser):
        opened = open_browser("ada")
        opened.submit("/administration/agents/2/role", role="administrator")
        answer = opened.submit("/administration/agents/1/role", role="agent")
        assert answer.headers["location"] == "/"
        assert opened.get("/administration").status_code == 403

    @pytest.mark.parametrize("agent", ["0", "-1", "99", "9" * 30, "x"])
    def test_nobody_s_account_is_told(self, open_browser, agent):
        opened = open_browser("ada")
        answer = opened.submit(f"/administration/agents/{agent}/active", active="false")
        assert answer.status_code in (409, 422)
        assert opened.get(f"/administration/agents/{agent}").status_code in (409, 422)

    @pytest.mark.parametrize("which", ["", "one/"])
    def test_an_agent_s_browsers_are_put_out(self, open_browser, desk, which):
        ada, ben = open_browser("ada"), open_browser("ben")
        name = desk.accounts.sessions.find(ben.cookies[SESSION]).id
        page = "/administration/agents/2"
        assert f"{page}/sessions/{name}/end" in ada.get(page).text
        path = f"{page}/sessions/{name}/end" if which else f"{page}/sessions/end"
        assert ada.submit(path).headers["location"] == page
        assert ben.get("/account").status_code == 303
        assert "Nowhere." in ada.get(page).text
