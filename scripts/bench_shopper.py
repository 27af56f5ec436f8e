"""A shopper of the web chat as a program: socket.io's own client, which waits for answers."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import jwt
from bench_servers import BenchError, Servers
from socketio import AsyncClient
from socketio.exceptions import ConnectionError as SocketError
from socketio.exceptions import TimeoutError as NoAcknowledgementError

CHANNEL = "/webhooks/web"
END = "end"
"""Not a role of the channel's: stands among the messages where a turn is over."""
CONFIRM_S = 30.0
NOTICE_S = 0.5
"""After the channel said that a person is waited for, its one notice may still come."""
ANSWER_S = 20.0
"""Well beyond the channel's own apology, which comes at 12 s at the latest."""


@dataclass
class Answer:
    """What came back for one message.

    Attributes:
        seconds: From sending to the first words on the screen.
        text: Those words.
    """

    seconds: float
    text: str


@dataclass
class Turn:
    """All that came back for one message, until the channel said that the turn is over.

    Attributes:
        id: Of the message, as the channel and the ticket store know it.
        seconds: From sending to the first words; None when there were none.
        said: The bot's words, one text a message.
        notices: The channel's.
        titles: Of the buttons below the bot's words.
        waits: Whether the bot is silent because a person talks or is waited for.
    """

    id: str
    seconds: float | None = None
    said: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    waits: bool = False

    def add(self, seconds: float, message: dict[str, Any]) -> None:
        """Take one message of the channel's."""
        if message["role"] == "bot":
            self.seconds = seconds if self.seconds is None else self.seconds
            self.said.append(str(message["text"]))
            self.titles = [str(one["title"]) for one in message.get("buttons") or ()]
        elif message["role"] == "notice":
            self.notices.append(str(message["text"]))


@dataclass
class Shopper:
    """One browser. `async with` asks for a session and connects."""

    servers: Servers
    sender: str = ""
    _shown: "asyncio.Queue[tuple[float, dict[str, Any]]]" = field(default_factory=asyncio.Queue)
    _refusal: object = None
    _confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        token = await self._session()
        # Whose conversation it is stands in the token; only the channel can check its signature.
        claims = jwt.decode(token, options={"verify_signature": False})
        self.sender = str(claims["sub"])
        await self._connect(token)
        await asyncio.wait_for(self._confirmed.wait(), CONFIRM_S)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.disconnect()

    async def ask(self, text: str) -> Answer | None:
        """Send a message and wait for words; None when none came in time."""
        self._forget()
        began = time.perf_counter()
        said = {"id": str(uuid.uuid4()), "text": text, "attachment": None}
        try:
            taken = await self._client.call("message", said, timeout=ANSWER_S)
        except NoAcknowledgementError:
            return None
        if not taken["ok"]:
            raise BenchError(f"expected the channel to take {text!r}, found: {taken['words']}")
        return await self.next_from("bot", began)

    async def turn(self, text: str) -> Turn:
        """Send a message at the channel's pace and take all that comes until the turn is over."""
        self._forget()
        turn = Turn(str(uuid.uuid4()))
        said = {"id": turn.id, "text": text, "attachment": None}
        began = time.perf_counter()
        try:
            while not (taken := await self._client.call("message", said, timeout=ANSWER_S))["ok"]:
                if not taken.get("retry_after_s"):
                    raise BenchError(f"expected the channel to take {text!r}, found: {taken}")
                await asyncio.sleep(taken["retry_after_s"])
                began = time.perf_counter()
        except NoAcknowledgementError:
            return turn
        await self._until_end(turn, began)
        return turn

    async def _until_end(self, turn: Turn, began: float) -> None:
        limit = ANSWER_S
        while True:
            try:
                at, message = await asyncio.wait_for(self._shown.get(), limit)
            except TimeoutError:
                return
            if message["role"] != END:
                turn.add(at - began, message)
            elif message["who"] == "bot":
                return
            else:
                turn.waits, limit = True, NOTICE_S

    async def next_from(self, role: str, began: float) -> Answer | None:
        """The next message of that role, timed from `began` (`time.perf_counter()`)."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    at, message = await self._shown.get()
                    if message["role"] == role:
                        return Answer(at - began, str(message["text"]))
        except TimeoutError:
            return None

    async def _session(self) -> str:
        # trust_env: a proxy for the web is no way to a server on this machine.
        async with httpx.AsyncClient(trust_env=False, timeout=CONFIRM_S) as http:
            response = await http.post(
                f"{self.servers.settings.rasa_url}{CHANNEL}/session",
                json={"token": None, "identity": None},
                headers={"Origin": self.servers.origin},
            )
        if response.status_code != httpx.codes.OK:
            raise BenchError(f"expected a session, found {response.status_code}: {response.text}")
        return str(response.json()["token"])

    async def _connect(self, token: str) -> None:
        self._client = AsyncClient(reconnection=False)
        self._client.on("session_confirm", self._on_confirm)
        self._client.on("message", self._on_message)
        self._client.on("state", self._on_state)
        self._client.on("talking", self._on_talking)
        self._client.on("connect_error", self._on_refusal)
        try:
            await self._client.connect(
                self.servers.settings.rasa_url,
                headers={"Origin": self.servers.origin},
                auth={"token": token, "language": "en"},
                transports=["websocket"],
                socketio_path=f"{CHANNEL}/socket.io",
            )
        except SocketError as error:
            raise BenchError(f"expected to connect, found: {self._refusal or error}") from error

    async def _on_refusal(self, reason: object) -> None:
        self._refusal = reason

    async def _on_confirm(self, _: object) -> None:
        self._confirmed.set()

    async def _on_message(self, message: dict[str, Any]) -> None:
        self._shown.put_nowait((time.perf_counter(), message))

    async def _on_state(self, state: dict[str, Any]) -> None:
        if not state["typing"]:
            self._shown.put_nowait((time.perf_counter(), {"role": END, "who": "bot"}))

    async def _on_talking(self, talking: dict[str, Any]) -> None:
        self._shown.put_nowait((time.perf_counter(), {"role": END, "who": talking["who"]}))

    def _forget(self) -> None:
        while not self._shown.empty():
            self._shown.get_nowait()
