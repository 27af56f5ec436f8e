"""What Rasa says in a turn, on its way to the shopper's screen."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel
from rasa.shared.core.events import BotUttered

from assistant.web_channel.messages import message
from assistant.web_channel.screen import Screen

logger = logging.getLogger(__name__)

CHANNEL = "web"


class TurnOutput(OutputChannel):
    """Shows what is said while the turn is open and the bot may speak.

    Attributes:
        spoken: what was shown, in order.
    """

    def __init__(self, screen: Screen, may_speak: Callable[[], bool]) -> None:
        """Show on `screen`; `may_speak` says whether no person has taken over meanwhile."""
        self.spoken: list[dict[str, Any]] = []
        self._screen = screen
        self._may_speak = may_speak
        self._open = True

    @classmethod
    def name(cls) -> str:
        """The channel's name in the tracker."""
        return CHANNEL

    def close(self) -> None:
        """Nothing that is said from now on is shown."""
        self._open = False

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Show one of Rasa's responses; called by Rasa."""
        shown = as_message(message)
        if shown is not None and self._open and self._may_speak():
            await self.say(shown)

    async def say(self, shown: dict[str, Any]) -> None:
        """Show a message, whether or not the turn is still open.

        Once begun it goes to every tab, even if the turn is cancelled meanwhile.
        """
        self.spoken.append(shown)
        await asyncio.shield(self._show(shown))

    async def _show(self, shown: dict[str, Any]) -> None:
        try:
            await self._screen.show(shown)
        except Exception:  # The tracker has it: who reloads the page reads it there.
            logger.exception("message %s could not be shown", shown["id"])


def as_message(response: dict[str, Any]) -> dict[str, Any] | None:
    """A response of Rasa's as the browser gets it; None for one with nothing to read."""
    text, offered = response.get("text") or "", response.get("buttons") or []
    buttons = [{"title": str(b["title"]), "payload": str(b["payload"])} for b in offered]
    if not text and not buttons:
        return None
    # Without an id of its own it gets the one that history.py makes of the point in time.
    at = response["timestamp"]
    return message(response.get("id") or f"bot-{at:.6f}", "bot", text, buttons=buttons, at=at)


def as_event(shown: dict[str, Any]) -> BotUttered:
    """The event that puts a message into the tracker as it was shown."""
    metadata = {"id": shown["id"], "role": shown["role"]}
    return BotUttered(shown["text"], {"buttons": shown["buttons"] or None}, metadata)
