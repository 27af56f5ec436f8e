"""Shoppers as programs: one with a browser's manners, and one behind the REST channel."""

import asyncio
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from socketio import AsyncClient
from socketio.exceptions import ConnectionError as SocketError

from amends.serve.conversation import CHANNEL as REST
from amends.settings import Settings

CHANNEL = "/webhooks/web"
CONFIRM_S = 30.0
AGAIN_S = 0.4
REST_S = 30.0
REFERENCE = re.compile(r"\bAM-[0-9A-Z]{6}\b")


@dataclass
class Said:
    """A message of the shopper's.

    Attributes:
        id: Of the web channel; None over REST, where Rasa makes one for each request.
        text: Ends in a word that no other message has.
        to: Who talked with the shopper then: bot, waiting or agent.
        words: What the bot and notices said between it and the shopper's next message.
        error: Why nothing came back, where the shopper was told so.
        began: When it was typed, `time.monotonic()`.
    """

    text: str
    id: str | None = None
    to: str = "bot"
    words: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    began: float = field(default_factory=time.monotonic)


def angry(text: str) -> str:
    """The text with a word of its own, by which it is found again; digits would be masked."""
    word = "".join(random.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))
    return f"{text} {word}"


class WebShopper:
    """One browser tab that comes back whenever its connection is lost.

    Attributes:
        sender: The conversation, as the channel's token names it.
        screen: Messages in the order in which they came, each id once, as the widget shows them.
        said: The shopper's own.
        talking: Who talks, as the header of the widget says.
        reconnected: How often the line was lost and came back.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._token = ""
        self._ids: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._client: AsyncClient | None = None
        self._confirmed = asyncio.Event()
        self.sender = ""
        self.screen: list[dict[str, Any]] = []
        self.said: list[Said] = []
        self.talking = "bot"
        self.reconnected = -1

    async def open(self) -> "WebShopper":
        """Open the chat."""
        async with httpx.AsyncClient(trust_env=False, timeout=CONFIRM_S) as http:
            answer = await http.post(
                f"{self._settings.rasa_url}{CHANNEL}/session",
                json={"token": None, "identity": None},
                headers={"Origin": self._settings.allowed_origins[0]},
            )
        self._token = str(answer.raise_for_status().json()["token"])
        # Only the channel can check the signature.
        claims = jwt.decode(self._token, options={"verify_signature": False})
        self.sender = str(claims["sub"])
        self._task = asyncio.create_task(self._stay())
        await asyncio.wait_for(self._confirmed.wait(), CONFIRM_S)
        return self

    async def close(self) -> None:
        """Close the tab."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def says(self, text: str) -> Said:
        """Type something; it is sent now, or as soon as there is a connection."""
        said = Said(angry(text), uuid.uuid4().hex, self.talking)
        self.said.append(said)
        if self._confirmed.is_set():
            await self._send(said)
        return said

    def is_connected(self) -> bool:
        """Whether what is typed now is sent now."""
        return self._confirmed.is_set()

    def texts(self, role: str) -> list[str]:
        """What this role said on the screen."""
        return [one["text"] for one in self.screen if one["role"] == role]

    async def _stay(self) -> None:
        while True:
            try:
                await self._once()
            except SocketError:
                pass  # Rasa is down: as the widget does, try again.
            finally:
                self._confirmed.clear()
            await asyncio.sleep(AGAIN_S + random.random() * AGAIN_S)

    async def _once(self) -> None:
        client = self._client = AsyncClient(reconnection=False)
        client.on("session_confirm", self._confirm)
        client.on("message", self._show)
        client.on("talking", self._talks)
        try:
            await client.connect(
                self._settings.rasa_url,
                headers={"Origin": self._settings.allowed_origins[0]},
                auth={"token": self._token, "language": "en"},
                transports=["websocket"],
                socketio_path=f"{CHANNEL}/socket.io",
            )
            await client.wait()
        finally:
            await client.disconnect()

    async def _confirm(self, hello: dict[str, Any]) -> None:
        for message in hello["messages"]:
            await self._show(message)
        self.talking = hello["talking"]["who"]
        self.reconnected += 1
        known = {message["id"] for message in hello["messages"]}
        self._confirmed.set()
        for said in self.said:
            if said.id not in known:
                await self._send(said)

    async def _send(self, said: Said) -> None:
        def acknowledged(answer: dict[str, Any]) -> None:
            said.error = None if answer["ok"] else str(answer["words"])

        assert self._client is not None
        body = {"id": said.id, "text": said.text, "attachment": None}
        try:
            await self._client.emit("message", body, callback=acknowledged)
        except SocketError:
            self._confirmed.clear()  # It goes with the next connection.

    async def _show(self, message: dict[str, Any]) -> None:
        if message["id"] in self._ids:
            return
        self._ids.add(message["id"])
        self.screen.append(message)
        if REFERENCE.search(message["text"]) and message["role"] == "bot":
            self.talking = "waiting"
        # What an agent says is no answer of ours to whether the message arrived.
        if message["role"] in {"bot", "notice"} and self.said:
            self.said[-1].words.append(message)

    async def _talks(self, data: dict[str, Any]) -> None:
        self.talking = data["who"]


class RestShopper:
    """A shopper whose messages another program brings, one request each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.sender = f"rest-{uuid.uuid4().hex}"
        self.said: list[Said] = []
        self.screen: list[dict[str, Any]] = []
        self.talking = "bot"

    async def says(self, text: str) -> Said:
        """Send something and wait for the words, or for the news that there are none."""
        said = Said(angry(text), to=self.talking)
        self.said.append(said)
        body = {"sender": self.sender, "message": said.text}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=REST_S) as http:
                answer = await http.post(f"{self._settings.rasa_url}{REST}", json=body)
            said.words += [self._words(one["text"]) for one in answer.raise_for_status().json()]
        except httpx.HTTPError as error:
            said.error = type(error).__name__
        return said

    def _words(self, text: str) -> dict[str, Any]:
        if REFERENCE.search(text):
            self.talking = "waiting"
        return {"id": "", "role": "bot", "text": text, "at": time.time()}
