"""What shoppers and thieves may try at the desk, and two honest agents at once."""

import time

import jwt
import pytest
from playwright.sync_api import expect
from shopper import Shopper
from test_both_screens import ANGRY

pytestmark = pytest.mark.timeout(900)

NASTY = "<img src=x onerror=\"window.pwned='img'\"><script>window.pwned='script'</script>"
ROUNDS = 3
AT = "(one, at) => { setTimeout(() => one.click(), at - Date.now()) }"


@pytest.fixture
def ticket(shopper, assistant) -> str:
    shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)
    return reference


def identity(assistant, name: str) -> str:
    claims = {"sub": f"customer-{time.time_ns()}", "name": name, "aud": "amends-identity",
              "exp": int(time.time()) + 600}  # fmt: skip
    return jwt.encode(claims, assistant.env["AMENDS_SHOP_KEY"], "HS256")


def test_what_a_shopper_is_called_and_writes_runs_nothing(
    assistant, new_context, new_agent, mia
) -> None:
    shopper = Shopper.on(new_context(), assistant.shop_url).open()
    shopper.page.evaluate("Amends.identify", identity(assistant, NASTY))
    shopper.says(f"{ANGRY} {NASTY}")
    (reference,) = assistant.tickets(shopper.conversation)
    agent = new_agent(storage_state=mia)
    agent.go("/")
    expect(agent.row(reference).locator("b")).to_have_text(NASTY)
    agent.go(f"/tickets/{reference}")
    agent.presses("Claim", "The ticket is yours")
    shopper.types(NASTY)
    agent.reads(f"furious, this is the worst shop ever, I want my money back! {NASTY}")
    expect(agent.log.locator(".text").last).to_have_text(NASTY)
    expect(agent.page.get_by_label(f"Reply to {NASTY}")).to_be_visible()
    agent.page.get_by_label("A note for other agents").fill(NASTY)
    agent.page.get_by_role("button", name="Keep the note").click()
    expect(agent.page.locator("#notes")).to_contain_text("onerror")
    expect(agent.page.locator("#main img, #main script")).to_have_count(0)
    agent.go("/?text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert agent.page.evaluate("window.pwned") is None
    assert agent.errors == agent.violations() == []


def test_two_who_claim_at_once_one_gets_it_and_the_other_is_told_who(
    ticket, new_agent, mia, ben
) -> None:
    both = {"Mia": new_agent(storage_state=mia), "Ben": new_agent(storage_state=ben)}
    for _ in range(ROUNDS):
        for agent in both.values():
            agent.go(f"/tickets/{ticket}")
        at = time.time() * 1000 + 400
        for agent in both.values():
            agent.page.get_by_role("button", name="Claim").evaluate(AT, at)
        for agent in both.values():
            expect(agent.page.locator("#said")).not_to_be_empty()
        (winner,) = [name for name, agent in both.items() if "yours" in said(agent)]
        (loser,) = both.keys() - {winner}
        assert f"{winner} was faster and talks with the shopper." in said(both[loser])
        expect(both[loser].page.locator(".talks")).to_contain_text(f"{winner} talks")
        both[winner].presses("Release", "back in the queue")


def said(agent) -> str:
    return agent.page.locator("#said").inner_text()


def test_a_stolen_cookie_is_worth_nothing_after_the_sign_out(
    ticket, assistant, new_agent, ben
) -> None:
    agent = new_agent()
    agent.sign_in("ben@shop.example")
    stolen = agent.page.context.storage_state()
    token = agent.page.locator("input[name=csrf_token]").first.input_value()
    thief = new_agent(storage_state=stolen)
    thief.go("/")
    agent.sign_out()
    thief.page.wait_for_url("**/sign-in*")  # An open page does not stay open either.
    for path in ("/", f"/tickets/{ticket}", "/account", "/figures"):
        thief.page.goto(f"{thief.url}{path}")
        assert "/sign-in" in thief.page.url, path
    headers = {"X-CSRF-Token": token, "Origin": thief.url}
    claim = thief.page.request.post(
        f"{thief.url}/tickets/{ticket}/change/claim", headers=headers, max_redirects=0
    )
    events = thief.page.request.get(f"{thief.url}/events", max_redirects=0)
    assert (claim.status, events.status) == (303, 303)
    assert claim.headers["location"].startswith("/sign-in")
    assert assistant.rows("SELECT status FROM tickets WHERE reference = ?", ticket) == [("open",)]
