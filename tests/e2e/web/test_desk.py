"""The agents' desk in a real browser: live, drafts, once only, keyboard, axe."""

import pytest
from desk_server import CONVERSATION, NAME, serving
from playwright.sync_api import expect
from shopper import until
from tickets_channel import hang_up

DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def desk(tmp_path):
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def tab(desk, new_context):
    """Opens a page for an agent, in a browser of its own; fails on any error in the page."""
    errors = []

    def opening(login="anna", path=None, **options):
        context = new_context(**{**DESKTOP, **options})
        context.on("weberror", lambda found: errors.append(str(found.error)))
        context.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security" in said.text else None,
        )
        return desk.tab(context, login, path or f"/tickets/{desk.reference}")

    yield opening
    assert errors == []


def claimed(page):
    """The page, once the shopper was told."""
    page.get_by_role("button", name="Claim").click()
    expect(page.locator("#said")).to_contain_text("The ticket is yours")
    return page


def test_two_agents_see_the_same_and_one_of_them_gets_it(desk, tab) -> None:
    anna, ben, queue = tab(), tab("ben"), tab("ben", "/")
    anna.get_by_role("button", name="Claim").click()
    expect(anna.locator("#said")).to_contain_text("The ticket is yours")
    expect(ben.locator(".talks")).to_contain_text("Anna talks with the shopper.")
    expect(queue.locator(f"#row-{desk.reference}")).to_contain_text("claimed")
    ben.get_by_role("button", name="Claim").click()
    expect(ben.locator("#said")).to_contain_text("Anna was faster")
    anna.get_by_label(f"Reply to {NAME}").fill("I'm looking at it.")
    anna.get_by_role("button", name="Send").click()
    expect(ben.locator(".entry.agent")).to_contain_text("I'm looking at it.")
    assert [push["kind"] for push in desk.channel.pushes] == ["joined", "message"]


def test_a_new_ticket_appears_by_itself(desk, tab) -> None:
    queue = tab("anna", "/")
    reference = desk.escalate("web-new", "where is my order")
    expect(queue.locator(f"#row-{reference}")).to_be_visible(timeout=5000)


def test_a_draft_survives_a_live_update_and_a_reload(desk, tab) -> None:
    page = tab()
    box = page.get_by_label(f"Reply to {NAME}")
    box.fill("half a sent")
    desk.say("m9", "shopper", "are you there?")
    expect(page.locator("#log")).to_contain_text("are you there?")
    expect(box).to_have_value("half a sent")
    assert box.evaluate("box => box === document.activeElement")
    page.reload()
    expect(box).to_have_value("half a sent")


def test_a_reply_of_unknown_end_is_sent_again_and_shown_once(desk, tab) -> None:
    page = claimed(tab())
    box = page.get_by_label(f"Reply to {NAME}")
    box.fill("On its way.")
    desk.channel.breaks += [hang_up, hang_up]
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#said")).to_contain_text("Nobody knows whether your reply arrived.")
    expect(box).to_have_value("On its way.")
    page.reload()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".entry.agent")).to_have_count(1)
    expect(box).to_have_value("")
    box.fill("And another one.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".entry.agent")).to_have_count(2)
    sent = [push for push in desk.channel.pushes if push["kind"] == "message"]
    assert len({push["id"] for push in sent}) == 2


def test_other_words_after_an_unknown_end_are_another_reply(desk, tab) -> None:
    page = claimed(tab())
    box = page.get_by_label(f"Reply to {NAME}")
    box.fill("On its way.")
    ids = []
    desk.channel.before = lambda push: ids.append(push["id"])
    desk.channel.breaks += [hang_up, hang_up]
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#said")).to_contain_text("Nobody knows")
    box.fill("It is on its way, and I am sorry.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".entry.agent")).to_have_count(1)
    assert ids[0] == ids[1] != ids[2]


def test_a_label_takes_two_clicks_and_what_is_open_stays_open(desk, tab) -> None:
    page = tab()
    page.get_by_text("Suggested replies").click()
    page.get_by_label("Polarity").first.select_option("neutral")
    expect(page.locator("#said")).to_contain_text("Corrected: polarity neutral.")
    page.get_by_role("button", name="Wrongly escalated").click()
    expect(page.locator("#said")).to_contain_text("wrongly escalated")
    expect(page.locator(".suggestion").first).to_be_visible()
    said = [label.correction.said for label in desk.store.labels.history(desk.reference)]
    assert said == [{"polarity": "neutral"}, {"escalate": False}]


def test_a_hidden_tab_asks_for_nothing_and_is_up_to_date_on_return(desk, tab) -> None:
    page = tab()
    asked = []
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    page.wait_for_timeout(500)
    page.on("request", lambda request: asked.append(request.url))
    desk.say("m9", "shopper", "are you there?")
    page.wait_for_timeout(5000)
    assert asked == []
    assert "are you there?" not in page.locator("#log").inner_text()
    page.evaluate(hide, False)
    expect(page.locator("#log")).to_contain_text("are you there?")


def test_a_session_that_is_ended_leads_to_the_door(desk, tab) -> None:
    page = tab()
    (session,) = desk.desk.accounts.sessions.of(desk.agents["anna"].id)
    desk.desk.accounts.sessions.end(session.id)
    page.wait_for_url("**/sign-in*", timeout=15_000)


def test_what_shoppers_write_and_are_called_runs_nothing(desk, tab) -> None:
    evil = "<img src=x onerror=\"document.title='stolen'\">"
    desk.escalate(CONVERSATION, f"'{evil}", message=f"'{evil}", category="other")
    desk.store.conversations.name_shopper(CONVERSATION, evil)
    for path in ("/", f"/tickets/{desk.reference}"):
        page = tab("anna", path)
        expect(page.get_by_text(evil).first).to_be_visible()
        desk.say(f"m9{path}", "shopper", evil)
        page.wait_for_timeout(800)
        assert "stolen" not in page.title()
        assert page.locator("img[src=x]").count() == 0


def test_the_newest_is_in_sight_and_stays_so(desk, tab) -> None:
    page = tab()
    expect(page.get_by_alt_text("box.jpg")).to_be_in_viewport()
    for number in range(12):
        desk.say(f"more-{number}", "shopper", f"line {number}")
    expect(page.get_by_text("line 11")).to_be_in_viewport()


def test_keys_go_through_the_queue_and_open(desk, tab) -> None:
    desk.others()
    page = tab("anna", "/")
    for key in "jjk":
        page.keyboard.press(key)
    first = page.locator(".ticket-row").first
    expect(first).to_be_focused()
    page.keyboard.press("o")
    page.wait_for_url("**/tickets/AM-*")


def test_filters_apply_at_once_and_are_kept_as_a_view(desk, tab) -> None:
    desk.others()
    page = tab("ben", "/")
    page.locator("[name=owner]").select_option("mine")
    expect(page.locator(".ticket-row")).to_have_count(1)
    page.get_by_label("Save these filters as").fill("My own")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("link", name="My own").click()
    expect(page.locator(".ticket-row")).to_have_count(1)


def test_new_tickets_are_told_of_when_asked_for(desk, tab, new_context) -> None:
    page = tab("anna", "/", permissions=["notifications"])
    page.evaluate(
        "() => { window.told = []; window.Notification = class extends EventTarget {"
        " static permission = 'granted';"
        " constructor(title, more) { super(); window.told.push(more.body); } } }"
    )
    button = page.get_by_role("button", name="Tell me of new tickets")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    reference = desk.escalate("web-new", "my secret words")
    expect(page.locator(f"#row-{reference}")).to_be_visible()
    # Told once the queue has settled, a moment after the row is there.
    until(lambda: page.evaluate("window.told") == [f"{reference}: delivery"], "the notice")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
