"""Both screens: shoppers on the demo shop, agents at the desk that `amends run` started."""

import re
from typing import Any

import pytest
from agent_screen import AgentScreen
from playwright.sync_api import Browser

LINK = re.compile(r"http://\S+/welcome/\S+")
LOOKS: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "reduced_motion": "reduce",
}  # fmt: skip
MIA, BEN = "mia@shop.example", "ben@shop.example"
Cookies = Any
"""A browser that is signed in, as Playwright keeps it."""


@pytest.fixture(scope="package")
def desk_url(assistant) -> str:
    return f"http://127.0.0.1:{assistant.env['AMENDS_DESK_PORT']}"


@pytest.fixture(scope="package")
def mia(assistant, browser, desk_url) -> Cookies:
    """The first administrator, by the link that `amends run` printed; signed in by password."""
    (link,) = LINK.findall(assistant.output.read_text())
    assert link.startswith(desk_url)
    return joined(browser, desk_url, link, MIA, "Mia")


@pytest.fixture(scope="package")
def ben(browser, desk_url, mia) -> Cookies:
    """An agent whom the administrator let in."""
    context = browser.new_context(**LOOKS, storage_state=mia)
    page = context.new_page()
    page.goto(f"{desk_url}/administration")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("code.link").inner_text()
    context.close()
    return joined(browser, desk_url, link, BEN, "Ben")


@pytest.fixture
def new_agent(desk_url, new_context):
    """Opens the desk in further browsers; signed in with `storage_state=`."""

    def opening(**look: object) -> AgentScreen:
        return AgentScreen.on(new_context(**{**LOOKS, **look}), desk_url)

    return opening


def joined(browser: Browser, url: str, link: str, login: str, name: str) -> Cookies:
    """Make an account by a link, sign out, and sign in."""
    context = browser.new_context(**LOOKS)
    agent = AgentScreen.on(context, url)
    agent.welcome(link, login, name)
    agent.sign_out()
    agent.sign_in(login)
    assert agent.uncaught == agent.violations() == []
    cookies = context.storage_state()
    context.close()
    return cookies
