"""How good it was, one to five, from the shopper to the app."""

import logging
from collections.abc import Callable

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered

from assistant.web_channel import trackers
from assistant.web_channel.app_client import AppClient
from assistant.web_channel.history import RATED
from assistant.web_channel.messages import rated
from assistant.web_channel.rooms import Rooms

logger = logging.getLogger(__name__)


class Ratings:
    """Stores ratings, and closes the question on every screen."""

    def __init__(self, app: AppClient, rooms: Rooms, agent: Callable[[], Agent]) -> None:
        self._app, self._rooms, self._agent = app, rooms, agent

    async def take(self, sender: str, data: object) -> None:
        """Store one.

        Raises:
            RefusedError: bad_message, or unavailable: then nothing was stored.
        """
        given = rated(data)
        await self._app.keep_rating(sender, given.id, given.score)
        await self._rooms.tell(sender, "rating", {"id": None})
        marker = BotUttered(text=None, data={}, metadata={RATED: given.id})
        try:
            await trackers.append(self._agent(), sender, [marker])
        except trackers.TrackersDownError:
            # Asked again after the next reload; the app keeps the first answer.
            logger.warning("a rating is stored, but not that it was given")
