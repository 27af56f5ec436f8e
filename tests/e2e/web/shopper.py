"""A shopper in front of a page with the chat: what they do, and what they read."""

import time
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

SAYS = """
document.addEventListener("securitypolicyviolation", (event) =>
  (window.violations ||= []).push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Shopper:
    """One tab.

    Attributes:
        page: The tab.
        hosts: host:port of every request that the tab made.
        errors: What its console called an error, and exceptions that nobody caught.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).netloc))
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    def on(cls, context: BrowserContext, url: str) -> Self:
        """Open a tab there and wait for the launcher."""
        context.add_init_script(SAYS)
        one = cls(context.new_page())
        one.page.goto(url)
        one.launcher.wait_for()
        return one

    @property
    def launcher(self) -> Locator:
        return self.page.locator("amends-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator("amends-chat .panel")

    @property
    def input(self) -> Locator:
        return self.panel.locator("textarea")

    @property
    def messages(self) -> Locator:
        """Each message's element, without notices."""
        return self.panel.locator(".message")

    @property
    def answers(self) -> Locator:
        """What the bot said."""
        return self.panel.locator(".message.bot .bubble")

    @property
    def replies(self) -> Locator:
        """The quick-reply buttons."""
        return self.panel.locator(".replies button")

    @property
    def status(self) -> Locator:
        return self.panel.locator(".status")

    def open(self) -> Self:
        """Open the chat and wait until it may be written in."""
        self.launcher.click()
        expect(self.input).to_be_visible()
        self.is_connected()
        return self

    def is_connected(self, within_s: float = 30) -> None:
        expect(self.panel.locator(".log")).to_have_attribute(
            "aria-busy", "false", timeout=within_s * 1000
        )

    def types(self, text: str) -> None:
        """Send something, by keyboard, without waiting for anything."""
        self.input.fill(text)
        self.input.press("Enter")

    def says(self, text: str) -> str:
        """Send something and wait for the answer."""
        before = self.answers.count()
        self.types(text)
        expect(self.answers).to_have_count(before + 1, timeout=20_000)
        return self.answers.last.inner_text()

    def reads(self, text: str, within_s: float = 20) -> Locator:
        """Wait until this is somewhere in the chat."""
        found = self.panel.get_by_text(text).first
        expect(found).to_be_visible(timeout=within_s * 1000)
        return found

    def lines(self) -> list[tuple[str, str]]:
        """(role, text) of each message on the screen, in order."""
        return [tuple(line) for line in self.messages.evaluate_all(LINES)]

    def texts(self) -> list[str]:
        return [text for _role, text in self.lines()]

    def violations(self) -> list[str]:
        """What the page's content security policy forbade."""
        return list(self.page.evaluate("window.violations || []"))

    @property
    def conversation(self) -> str:
        """The sender id, out of the chat token; "" while there is none."""
        return str(self.page.evaluate(SUBJECT))

    def _heard(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)


LINES = """
(nodes) => nodes.map((node) => [
  ["shopper", "bot", "agent"].find((role) => node.classList.contains(role)),
  [...node.querySelectorAll(".bubble")].map((one) => one.textContent).join(" | ")])
"""
SUBJECT = """
() => {
  const key = Object.keys(localStorage).find((name) => name.startsWith("amends.token"));
  if (!key) return "";
  const claims = localStorage.getItem(key).split(".")[1];
  return JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/"))).sub;
}
"""


def until(found: Callable[[], bool], what: str, within_s: float = 20) -> None:
    """Wait for something outside the browser."""
    end = time.monotonic() + within_s
    while not found():
        assert time.monotonic() < end, f"not within {within_s:g} s: {what}"
        time.sleep(0.1)
