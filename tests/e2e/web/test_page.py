"""The chat on a page: what it may do there, how it looks, whom it leaves out."""

import re

import pytest
from pages import Pages
from playwright.sync_api import expect
from shopper import Shopper

pytestmark = pytest.mark.timeout(900)

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DARK = 90


@pytest.fixture(params=["light", "dark"])
def scheme(request) -> str:
    return str(request.param)


def test_strict_csp_is_kept_and_nobody_else_is_asked(shopper, assistant, shot) -> None:
    policy = shopper.page.request.get(assistant.shop_url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    shot(shopper.page, "shop")
    shopper.open().says("hello")
    shot(shopper.page, "chat")
    ours = {url.removeprefix("http://") for url in (assistant.shop_url, assistant.url)}
    assert shopper.hosts == ours
    assert shopper.violations() == []
    assert shopper.errors == []


def test_axe_finds_nothing(assistant, new_context, axe, scheme: str, shot) -> None:
    shopper = Shopper.on(new_context(color_scheme=scheme), assistant.shop_url)
    assert violations(shopper, axe) == []
    shopper.open().says("hello")
    assert violations(shopper, axe) == []
    if scheme == "dark":
        shot(shopper.page, "dark")
        assert brightness(shopper) < DARK


def violations(shopper: Shopper, axe: str) -> list[str]:
    shopper.page.wait_for_timeout(500)  # Half of a fade would count as too little contrast.
    shopper.page.evaluate(axe)
    found = shopper.page.evaluate("axe.run()")
    assert any("amends-chat" in str(one["nodes"]) for one in found["passes"]), "looked past it"
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found["violations"]
    ]


def brightness(shopper: Shopper) -> float:
    colour = shopper.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor")
    parts = [float(part) for part in colour.split("(")[1].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


def test_on_a_phone_the_chat_has_the_whole_screen(assistant, new_context, axe, shot) -> None:
    shopper = Shopper.on(new_context(**PHONE), assistant.shop_url)
    shot(shopper.page, "phone-shop")
    shopper.open().says("hello")
    box = shopper.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    sideways = "document.documentElement.scrollWidth > innerWidth"
    assert not shopper.page.evaluate(sideways)
    shot(shopper.page, "phone")
    assert violations(shopper, axe) == []
    shopper.panel.get_by_role("button", name="Close chat").click()
    expect(shopper.launcher).to_be_visible()


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_the_shops_buttons_stand_beside_its_name(
    assistant, new_context, width: int
) -> None:
    phone = {**PHONE, "viewport": {"width": width, "height": 800}}
    page = Shopper.on(new_context(**phone), assistant.shop_url).page
    parts = [page.get_by_role("link", name="Tarn")]
    parts += [page.get_by_role("button", name=name) for name in ("Sign in as Robin", "Order help")]
    boxes = [part.bounding_box() for part in parts]
    middles = [box["y"] + box["height"] / 2 for box in boxes]
    assert max(middles) - min(middles) < 5, boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_a_language_from_right_to_left(pages, new_context, axe, shot) -> None:
    url = pages.url(language="he", strings="/hebrew.json", lang="he", dir="rtl")
    shopper = Shopper.on(new_context(), url)
    assert shopper.launcher.get_attribute("aria-label") == "פתיחת שיחה"
    assert shopper.launcher.bounding_box()["x"] < 100
    shopper.open().says("hello")
    shopper.reads("שלום! ספרו לנו")
    own, bot = (shopper.panel.locator(f".message.{role} .bubble") for role in ("shopper", "bot"))
    assert left(own) < left(bot) + bot.bounding_box()["width"] / 2
    assert right(bot) > right(own)
    assert violations(shopper, axe) == []
    shot(shopper.page, "right-to-left")


def left(one) -> float:
    return float(one.bounding_box()["x"])


def right(one) -> float:
    box = one.bounding_box()
    return float(box["x"] + box["width"])


def test_chinese(pages, new_context, shot) -> None:
    shopper = Shopper.on(new_context(), pages.url(language="zh", lang="zh"))
    label = shopper.launcher.get_attribute("aria-label") or ""
    assert any("\u4e00" <= sign <= "\u9fff" for sign in label), label
    shopper.open().says("hello")
    shopper.panel.locator("input[type=file]").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    shopper.reads("可以发送照片")  # The channel's own words are in the shopper's language too.
    shot(shopper.page, "chinese")


@pytest.mark.parametrize(
    ("language", "locale", "form"),
    [
        ("en", "en-GB", r"\d\d:\d\d"),
        ("en", "en-US", r"\d\d:\d\d [AP]M"),
        ("zh", "zh-CN", r"\d\d:\d\d"),
        ("zh", "en-US", r"\d\d:\d\d"),
    ],
)
def test_times_are_written_as_the_shopper_does(
    pages, new_context, language: str, locale: str, form: str
) -> None:
    shopper = Shopper.on(new_context(locale=locale), pages.url(language=language, lang=language))
    shopper.open().says("hello")
    assert re.fullmatch(
        form, shopper.panel.locator("time").last.inner_text().replace("\u202f", " ")
    )


def test_the_shop_sets_colours_and_the_side(pages, new_context) -> None:
    shopper = Shopper.on(new_context(), pages.url(position="left", title="Ask+us"))
    shopper.page.add_style_tag(content="amends-chat { --amends-accent: rgb(120, 40, 90) }")
    assert shopper.launcher.bounding_box()["x"] < 100
    assert shopper.open().panel.get_by_role("heading").inner_text() == "Ask us"
    colour = shopper.launcher.evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(120, 40, 90)"


def test_reduced_motion_means_no_motion(assistant, new_context) -> None:
    shopper = Shopper.on(new_context(reduced_motion="reduce"), assistant.shop_url).open()
    shopper.says("hello")
    moving = shopper.page.evaluate(
        "[...document.querySelector('amends-chat').shadowRoot.querySelectorAll('*')]"
        ".flatMap((one) => one.getAnimations()).length"
    )
    assert moving == 0


def test_a_page_that_is_not_the_shops_gets_no_chat(assistant, new_context) -> None:
    with Pages(0, assistant.url) as evil:
        shopper = Shopper.on(new_context(), evil.url())
        shopper.launcher.click()
        shopper.reads("This chat does not belong to the page that you are on.")
        shopper.types("hello")
        shopper.page.wait_for_timeout(2000)
        assert shopper.answers.count() == 0
        assert shopper.panel.locator(".log").get_attribute("aria-busy") == "true"
        assert shopper.page.evaluate("Object.keys(localStorage).join()").count("token") == 0
