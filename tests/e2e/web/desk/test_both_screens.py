"""A shopper and an agent, each in a browser, from the first angry word to the rating."""

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from agent_screen import AgentScreen
from outages import age, kill_rasa, locked, start_again
from playwright.sync_api import expect
from records import said
from shopper import Shopper, until

from desk.pages.words import RULES

pytestmark = pytest.mark.timeout(900)

ANGRY = (
    "This is the third time my kettle arrived smashed and nobody answers my emails. "
    "I am absolutely furious, this is the worst shop ever, I want my money back!"
)
WAITING = "Your case is with our team"
SILENT_MS = 2500
LOCKED_MS = 6000
"""With what goes before, longer than Rasa and the channel wait for the database."""
ON_SCREEN_S = 3.0
"""From the ticket's own time to the agent's screen, on a busy machine."""


@dataclass
class Both:
    """The two of them, and what neither may read: the chat assistant's words.

    Attributes:
        bots: How often it spoke, while a person waits or talks.
    """

    shopper: Shopper
    agent: AgentScreen
    assistant: Any
    reference: str = ""
    bots: int = 0
    timed: str = ""
    heard: list[str] = field(default_factory=list)

    def shopper_says(self, text: str, within_s: float = 30) -> None:
        """The agent reads it, once, and the chat assistant says nothing."""
        self.shopper.types(text)
        # The channel takes slashes in front away: they would be commands of Rasa's.
        self.arrives(text.lstrip("/"), within_s)

    def arrives(self, text: str, within_s: float = 30) -> None:
        self.agent.reads(text, within_s)
        self.heard.append(text)
        self.shopper.page.wait_for_timeout(SILENT_MS)
        assert self.shopper.answers.count() == self.bots, self.shopper.lines()

    def agent_says(self, text: str) -> None:
        """The shopper reads it, and it stands in the agent's conversation once."""
        self.agent.writes(text)
        expect(self.shopper.panel.locator(".message.agent", has_text=text)).to_have_count(1)
        self.agent.reads(text)


def test_from_the_first_angry_word_to_the_rating(
    shopper, new_agent, assistant, mia, shot, capsys
) -> None:
    agent = new_agent(storage_state=mia)
    agent.go("/")
    both = Both(shopper.open(), agent, assistant)

    it_appears_by_itself(both)
    who_waits_is_told_once(both)
    its_page_says_why(both)
    a_person_takes_over(both)
    shot(shopper.page, "desk-shopper")
    the_assistant_stays_silent(both)
    the_assistant_answers_again(both)
    the_shopper_rates(both)
    with capsys.disabled():
        sys.stdout.write(f" {both.timed} ")
    assert agent.violations() == shopper.violations() == []
    assert agent.uncaught == []


def it_appears_by_itself(both: Both) -> None:
    agent, begin = both.agent, time.monotonic()
    agent.page.evaluate("window.notReloaded = true")
    both.shopper.types(ANGRY)
    row = agent.page.locator(".ticket-row", has_text=both.shopper.conversation[-8:])
    expect(row).to_be_visible(timeout=20_000)
    seen, whole_s = datetime.now(UTC), time.monotonic() - begin
    (both.reference,) = both.assistant.tickets(both.shopper.conversation)
    ((created,),) = both.assistant.rows(
        "SELECT created_at FROM tickets WHERE reference = ?", both.reference
    )
    late_s = (seen - datetime.fromisoformat(str(created)).replace(tzinfo=UTC)).total_seconds()
    both.timed = f"on the screen {whole_s:.2f} s after Enter, {late_s:.2f} s after the ticket"
    assert late_s < ON_SCREEN_S
    assert agent.page.evaluate("window.notReloaded"), "it appears without a reload"
    expect(row).to_contain_text("open")
    both.shopper.reads(both.reference)
    both.bots = both.shopper.answers.count()


def who_waits_is_told_once(both: Both) -> None:
    both.agent.row(both.reference).get_by_role("link").click()
    both.agent.is_live()
    for text in ("hello?", "/session_start", "is anybody there?"):
        both.shopper_says(text)
    expect(both.shopper.panel.get_by_text(WAITING)).to_have_count(1)
    expect(both.agent.log.locator(".entry.notice", has_text=WAITING)).to_have_count(1)


def its_page_says_why(both: Both) -> None:
    query = "SELECT rule, detail, category FROM tickets WHERE reference = ?"
    ((rule, detail, category),) = both.assistant.rows(query, both.reference)
    facts = both.agent.page.locator("#facts")
    for words in (RULES[str(rule)], str(detail), str(category).replace("_", " ")):
        expect(facts.locator("dl")).to_contain_text(words)
    # Words cost time, and on a busy machine scores come without them; the page says which it is.
    reason = facts.locator("dd", has=both.agent.page.locator("mark")).or_(
        facts.locator("dd", has_text="not looked for")
    )
    expect(reason).to_have_count(1)
    expect(both.agent.page.locator(".talks")).to_have_text("The shopper waits for a person.")


def a_person_takes_over(both: Both) -> None:
    both.agent.presses("Claim", "The ticket is yours")
    both.shopper.reads("Mia from our team is here now")
    both.shopper_says("is that really a person now?")
    both.agent_says("It is. I'm Mia, and I have your order in front of me.")
    both.shopper_says("good. it is order 4711")
    both.agent_says("A new kettle leaves today, and your money for this one is on its way.")


def the_assistant_stays_silent(both: Both) -> None:
    an_old_session(both)
    both.shopper_says("/restart")
    a_database_that_is_locked(both)
    rasa_is_killed(both)
    both.agent_says("I'm still here, the line was gone for a moment.")


def an_old_session(both: Both) -> None:
    age(both.assistant.state, both.shopper.conversation, days=40)
    both.shopper_says("when will it be here?")


def a_database_that_is_locked(both: Both) -> None:
    text = "and can you send it to my work instead?"
    with locked(both.assistant.state / "conversations.db"):
        both.shopper_says(text)
        both.agent_says("Of course, give me the address.")
        both.shopper.page.wait_for_timeout(LOCKED_MS)
    until(lambda: text in said(both.assistant.state, both.shopper.conversation), "Rasa's record")


def rasa_is_killed(both: Both) -> None:
    both.agent.box.fill("half a sentence")
    kill_rasa(both.assistant)
    expect(both.agent.page.locator("#live[data-state=lost]")).to_be_visible()
    text = "12 Mill Lane, the side door"
    both.shopper.types(text)
    start_again(both.assistant)
    both.agent.is_live(60)
    both.shopper.is_connected(60)
    both.arrives(text, 60)
    expect(both.agent.box).to_have_value("half a sentence")
    both.shopper_says("did you get that?")


def the_assistant_answers_again(both: Both) -> None:
    written = [text.lstrip("/") for role, text in both.shopper.lines() if role == "shopper"]
    assert written == [ANGRY, *both.heard], "each of the shopper's messages once and in order"
    on_desk = both.agent.log.locator(".entry.shopper .text").all_inner_texts()
    assert on_desk == written
    both.agent.presses("Hand back to the assistant", "The chat assistant answers again.")
    both.shopper.reads("Mia has left the chat")
    assert len(both.shopper.says("where is my order?")) > 10
    expect(both.agent.bots).to_have_count(both.bots + 1, timeout=20_000)


def the_shopper_rates(both: Both) -> None:
    both.agent.presses("Resolve", "The ticket is resolved.")
    both.shopper.panel.get_by_role("button", name="4 of 5").click()
    both.shopper.reads("Thank you for telling us.")
    stored = both.assistant.rows(
        "SELECT score FROM ratings WHERE conversation_id = ?", both.shopper.conversation
    )
    assert stored == [(4,)]
    expect(both.agent.page.locator("#facts")).to_contain_text("4 of 5")
    expect(both.agent.page.locator("#deeds")).to_contain_text("4 of 5")
    both.agent.page.goto(f"{both.agent.url}/figures")
    week = both.agent.page.locator("tbody tr").first
    expect(week).to_contain_text("4.0")
    expect(week).to_contain_text("100 %")
