"""An agent talks with a shopper by command; the shopper reads it in the browser."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from shopper import Shopper, until
from test_chat import ANGRY
from test_page import violations

pytestmark = pytest.mark.timeout(900)

NASTY = (
    "**Bold**, <img src=x onerror=\"window.pwned='img'\">, "
    "[bad](javascript:window.pwned='link') and [good](https://shop.example/faq)"
)
SILENT_MS = 3000


def agent(assistant, *arguments: str) -> str:
    done = assistant.command("tickets", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "PNG")
    return made.getvalue()


def attach(shopper: Shopper, content: bytes, name: str = "kettle.png") -> None:
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    shopper.panel.locator("input[type=file]").set_input_files(file)


def test_a_person_takes_over_writes_hands_back_and_resolves(shopper, assistant, axe, shot) -> None:
    shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)

    agent(assistant, "claim", reference, "--as", "Anna")
    shopper.reads("Anna from our team is here now")
    shopper.reads("Anna is here with you")
    bots = shopper.answers.count()
    shopper.types("is that really a person now?")
    shopper.page.wait_for_timeout(SILENT_MS)
    assert shopper.answers.count() == bots, "the bot talks into a person's chat"
    until(lambda: "really a person" in agent(assistant, "show", reference), "the agent reads it")

    agent(
        assistant, "reply", reference, "Yes, it is. I found your kettle; a new one is on its way."
    )
    shopper.reads("a new one is on its way")
    assert shopper.panel.locator(".message.agent .who").last.inner_text().strip() == "Anna"
    shot(shopper.page, "agent")
    assert violations(shopper, axe) == []
    shopper.page.reload()
    shopper.open()
    shopper.reads("a new one is on its way")
    shopper.reads("Anna is here with you")

    agent(assistant, "hand-back", reference)
    shopper.reads("Anna has left the chat")
    assert len(shopper.says("hello")) > 10

    agent(assistant, "resolve", reference)
    rating = shopper.panel.get_by_role("button", name="4 of 5")
    expect(rating).to_be_visible()
    shot(shopper.page, "rating")
    assert violations(shopper, axe) == []
    rating.click()
    shopper.reads("Thank you for telling us.")
    stored = assistant.rows(
        "SELECT score FROM ratings WHERE conversation_id = ?", shopper.conversation
    )
    assert stored == [(4,)]
    shopper.page.reload()
    shopper.open()
    expect(rating).to_be_hidden()


def test_who_waits_reads_one_notice_and_may_have_the_assistant_back(shopper, assistant) -> None:
    shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)
    bots = shopper.answers.count()
    notice = shopper.panel.get_by_text("Your case is with our team")
    for text in ("hello?", "anybody there?"):
        shopper.types(text)
        until(lambda text=text: text in agent(assistant, "show", reference), "the team reads it")
    expect(notice).to_have_count(1)
    # Nor does the widget complain that no answer came, which it would after 15 seconds.
    shopper.page.wait_for_timeout(16_000)
    expect(shopper.status).to_be_empty()
    shopper.page.reload()
    shopper.open()
    expect(notice).to_have_count(1)
    assert shopper.answers.count() == bots
    shopper.types("Assistant, please!")
    shopper.reads("The chat assistant answers again.")
    assert len(shopper.says("where is my order?")) > 10
    assert "open" in agent(assistant, "show", reference)


def test_what_an_agent_writes_is_text_and_runs_nothing(shopper, assistant) -> None:
    shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)
    agent(assistant, "claim", reference, "--as", "<b>Anna</b>")
    agent(assistant, "reply", reference, NASTY)
    shopper.reads("<img src=x")
    shopper.reads("<b>Anna</b> is here with you")
    harmless(shopper)


def harmless(shopper: Shopper) -> None:
    """Bold is bold, the good link is a link, and nothing else came of it."""
    log = shopper.panel.locator(".log")
    expect(log.locator("strong", has_text="Bold")).to_have_count(1)
    expect(log.locator("img")).to_have_count(0)
    links = log.locator("a").evaluate_all("(all) => all.map((one) => [one.href, one.rel])")
    assert links == [["https://shop.example/faq", "noopener noreferrer"]]
    log.get_by_text("bad").last.click()
    assert shopper.page.evaluate("window.pwned") is None


def test_a_photo_reaches_the_ticket(shopper, assistant, axe, tmp_path: Path, shot) -> None:
    shopper.open().says(ANGRY)
    (reference,) = assistant.tickets(shopper.conversation)
    sent = picture()
    attach(shopper, sent)
    shopper.reads("kettle.png")
    shot(shopper.page, "attachment")
    assert violations(shopper, axe) == []
    expect(shopper.panel.get_by_role("button", name="Send")).to_be_enabled()
    shopper.types("this is how it arrived")
    shopper.reads("Your case is with our team")
    expect(shopper.panel.locator(".message.shopper .file")).to_have_count(1)
    shown = agent(assistant, "show", reference)
    ((key,),) = assistant.rows(
        "SELECT id FROM attachments WHERE conversation_id = ?", shopper.conversation
    )
    assert f"{key}\tkettle.png\timage/png\t" in shown  # of another size: it was written anew
    agent(assistant, "attachment", str(key), "--output", str(tmp_path / "saved.png"))
    with Image.open(tmp_path / "saved.png") as saved, Image.open(io.BytesIO(sent)) as given:
        assert saved.convert("RGBA").tobytes() == given.convert("RGBA").tobytes()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><script>alert(1)</script></html>", "photo.png", "I can take photos (JPEG, PNG"),
        (b"MZ\x90\x00" + bytes(500), "photo.png", "I can take photos (JPEG, PNG"),
        (bytes(5 * 2**20 + 1), "photo.png", "That file is larger than 5 MB."),
        (b"", "photo.png", "That file is empty."),
    ],
    ids=["a page", "a program", "too big", "empty"],
)
def test_a_file_that_lies_or_is_too_big_is_refused_in_words(
    shopper, assistant, content: bytes, name: str, words: str
) -> None:
    shopper.open()
    attach(shopper, content, name)
    shopper.reads(words)
    assert assistant.rows(
        "SELECT id FROM attachments WHERE conversation_id = ?", shopper.conversation
    ) == []  # fmt: skip
    assert len(shopper.says("hello")) > 10
