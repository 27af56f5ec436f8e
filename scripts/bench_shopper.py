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
CONFIRM_S = 30.0
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

    def _forget(self) -> None:
        while not self._shown.empty():
            self._shown.get_nowait()
