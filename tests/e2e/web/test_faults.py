"""What a shopper sees, and when, while the action server breaks in ten ways or Rasa dies.

With AMENDS_WRITE_DOCS=1 the table goes to docs/faults.md.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from faults import MODES
from playwright.sync_api import expect
from records import said
from shopper import Shopper

from amends.serve.processes import GRACE_S
from amends.settings import ROOT

pytestmark = pytest.mark.timeout(900)

STILL_LOOKING = "Still looking into it. Thank you for waiting."
FAILED = (
    "Something is not working on our side, so there is no answer, and I can't be sure that your "
    "message reached our team. Please send it again in a few minutes; if it is urgent, write to "
    "the address on the shop's contact page."
)
UNREACHABLE = (
    "We can't be reached right now. Your message is kept here and will be sent when we're back."
)
SLOW_S = 5.0
"""An answer for which all calls of a turn together have no time."""
LATER_S = {"slow": 4.0, "hung": 2.0}
"""How long a late answer is waited for after the words; `slow` had one to give within this."""
DOCS = ROOT / "docs" / "faults.md"

# Begins a record of (seconds, status line, answers since) each time that one of them changes.
RECORD = """
() => {
  const root = document.querySelector("amends-chat").shadowRoot;
  const bubbles = () => [...root.querySelectorAll(".message.bot .bubble")];
  const answers = () => bubbles().map((one) => one.innerText);
  const [start, before] = [performance.now(), answers().length];
  window.record = [];
  clearInterval(window.recorder);
  window.recorder = setInterval(() => {
    const now = [root.querySelector(".status").textContent, answers().slice(before)];
    if (JSON.stringify(now) !== JSON.stringify(window.record.at(-1)?.slice(1)))
      window.record.push([(performance.now() - start) / 1000, ...now]);
  }, 50);
}
"""


@dataclass(frozen=True)
class Seen:
    """What the shopper saw: seconds from sending, None where it did not come."""

    looking_s: float | None
    words_s: float
    words: tuple[str, ...]


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, Seen]]:
    rows: dict[str, Seen] = {}
    yield rows
    if os.environ.get("AMENDS_WRITE_DOCS") == "1" and set(rows) >= set(MODES):
        # What tests/e2e/faults wrote stays.
        _, title, after = DOCS.read_text(encoding="utf-8").partition("\n## ")
        DOCS.write_text(page(rows) + title + after, encoding="utf-8")


@pytest.fixture
def shopper(fragile, new_context):
    yield Shopper.on(new_context(), fragile.pages.url()).open()
    fragile.actions.heal()


@pytest.mark.parametrize("mode", MODES)
def test_a_broken_action_server_is_never_silence(shopper, fragile, table, shot, mode: str) -> None:
    shopper.says("hello")
    asked = len(fragile.actions.calls)
    fragile.actions.break_it(mode, slow_s=SLOW_S)
    shopper.page.evaluate(RECORD)
    shopper.types("my parcel is late")
    if mode == "hung":
        shopper.reads(STILL_LOOKING, within_s=8)
        shot(shopper.page, "still-looking")
    expect(shopper.answers).to_have_count(2, timeout=20_000)
    if mode == "hung":
        shot(shopper.page, "apology")
    shopper.page.wait_for_timeout(1000 * LATER_S.get(mode, 1.5))
    table[mode] = seen = read(shopper)
    arrived = len(fragile.actions.calls) - asked
    assert arrived == (0 if mode == "refused" else 2), "assess and answer, each broken for real"
    fragile.actions.heal()
    assert seen.words == (FAILED,), "the apology, once, and no late answer after it"
    if mode in LATER_S:
        # On a busy machine a second may pass before the browser has its turn.
        assert seen.looking_s is not None
        assert 2.5 < seen.looking_s < 5, seen
        assert 7 < seen.words_s < 12, seen
    else:
        assert seen.words_s < 4, seen
    assert shopper.says("hello") != FAILED, "all is well again"


def read(shopper: Shopper) -> Seen:
    record = shopper.page.evaluate("window.record")
    looking = [at for at, status, _answers in record if status == STILL_LOOKING]
    spoken = [(at, answers) for at, _status, answers in record if answers]
    return Seen(looking[0] if looking else None, spoken[0][0], tuple(spoken[-1][1]))


def test_rasa_is_killed_and_what_was_said_arrives_once(shopper, fragile, shot) -> None:
    """One message dies with Rasa, after it was acknowledged; another one is written meanwhile."""
    shopper.says("hello")
    fragile.actions.break_it("hung")
    shopper.types("where is my order?")
    expect(shopper.panel.get_by_text("Sending…")).to_have_count(0)
    fragile.kill()
    shopper.types("thanks a lot")
    expect(shopper.status).to_have_text(UNREACHABLE, timeout=25_000)
    shot(shopper.page, "unreachable")
    fragile.actions.heal()
    fragile.start()
    expect(shopper.answers).to_have_count(3, timeout=60_000)
    shopper.page.wait_for_timeout(1500)
    texts = ["hello", "where is my order?", "thanks a lot"]
    assert [text for role, text in shopper.lines() if role == "shopper"] == texts
    assert said(fragile.state, shopper.conversation) == texts
    assert shopper.answers.count() == 3


def test_rasa_that_is_asked_to_end_waits_for_no_tab(shopper, fragile, new_context) -> None:
    """Neither for one with a websocket nor for one behind a proxy that lets none through."""
    polling = new_context()
    polling.add_init_script("delete window.WebSocket")
    others = [Shopper.on(context, fragile.pages.url()) for context in (new_context(), polling)]
    for other in others:
        other.open().says("hello")
    others[0].page.close()
    log = fragile.stop(GRACE_S - 2)  # After GRACE_S `amends run` would kill it.
    fragile.start()
    assert "was destroyed but it is pending" not in log
    assert "Traceback" not in log
    for tab in (shopper, others[1]):
        tab.is_connected(60)
        tab.says("hello")


def page(rows: dict[str, Seen]) -> str:
    lines = [row(mode, rows[mode]) for mode in MODES]
    return HEAD + "\n".join(lines) + TAIL.format(failed=FAILED, unreachable=UNREACHABLE)


def row(mode: str, seen: Seen) -> str:
    return f"| {mode} | {seconds(seen.looking_s)} | {seconds(seen.words_s)} |"


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


HEAD = f"""# What a shopper sees when something breaks

Written by `AMENDS_WRITE_DOCS=1 .venv/bin/python -m pytest tests/e2e/web/test_faults.py`: the widget
in headless Chromium, Rasa, and between Rasa and the action server a program that really breaks in
this way (`tests/assistant/web_channel/faults.py`). One run; seconds count from the Enter key.
"Slow" answers each call after {SLOW_S:g} s, "hung" never.

| the action server | "still looking" after | words after |
| --- | --- | --- |
"""
TAIL = """

The words are the same each time:

> {failed}

No late answer follows them, and the message after the fault is answered as ever.

When Rasa itself is killed, the widget says:

> {unreachable}

Once Rasa is back, the message that died with it and the one written meanwhile are answered, once
each.
"""
