"""What the shopper is told: notices and the question for a rating, in the chat."""

from typing import Literal, cast

from amends.channel_client import NoSuchChatError, Push, PushError, push
from amends.service_tokens import ServiceKeyError
from amends.settings import Settings
from tickets.delivery.connectors import DeliveryError
from tickets.delivery.threads import beside
from tickets.notices import notice
from tickets.outbox import Event

Kind = Literal["joined", "waiting", "left", "rating"]

STEP_S = 5.0
TIMEOUT_S = 15.0


class ChatConnector:
    """Pushes to the shopper's screen through the web channel.

    Args:
        settings: They say where the channel is, and in what language the shop talks.
    """

    name = "chat"
    timeout_s = TIMEOUT_S

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def wants(self, event: Event) -> bool:
        """What is said in the chat."""
        return event.event.startswith("chat.")

    async def send(self, event: Event) -> None:
        """Say it.

        Raises:
            DeliveryError: the conversation is none of the web channel's; final.
            PushError: the channel did not take it, or did not say so.
        """
        try:
            await beside(lambda: say(event, self._settings))
        except NoSuchChatError as error:
            raise DeliveryError(str(error), final=True) from error


def say(event: Event, settings: Settings) -> int:
    """Show the shopper what an event has to say; the same one is shown once.

    Returns:
        On how many screens it is now; 0 when the shopper is away and reads it on coming back.

    Raises:
        PushError: the channel does not run or did not take it.
        PushUnknownError: it was sent, but the channel did not say what became of it.
    """
    try:
        return push(_push(event, settings.language), settings, STEP_S)
    except ServiceKeyError as error:
        raise PushError(str(error)) from error


def _push(event: Event, language: str) -> Push:
    words, name = event.payload.get("words"), event.payload.get("name")
    return Push(
        conversation=event.conversation_id,
        id=event.payload["id"],
        kind=cast(Kind, event.event.removeprefix("chat.")),
        text=notice(words, name, language) if words else "",
        name=name,
    )
