"""Where events go: what a connector is, and which ones the settings name."""

from collections.abc import Mapping
from typing import Protocol

from amends.errors import AmendsError
from tickets.outbox import Event, Family


class DeliveryError(AmendsError):
    """An event that was not taken; says why without secrets and without shoppers' words.

    Attributes:
        again_in_s: The receiver wants to be left alone for so many seconds.
        final: Whether another attempt would be in vain.
    """

    def __init__(self, words: str, again_in_s: float = 0.0, final: bool = False) -> None:
        super().__init__(words)
        self.again_in_s = again_in_s
        self.final = final


class Connector(Protocol):
    """A way to one receiver.

    Attributes:
        name: As `outbox.sent_to` remembers it.
        timeout_s: A delivery that lasts longer, in seconds, has failed.
    """

    name: str
    timeout_s: float

    def wants(self, event: Event) -> bool:
        """Whether the receiver is to hear of it."""

    async def send(self, event: Event) -> None:
        """Deliver it; with the same name (`Event.name`) however often.

        Raises:
            AmendsError: it was not taken, or nobody knows whether it was.
        """


Connectors = Mapping[Family, tuple[Connector, ...]]
