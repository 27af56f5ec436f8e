"""One request to WooCommerce's REST interface, with an end, and its answer or why there is none."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Any

from pydantic import SecretStr
from requests import RequestException, Response
from urllib3.exceptions import HTTPError
from woocommerce import API

from amends.orders.connector import ShopDownError

MOST_BYTES = 4 * 1024 * 1024
CHUNK = 64 * 1024
MOST_AT_ONCE = 32
"""Requests under way, also those that nobody waits for any more."""

USER_AGENT = "Amends"
UNKNOWN = "Whether anything was changed is not known: look the order up before another try."
CREDENTIALS = "Check AMENDS_WOOCOMMERCE_KEY and AMENDS_WOOCOMMERCE_SECRET, and what they may do."
ADDRESS = "Check AMENDS_WOOCOMMERCE_URL: it must lead to WordPress without a redirect."


Sent = tuple[Mapping[str, Any] | None, Mapping[str, str] | None]


@dataclass(frozen=True)
class Answer:
    """What WooCommerce said in JSON.

    Attributes:
        status: Of HTTP.
        body: An object or a list.
    """

    status: int
    body: Any

    @property
    def code(self) -> str:
        """What WooCommerce calls the error, empty where it says none."""
        code = self.body.get("code") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else ""


class Deadline:
    """When all requests of one call must be done.

    Args:
        seconds: From now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then, never negative."""
        return max(0.0, self._end - time.monotonic())


class WooCommerceClient:
    """Sends requests through WooCommerce's own client library.

    Over https the library signs in with the key and secret (basic authentication), over http it
    signs each request with them (OAuth 1.0a), so that the secret is never sent in the open.

    Args:
        url: Of the shop.
        key: Consumer key.
        secret: Consumer secret.
    """

    def __init__(self, url: str, key: SecretStr, secret: SecretStr) -> None:
        self._url = url
        self._key = key
        self._secret = secret
        self._free = BoundedSemaphore(MOST_AT_ONCE)
        # Its debug lines repeat each address, which holds the key and a signature.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

    def send(
        self,
        method: str,
        endpoint: str,
        deadline: Deadline,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a status of 400 or 404 is an answer too.

        Args:
            method: `get`, `post` or `put`.
            endpoint: Below `/wp-json/wc/v3/`.
            deadline: The whole answer must be there by then.
            data: What is sent as JSON.
            params: What is added to the address.

        Raises:
            ShopDownError: no answer that can be trusted.
        """
        answer = self._within(method, endpoint, deadline, (data, params))
        return answer if isinstance(answer, Answer) else _raise(method, answer)

    def _within(self, method: str, endpoint: str, deadline: Deadline, sent: Sent) -> Answer | str:
        # A shop that sends a byte now and then keeps the library waiting for ever: a thread is
        # left behind with it, and what it learns later is not listened to.
        if not self._free.acquire(blocking=False):
            return f"{MOST_AT_ONCE} requests that wait for it"
        result: SimpleQueue[Answer | str] = SimpleQueue()

        def work() -> None:
            try:
                result.put(self._sent(method, endpoint, deadline, *sent))
            finally:
                self._free.release()

        Thread(target=work, daemon=True, name="woocommerce").start()
        try:
            return result.get(timeout=deadline.left())
        except Empty:
            return "no whole answer in time"

    def _sent(
        self,
        method: str,
        endpoint: str,
        deadline: Deadline,
        data: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
    ) -> Answer | str:
        """The answer, or what was found instead, without the address: it holds a signature."""
        api = API(
            self._url,
            self._key.get_secret_value(),
            self._secret.get_secret_value(),
            version="wc/v3",
            timeout=max(deadline.left(), 0.001),
            user_agent=USER_AGENT,
        )
        body = {} if data is None else {"data": data}
        # A redirect would turn a change into a question, and send credentials elsewhere.
        options = {"params": dict(params or {}), "stream": True, "allow_redirects": False}
        try:
            with getattr(api, method)(endpoint, **body, **options) as response:
                return _read(response, deadline)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            return type(error).__name__


def _read(response: Response, deadline: Deadline) -> Answer | str:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            return f"more than {MOST_BYTES} bytes"
        if not deadline.left():
            return "no whole answer in time"
    if response.status_code not in (200, 201, 400, 404):
        return f"HTTP {response.status_code}"
    try:
        body = json.loads(content)
    except ValueError:
        return f"HTTP {response.status_code} without JSON"
    answer = Answer(response.status_code, body)
    # Without a code of its own it is somebody else's answer: a proxy's, another site's.
    if answer.status >= 400 and not answer.code:  # noqa: PLR2004 - HTTP's first error
        return f"HTTP {answer.status} that is not WooCommerce's"
    return answer


def _raise(method: str, found: str) -> Answer:
    remedy = "Check that the shop is up."
    if found in ("HTTP 401", "HTTP 403"):
        remedy = CREDENTIALS
    elif found.startswith("HTTP 3"):
        remedy = ADDRESS
    elif method != "get":
        remedy = UNKNOWN
    raise ShopDownError(f"Expected an answer of WooCommerce, found {found}. {remedy}")
