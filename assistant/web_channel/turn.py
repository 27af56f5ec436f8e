"""From an accepted message to words on the shopper's screen, whatever fails on the way."""

from collections.abc import Callable

from rasa.core.agent import Agent

from assistant.web_channel.kept import Kept
from assistant.web_channel.said import Said
from assistant.web_channel.screen import Screen
from assistant.web_channel.talking import Talking
from assistant.web_channel.words import Words


class Turns:
    """Runs one turn at a time for a sender; the caller queues."""

    def __init__(
        self, agent: Callable[[], Agent], talking: Talking, kept: Kept, words: Words
    ) -> None:
        self._agent = agent
        self._talking = talking
        self._kept = kept
        self._words = words

    async def run(self, said: Said, screen: Screen) -> None:
        """Answer, or say why there is no answer. Never raises."""
        raise NotImplementedError
