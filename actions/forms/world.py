"""What an engine needs of the world around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from actions.forms.phrases import Phrases
from actions.forms.state import Task
from amends.orders import Order
from templates import Kind


class World(Protocol):
    """The shop, the team and the clock, for one message.

    Attributes:
        now: When the message is answered, UTC.
        phrases: The small words of the shopper's language.
    """

    now: datetime
    phrases: Phrases

    async def find(self, number: str, email: str) -> Order | None:
        """The order with this number and address.

        Raises:
            ShopDownError: nobody knows.
        """

    async def is_locked(self, number: str) -> bool:
        """Whether too many addresses were tried on the number, here or elsewhere."""

    async def note_wrong(self, number: str) -> None:
        """Remember that an address was tried that does not belong to the number."""

    async def act(self, task: Task) -> Order:
        """Do what the task is about; gives the order as it is then.

        Raises:
            ShopDownError: nobody knows whether it was done.
            NotPossibleError: it was not.
        """

    async def hand_over(self, rule: str, detail: str, category: str) -> Mapping[str, str] | None:
        """Put the message in front of the team; the facts of the committed ticket.

        None where nothing was committed: then nothing may be said of a ticket.
        """

    async def policy(self) -> str | None:
        """What the shop's policies say to the message, if they do."""


@dataclass(frozen=True)
class Saying:
    """One part of a reply: words of a kind, or a text that is worded already."""

    kind: Kind | None
    facts: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
