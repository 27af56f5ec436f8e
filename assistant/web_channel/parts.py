"""Puts the channel's parts together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rasa.core.agent import Agent
from socketio import AsyncServer

from assistant.web_channel.app_client import AppClient
from assistant.web_channel.attachments import AttachmentEndpoint
from assistant.web_channel.configuration import Configuration
from assistant.web_channel.connections import Connections
from assistant.web_channel.forget import ForgetEndpoint
from assistant.web_channel.gate import Gate, TextPacket
from assistant.web_channel.inbox_queue import InboxQueue
from assistant.web_channel.kept import Kept
from assistant.web_channel.limits import Limits
from assistant.web_channel.messages import message
from assistant.web_channel.origins import Origins
from assistant.web_channel.push import PushEndpoint
from assistant.web_channel.ratings import Ratings
from assistant.web_channel.rooms import Rooms, RoomScreen
from assistant.web_channel.said import Said
from assistant.web_channel.screen import Screen
from assistant.web_channel.session_endpoint import SessionEndpoint
from assistant.web_channel.session_tokens import Tokens
from assistant.web_channel.sockets import Sockets
from assistant.web_channel.static_widget import WidgetEndpoint
from assistant.web_channel.talking import Talking
from assistant.web_channel.telling import Telling
from assistant.web_channel.transcript import TranscriptEndpoint
from assistant.web_channel.welcome import Welcome
from assistant.web_channel.words import Words

logger = logging.getLogger(__name__)

GOODBYE_S = 1.0


class RunsTurns(Protocol):
    """What answers a message: `turn.Turns`."""

    async def run(self, said: Said, screen: Screen) -> None:
        """From an accepted message to words on the screen."""


@dataclass(frozen=True)
class Behind:
    """What stands behind the channel.

    Attributes:
        turns: answers messages.
        talking: knows who talks.
        kept: holds what cannot be given to its destination yet.
        protect: called once the agent is there, before the first message.
    """

    turns: RunsTurns
    talking: Talking
    kept: Kept
    protect: Callable[[], None]


MakeBehind = Callable[[Configuration, Tokens, Words, Callable[[], Agent], Rooms], Behind]


class Parts:
    """Everything of one channel in one server.

    Args:
        configuration: keys, origins and addresses.
        limits: how much may be sent.
        agent: Rasa's, which is there only once the server runs, and anew after a reload.
        prefix: the channel's path.
        behind: makes what stands behind it.
    """

    def __init__(
        self,
        configuration: Configuration,
        limits: Limits,
        agent: Callable[[], Agent],
        prefix: str,
        behind: MakeBehind,
    ) -> None:
        self.words = Words.load()
        self.server = server(limits)
        self.connections = Connections(self.server)
        self._rooms = Rooms(self.server)
        tokens = Tokens(configuration.session_key, configuration.shop_key)
        self.origins = Origins(configuration.origins, prefix)
        self._behind = behind(configuration, tokens, self.words, agent, self._rooms)
        app = AppClient(configuration.actions_url, tokens, limits.max_file_bytes)
        self._queue = InboxQueue(self._turn, limits.waiting_messages)
        talking, kept = self._behind.talking, self._behind.kept
        self.session = SessionEndpoint(tokens, self.origins, limits)
        self.attachments = AttachmentEndpoint(tokens, self.origins, self._rooms, app, limits)
        telling = Telling(self._rooms, talking, kept, agent)
        self.push = PushEndpoint(tokens, telling, limits)
        self.transcript = TranscriptEndpoint(tokens, self._rooms, agent)
        self.forget = ForgetEndpoint(
            tokens, self._rooms, talking, kept, agent, self.server.disconnect
        )
        self.widget = WidgetEndpoint(configuration.widget_dir)
        self.sockets = Sockets(
            self.server, Gate(self.server, limits, self.words), tokens, self.origins, self._rooms,
            limits, self.words, put=self._queue.put, rate=Ratings(app, self._rooms, agent).take,
            welcome=Welcome(self._rooms, talking, agent, limits).of,
        )  # fmt: skip

    def start(self) -> None:
        """Begin; Rasa's agent is loaded and the loop runs."""
        self._behind.protect()
        self._behind.kept.start()

    async def stop(self, wait_s: float) -> None:
        """End, with some seconds for the turns at hand."""
        await self._queue.stop(wait_s)
        await self._behind.kept.stop()
        await self.connections.stop(GOODBYE_S)

    async def _turn(self, said: Said) -> None:
        screen = RoomScreen(self._rooms, said.sender)
        try:
            await self._behind.turns.run(said, screen)
        except Exception:
            # It promises not to raise. Should it, the shopper is not to pay with silence.
            words = self.words.say("broken", said.language)
            await screen.state(typing=False, still_looking=False)
            await screen.show(message(f"{said.id[:56]}-broken", "notice", words))
            raise


def server(limits: Limits) -> AsyncServer:
    """A socket.io server; `origins.py` looks after origins, where it can say so in words."""
    return AsyncServer(
        async_mode="sanic",
        # Handlers are quick, and a connection's events are taken in their order.
        async_handlers=False,
        cors_allowed_origins=[],
        max_http_buffer_size=limits.max_frame_bytes,
        serializer=TextPacket,
    )
