"""The demo shop in a process of its own, as `amends run` starts it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import jwt
import pytest

from amends.serve.readiness import BUSY, shop_problem
from amends.settings import Settings
from amends.shop.goods import GOODS
from amends.shop.server import HERE, policy, reachable

SHOP_KEY = "a key of the shop that nobody can guess"
PAGES = ["/", *(f"/products/{good.slug}" for good in GOODS)]


class Shop:
    def __init__(self, port: int, state: Path, **settings: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.env = os.environ | {
            "AMENDS_SHOP_PORT": str(port),
            "AMENDS_STATE_DIR": str(state),
            **settings,
        }
        self.process = subprocess.Popen([sys.executable, "-m", "amends.shop"], env=self.env)
        end = time.monotonic() + 30
        while self.get_or_none("/") is None:
            assert time.monotonic() < end, "the shop never opened"
            time.sleep(0.1)

    def get_or_none(self, path: str) -> httpx.Response | None:
        try:
            return self.get(path)
        except httpx.HTTPError:
            return None

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False)

    def close(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Shop]]:
    opened: list[Shop] = []

    def start(port: int, **settings: str) -> Shop:
        opened.append(Shop(port, tmp_path_factory.mktemp("shop"), **settings))
        return opened[-1]

    yield start
    for shop in opened:
        shop.close()


def _port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(_port(), AMENDS_RASA_PORT="6001")


@pytest.fixture(scope="module")
def signing_shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(_port(), AMENDS_SHOP_KEY=SHOP_KEY)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_widget_by_one_script_tag(shop: Shop, path: str) -> None:
    page = shop.get(path)
    assert page.status_code == 200
    assert page.text.count("http://127.0.0.1:6001/webhooks/web/widget.js") == 1


@pytest.mark.parametrize("path", PAGES)
def test_whatever_a_page_names_is_there_and_its_own(shop: Shop, path: str) -> None:
    text = shop.get(path).text
    named = set(re.findall(r'(?:src|href)="([^"#]+)', text)) - {""}
    own = {one for one in named if one.startswith("/")}
    assert named - own == {"http://127.0.0.1:6001/webhooks/web/widget.js"}
    assert {one: shop.get(one).status_code for one in own} == dict.fromkeys(own, 200)


@pytest.mark.parametrize("path", [*PAGES, "/products/none", "/static/shop.css", "/nowhere"])
def test_every_answer_is_guarded_also_those_that_refuse(shop: Shop, path: str) -> None:
    headers = shop.get(path).headers
    rules = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' http://127.0.0.1:6001"
    assert rules["connect-src"] == "'self' http://127.0.0.1:6001 ws://127.0.0.1:6001"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_in_a_page_needs_a_softer_policy(shop: Shop, path: str) -> None:
    text = shop.get(path).text
    assert not re.search(r"<style|style=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", ["/products/none", "/products/", "/static/..%2Fserver.py"])
def test_what_the_shop_does_not_have_is_not_found(shop: Shop, path: str) -> None:
    assert shop.get(path).status_code == 404


def test_a_shop_without_a_key_signs_nobody_in(shop: Shop) -> None:
    assert "data-sign-in" not in shop.get("/").text
    assert httpx.post(f"{shop.url}/identity", trust_env=False).status_code == 404


def test_a_shop_with_a_key_says_who_the_shopper_is_for_less_than_a_day(signing_shop: Shop) -> None:
    assert "data-sign-in" in signing_shop.get("/").text
    answer = httpx.post(f"{signing_shop.url}/identity", trust_env=False)
    claims = jwt.decode(answer.json()["token"], SHOP_KEY, ["HS256"], audience="amends-identity")
    assert claims["sub"] == "demo-shop-robin"
    assert claims["name"] == "Robin"
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    assert answer.headers["cache-control"] == "no-store"
    assert signing_shop.get("/identity").status_code == 405


def test_the_shop_is_ready_only_with_the_widget_on_its_page(shop: Shop) -> None:
    here = f"{shop.url}/static/shop.js"
    assert shop_problem(shop.url, here) is None
    missing = f"{shop.url}/nowhere.js"
    assert str(shop_problem(shop.url, missing)).startswith(f"{missing} answers HTTP 404: ")
    assert shop_problem(f"http://127.0.0.1:{_port()}", here) == BUSY


def test_the_shop_stops_when_it_is_asked_to(open_shop: Callable[..., Shop]) -> None:
    assert open_shop(_port()).close() == 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:5005", "http://127.0.0.1:5005"),
        ("http://0.0.0.0:5005", "http://127.0.0.1:5005"),
        ("http://[::]:5005", "http://[::1]:5005"),
        ("http://[fd00::1]:5005", "http://[fd00::1]:5005"),
        ("http://chat.example:80", "http://chat.example:80"),
    ],
)
def test_a_server_on_every_address_is_reached_on_this_machine(url: str, expected: str) -> None:
    assert reachable(url) == expected


def test_sockets_of_a_secure_assistant_are_secure() -> None:
    assert "wss://chat.example" in policy("https://chat.example")


@pytest.mark.parametrize("good", GOODS, ids=lambda good: good.slug)
def test_every_product_has_a_picture_that_draws_without_anything_else(good) -> None:
    picture = HERE / "static" / "pictures" / f"{good.slug}.svg"
    assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"<style|<script|href=|url\(", picture.read_text())


def test_the_shops_pages_may_use_the_chat_by_default() -> None:
    assert Settings(shop_port=6003).allowed_origins[0] == "http://127.0.0.1:6003"
