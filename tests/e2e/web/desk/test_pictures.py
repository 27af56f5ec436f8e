"""The desk in the middle of a day, as docs/ shows it with AMENDS_WRITE_DOCS=1."""

import busy_day
import pytest
from desk_server import serving
from playwright.sync_api import expect
from test_door_pages import SIZES, violations

PICTURES = {
    "queue-desktop-light": "desk-queue",
    "queue-phone-light": "desk-queue-phone",
    "ticket-desktop-light": "desk-ticket",
    "ticket-desktop-dark": "desk-ticket-dark",
    "ticket-phone-light": "desk-ticket-phone",
    "figures-desktop-light": "desk-figures",
}
LOOKS = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("day")) as server:
        yield server, busy_day.fill(server)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_busy_day_is_for_everybody(day, new_context, axe, shot, scheme: str, size: str) -> None:
    server, reference = day
    width, height = SIZES[size]
    look = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    context = new_context(**look, reduced_motion="reduce", bypass_csp=True)
    page = server.tab(context, "anna", "/")
    expect(page.locator(".ticket-row").first).to_contain_text("Odile Marchand")
    paths = {"queue": "/", "filtered": "/?status=open", "ticket": f"/tickets/{reference}"}
    for place, path in {**paths, "figures": "/figures"}.items():
        page.goto(f"{server.address}{path}")
        if place != "figures":
            page.wait_for_selector("#live[data-state=live]")
        if (name := f"{place}-{size}-{scheme}") in PICTURES:
            shot(page, PICTURES[name])
        assert violations(page, axe) == [], place
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place


def test_a_corrected_message_is_easy_to_find(day, new_context, shot) -> None:
    server, reference = day
    page = server.tab(new_context(**LOOKS), "ben", f"/tickets/{reference}")
    message = page.locator(".entry", has_text="wrapped my mother")
    message.scroll_into_view_if_needed()
    expect(message.locator(".corrected")).to_have_value("customer_service")
    expect(message).to_contain_text("corrected")
    shot(page, "desk-labels")
