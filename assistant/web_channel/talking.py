"""Who talks with a shopper, the bot or a person: the ticket store says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Owner:
    """Who talks: `bot`, or an `agent` and the name that shoppers read (None: no name)."""

    who: Literal["bot", "agent"]
    name: str | None = None


class Talking:
    """Reads table `conversations` of the ticket store."""

    def __init__(self, url: str, paused: Callable[[str], Awaitable[bool]]) -> None:
        self._url = url
        self._paused = paused

    async def who(self, sender: str) -> Owner:
        """Who talks with this shopper now."""
        raise NotImplementedError

    def learn(self, sender: str, owner: Owner) -> None:
        """Told by a push (joined, left) before the next question to the store."""
        raise NotImplementedError
