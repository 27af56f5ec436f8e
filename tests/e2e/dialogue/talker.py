"""A shopper of the web chat as a program, for conversations line by line."""

import asyncio
import json
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import jwt
from socketio import AsyncClient

CHANNEL = "/webhooks/web"
CONFIRM_S = 30.0
ANSWER_S = 25.0
"""Beyond the channel's own apology."""
SILENT_S = 2.0


@dataclass
class Turn:
    """What came of one message.

    Attributes:
        ack: What the channel acknowledged it with.
        shown: What was shown from then until Rasa had done, in order.
        actions: What Rasa ran for it, but for listening and the assessment.
    """

    ack: dict[str, Any]
    shown: list[dict[str, Any]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def of(self, role: str) -> list[str]:
        """What this role said."""
        return [one["text"] for one in self.shown if one["role"] == role]

    @property
    def text(self) -> str:
        """What the bot said."""
        return "\n".join(self.of("bot"))

    @property
    def buttons(self) -> list[str]:
        """Titles of the buttons below what was said last."""
        return [button["title"] for button in self.shown[-1]["buttons"]] if self.shown else []


class Talker:
    """One tab, in a `with`. Each call runs the connection until it has what it waits for."""

    def __init__(self, assistant: Any, language: str = "en") -> None:
        self._assistant, self._language = assistant, language
        self._origin = assistant.env["AMENDS_ORIGINS"].split(",")[0]
        self._loop = asyncio.new_event_loop()
        self._news: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._client = AsyncClient(reconnection=False)
        self.sender = ""
        self.history: list[dict[str, Any]] = []
        self.talking = "bot"

    def __enter__(self) -> Self:
        self._loop.run_until_complete(self._connect(self._token()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run_until_complete(self._client.disconnect())
        self._loop.close()

    def says(self, text: str) -> Turn:
        """Say something, and wait until it is answered or there is nothing to come."""
        return self._loop.run_until_complete(self._says(text))

    def presses(self, title: str, turn: Turn) -> Turn:
        """Press a button below an answer."""
        payloads = {one["title"]: one["payload"] for one in turn.shown[-1]["buttons"]}
        assert title in payloads, f"no button {title!r} below {turn.text!r}: {list(payloads)}"
        return self.says(payloads[title])

    def floods(self, texts: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
        """Say all of these at once; gives the acknowledgements and the answers."""
        return self._loop.run_until_complete(self._floods(texts))

    def reloads(self) -> list[dict[str, Any]]:
        """Open the chat anew; gives its history."""
        self._loop.run_until_complete(self._client.disconnect())
        self._client = AsyncClient(reconnection=False)
        self._loop.run_until_complete(self._connect(self._kept_token))
        return self.history

    def slot(self, name: str) -> Any:
        """What this slot of Rasa's record holds."""
        sql = "SELECT data FROM events WHERE sender_id = ? AND type_name = 'slot' ORDER BY id"
        values = [json.loads(data) for (data,) in self._events(sql)]
        return next((one["value"] for one in reversed(values) if one["name"] == name), None)

    @property
    def form(self) -> str | None:
        """The form that is active, as Rasa's record says."""
        sql = (
            "SELECT data FROM events WHERE sender_id = ? AND type_name = 'active_loop' ORDER BY id"
        )
        values = [json.loads(data)["name"] for (data,) in self._events(sql)]
        return values[-1] if values else None

    def _events(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._assistant.state / "conversations.db")) as database:
            return database.execute(sql, (self.sender,)).fetchall()

    def _token(self) -> str:
        answer = httpx.post(
            f"{self._assistant.url}{CHANNEL}/session",
            json={"token": None, "identity": None},
            headers={"Origin": self._origin},
            timeout=CONFIRM_S,
            trust_env=False,
        )
        self._kept_token = str(answer.raise_for_status().json()["token"])
        # Only the channel can check the signature.
        claims = jwt.decode(self._kept_token, options={"verify_signature": False})
        self.sender = str(claims["sub"])
        return self._kept_token

    async def _connect(self, token: str) -> None:
        confirmed = asyncio.get_running_loop().create_future()
        self._client.on("session_confirm", confirmed.set_result)
        for event in ("message", "state", "talking"):
            self._client.on(event, self._heard(event))
        await self._client.connect(
            self._assistant.url,
            headers={"Origin": self._origin},
            auth={"token": token, "language": self._language},
            transports=["websocket"],
            socketio_path=f"{CHANNEL}/socket.io",
        )
        hello = await asyncio.wait_for(confirmed, CONFIRM_S)
        self.history, self.talking = hello["messages"], hello["talking"]["who"]

    def _heard(self, event: str) -> Any:
        async def put(data: dict[str, Any]) -> None:
            self._news.put_nowait((event, data))

        return put

    async def _says(self, text: str) -> Turn:
        before = len(self._actions())
        said = {"id": str(uuid.uuid4()), "text": text, "attachment": None}
        turn = Turn(await self._client.call("message", said, timeout=ANSWER_S))
        while await self._took(turn):
            pass
        await asyncio.sleep(0.2)  # Rasa saves a turn after its last word.
        turn.actions = self._actions()[before:]
        return turn

    async def _took(self, turn: Turn) -> bool:
        """Take one piece of news; False where nothing more comes of the message."""
        wait_s = ANSWER_S if self.talking == "bot" else SILENT_S
        try:
            event, data = await asyncio.wait_for(self._news.get(), wait_s)
        except TimeoutError:
            return False
        if event == "message":
            turn.shown.append(data)
        if event == "talking":
            self.talking = data["who"]
        return event != "state" or data["typing"]

    def _actions(self) -> list[str]:
        sql = (
            "SELECT action_name FROM events "
            "WHERE sender_id = ? AND type_name = 'action' ORDER BY id"
        )
        quiet = {"action_listen", "action_session_start", "action_assess_message"}
        return [name for (name,) in self._events(sql) if name not in quiet]

    async def _floods(self, texts: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
        said = [{"id": str(uuid.uuid4()), "text": text, "attachment": None} for text in texts]
        calls = [self._client.call("message", one, timeout=ANSWER_S) for one in said]
        acks = await asyncio.gather(*calls)
        answers: list[str] = []
        while len(answers) < sum(ack["ok"] for ack in acks):
            event, data = await asyncio.wait_for(self._news.get(), ANSWER_S)
            if event == "message" and data["role"] != "shopper":
                answers.append(data["text"])
        return acks, answers
