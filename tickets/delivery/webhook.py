"""Tickets for any program: signed webhooks as Standard Webhooks describes them."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook

from tickets.delivery.connectors import DeliveryError
from tickets.outbox import Event

TIMEOUT_S = 15.0
LONGEST_WAIT_S = 24 * 3600.0
"""A receiver that wants to be left alone for longer is asked once a day."""

MEND = "Look at the receiver's log and at AMENDS_WEBHOOK_URL."


class WebhookConnector:
    """Posts every event of a ticket to one address.

    Args:
        url: Where to.
        secret: Signs them, `whsec_…`.
        timeout_s: Longest wait for an answer, in seconds.
    """

    name = "webhook"

    def __init__(self, url: str, secret: SecretStr, timeout_s: float = TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._url = url
        self._signer = Webhook(secret.get_secret_value())
        # Reading all the certificates takes a while: once, not for every webhook.
        self._tls = httpx.create_ssl_context()

    def wants(self, event: Event) -> bool:
        """All of them."""
        return event.event.startswith("ticket.")

    async def send(self, event: Event) -> None:
        """Post it; taken is what is answered with 2xx.

        Raises:
            DeliveryError: it was not; final with 410, which says that nobody wants any more.
        """
        body = _body(event)
        try:
            status, headers = await self._answer(body, self._headers(event, body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(
                f"Expected an answer from the webhook within {self.timeout_s:g} seconds, found "
                f"{type(error).__name__}. {MEND}"
            ) from error
        _check(status, headers)

    async def _answer(self, body: str, headers: dict[str, str]) -> tuple[int, httpx.Headers]:
        # What comes after the status is not read: there is no end to what a receiver could send.
        async with (
            httpx.AsyncClient(
                timeout=self.timeout_s, follow_redirects=False, verify=self._tls
            ) as client,
            client.stream("POST", self._url, content=body.encode(), headers=headers) as response,
        ):
            return response.status_code, response.headers

    def _headers(self, event: Event, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "content-type": "application/json",
            "user-agent": "Amends",
            "webhook-id": event.name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(event.name, now, body),
        }


def _body(event: Event) -> str:
    told = {
        "type": event.event,
        "timestamp": event.created_at.isoformat(),
        "data": event.payload,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _check(status: int, headers: httpx.Headers) -> None:
    if httpx.codes.is_success(status):
        return
    if status == httpx.codes.GONE:
        raise DeliveryError(
            "Expected HTTP 2xx from the webhook, found 410: it wants no more. "
            "Correct AMENDS_WEBHOOK_URL, then `amends tickets retry`.",
            final=True,
        )
    if httpx.codes.is_redirect(status):
        raise DeliveryError(
            f"Expected HTTP 2xx from the webhook, found {status} to another address, which is "
            "not followed. Set AMENDS_WEBHOOK_URL to where it is now."
        )
    raise DeliveryError(
        f"Expected HTTP 2xx from the webhook, found {status}. {MEND}",
        again_in_s=_retry_after(headers.get("retry-after", "")),
    )


def _retry_after(header: str) -> float:
    """Seconds that a receiver asks for, as a number or as a date; 0 where that is neither."""
    try:
        seconds = float(header) if header.isdigit() else _until(header)
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
