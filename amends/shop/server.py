"""The demo shop: a page as any shop has one, with the chat on it by one script tag."""

import asyncio
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import jwt
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sanic import NotFound, Request, Sanic
from sanic.response import BaseHTTPResponse, HTTPResponse, html, json

from amends.orders import ShopDownError
from amends.orders.demo import DemoShop
from amends.settings import Settings
from amends.shop.goods import GOODS, Good
from amends.shop.orders import OrderToTry, shown

HERE = Path(__file__).parent
SHOPPER = {"sub": "demo-shop-robin", "name": "Robin"}
IDENTITY_S = 3600


class Shop:
    """Its pages.

    Args:
        settings: Where the assistant is, which language it speaks, and whether the shop signs
            who its shoppers are.
    """

    def __init__(self, settings: Settings) -> None:
        self._assistant = reachable(settings.rasa_url)
        self._language = settings.language
        self._key = settings.shop_key
        # Another system's orders are real people's: none of them is shown.
        is_demo = settings.shop_connector == "demo"
        self._orders = DemoShop(settings.state_dir, settings.shop_timeout_s) if is_demo else None
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "pages"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def home(self, _: Request) -> HTTPResponse:
        """All products, and orders to try the chat with."""
        orders = await asyncio.to_thread(self._orders_to_try)
        return self._page("home.html", goods=GOODS, orders=orders)

    async def product(self, _: Request, slug: str) -> HTTPResponse:
        """One product; 404 for one that the shop does not have."""
        good = next((one for one in GOODS if one.slug == slug), None)
        if good is None:
            raise NotFound(f"no product {slug}")
        return self._page("product.html", good=good, others=_others(good))

    async def identity(self, _: Request) -> HTTPResponse:
        """Who the shopper is, signed by the shop: what a shop does for those who are logged in."""
        if self._key is None:
            raise NotFound("the shop has no key to sign with")
        claims = {**SHOPPER, "aud": "amends-identity", "exp": int(time.time()) + IDENTITY_S}
        token = jwt.encode(claims, self._key.get_secret_value(), "HS256")
        return json({"token": token}, headers={"Cache-Control": "no-store"})

    async def guard(self, _: Request, response: BaseHTTPResponse) -> None:
        """As strict as a careful shop would be: whatever the widget needs beyond this, it lacks."""
        response.headers["Content-Security-Policy"] = policy(self._assistant)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"

    def _orders_to_try(self) -> list[OrderToTry] | None:
        """None without a demo shop; none at all when its file cannot be used, which is said."""
        if self._orders is None:
            return None
        try:
            return shown(self._orders.orders_to_try(), date.today())
        except ShopDownError as error:
            print(f"Demo shop: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the log
            return []

    def _page(self, name: str, **values: object) -> HTTPResponse:
        page = self._pages.get_template(name)
        common = {
            "assistant": self._assistant,
            "language": self._language,
            "signs": self._key is not None,
        }
        return html(page.render(**common, **values), headers={"Cache-Control": "no-cache"})


def policy(assistant: str) -> str:
    """Content security policy: nothing but the shop itself and the assistant, nothing inline.

    Args:
        assistant: Its origin.
    """
    sockets = assistant.replace("http", "ws", 1)
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' {assistant}",
        "connect-src": f"'self' {assistant} {sockets}",
        "img-src": "'self'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def reachable(url: str) -> str:
    """An address that a browser on this machine can open, also where a server binds to them all."""
    parts = urlsplit(url)
    hosts = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read, not bound to
    host = hosts.get(parts.hostname or "")
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}")) if host else url


def make_app(settings: Settings, name: str = "amends-shop") -> "Sanic[Any, Any]":
    """The server, not started yet."""
    app = Sanic(name, configure_logging=False)
    shop = Shop(settings)
    app.add_route(shop.home, "/")
    app.add_route(shop.product, "/products/<slug:str>")
    app.add_route(shop.identity, "/identity", methods=["POST"])
    app.static("/static", HERE / "static", name="static")
    app.register_middleware(shop.guard, "response")
    return app


def _others(good: Good) -> list[Good]:
    start = GOODS.index(good) + 1
    return [GOODS[(start + step) % len(GOODS)] for step in range(3)]
