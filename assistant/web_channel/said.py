"""One message that a shopper sent through the web channel and that was accepted."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a shopper said, after the channel checked it.

    Attributes:
        id: made by the browser; a message that is sent twice has the same one.
        sender: `web-…` or `shop-…`, Rasa's sender id and the name of the room.
        text: 0 to `max_chars` characters, without blanks and slashes in front and without card
            numbers; empty only where there is an attachment.
        attachment: `id`, `name` and `media_type` of the file that belongs to it; None without one.
        language: two letters, what the page asked for.
        name: of an identified shopper, as the shop gave it; None for others.
        received: `time.monotonic()` when it was accepted, in seconds.
        had_card: whether a payment card number was taken out of the text.
    """

    id: str
    sender: str
    text: str
    attachment: dict[str, Any] | None
    language: str
    name: str | None
    received: float
    had_card: bool = False
