"""An agent in front of the desk: what they do, and what they read."""

from typing import Self

from playwright.sync_api import BrowserContext, Locator, Page, Response, expect
from shopper import SAYS

PASSWORD = "seven kettles sing at dawn"
UNCAUGHT = "uncaught:"


DEED_S = 20.0
"""A reply waits for Rasa's record of it, which may be away, and is then kept."""


class AgentScreen:
    """One tab.

    Attributes:
        page: The tab.
        url: Address of the desk.
        errors: What its console called an error, and exceptions that nobody caught.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(f"{UNCAUGHT} {error}"))

    @classmethod
    def on(cls, context: BrowserContext, url: str) -> Self:
        """Open a tab of a browser that nobody has signed in with."""
        context.add_init_script(SAYS)
        return cls(context.new_page(), url)

    def welcome(self, link: str, login: str, name: str) -> Self:
        """Make an account by a link."""
        self.page.goto(link)
        for label, words in {"Your name": name, "Login": login, "Password": PASSWORD}.items():
            self.page.get_by_label(label, exact=True).fill(words)
        self.page.get_by_role("button", name="Make the account").click()
        self.is_live()
        return self

    def sign_in(self, login: str) -> None:
        self.page.goto(f"{self.url}/sign-in")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.is_live()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        self.page.wait_for_url("**/sign-in*")

    def is_live(self, within_s: float = 30) -> None:
        """Wait until changes reach the page by themselves."""
        live = self.page.locator("#live[data-state=live]")
        live.wait_for(timeout=within_s * 1000)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")
        self.is_live()

    def row(self, reference: str) -> Locator:
        """A ticket on the queue."""
        return self.page.locator(f"#row-{reference}")

    @property
    def log(self) -> Locator:
        """The conversation on a ticket's page."""
        return self.page.locator("#log")

    @property
    def bots(self) -> Locator:
        """What the chat assistant said, on a ticket's page."""
        return self.log.locator(".entry.bot")

    @property
    def box(self) -> Locator:
        """Where replies are written."""
        return self.page.locator("#text")

    def presses(self, button: str, said: str) -> None:
        """Press a button of a ticket, and wait for what came of it."""
        with self.page.expect_response(is_deed, timeout=DEED_S * 1000):
            self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.locator("#said")).to_contain_text(said)

    def writes(self, text: str) -> None:
        """Send a reply."""
        self.box.fill(text)
        self.presses("Send", "Sent.")
        expect(self.box).to_have_value("")

    def reads(self, text: str, within_s: float = 20) -> None:
        """Wait until this is in the conversation, once."""
        found = self.log.locator(".text", has_text=text)
        expect(found).to_have_count(1, timeout=within_s * 1000)

    @property
    def uncaught(self) -> list[str]:
        """Exceptions alone: requests do fail while a server is away, or who asks signs out."""
        return [error for error in self.errors if error.startswith(UNCAUGHT)]

    def violations(self) -> list[str]:
        """What the page's content security policy forbade."""
        return list(self.page.evaluate("window.violations || []"))

    def _heard(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def is_deed(response: Response) -> bool:
    """Whether it answers an agent's click, and not the page that keeps itself up to date."""
    return response.request.method == "POST" and "/pull" not in response.url
