"""An agent at the desk, through its API: does everything again until it is told that it is done."""

import asyncio
import time
import uuid
from typing import Any

import httpx

from amends.serve.surroundings import local_desk_url
from amends.settings import Settings
from desk.api.scopes import Scope
from desk.api.tokens import TokenStore
from tickets.database import open_engine

DONE_S = 120.0
TIMEOUT_S = 15.0
AGAIN_S = 0.3
NAME = "Anna"


class DeskAgent:
    """One agent.

    Attributes:
        again: How often something had to be asked for again, because nobody said what became of it.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = f"{local_desk_url(settings)}/api/v1/tickets"
        self._key = _token(settings)
        self.again = 0

    async def claim(self, reference: str) -> None:
        """Come into the chat."""
        await self._until_done(reference, "claim", {"agent": NAME})

    async def reply(self, reference: str, text: str) -> None:
        """Say something, once."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        await self._until_done(reference, "reply", {"text": text}, headers)

    async def hand_back(self, reference: str) -> None:
        """Leave; the case stays open."""
        await self._until_done(reference, "hand-back")

    async def resolve(self, reference: str) -> None:
        """Leave; the case is closed."""
        await self._until_done(reference, "resolve")

    async def _until_done(
        self,
        reference: str,
        what: str,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        end = time.monotonic() + DONE_S
        while True:
            told = await self._once(f"{self._url}/{reference}/{what}", body, headers or {})
            if told is None:
                return
            assert time.monotonic() < end, f"{what} {reference} within {DONE_S:g} s: {told}"
            self.again += 1
            await asyncio.sleep(AGAIN_S)

    async def _once(
        self, url: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> str | None:
        """None when it is done, else why it has to be done again."""
        whole = {"Authorization": f"Bearer {self._key}", **headers}
        async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S) as http:
            try:
                answer = await http.post(url, json=body, headers=whole)
            except httpx.HTTPError as error:
                return type(error).__name__
        if answer.is_success:
            return None
        told = f"{answer.status_code} {answer.text}"
        assert answer.status_code in {429, 500, 502, 503}, told
        return told


def _token(settings: Settings) -> str:
    scopes = [str(scope) for scope in Scope]
    engine = open_engine(settings.ticket_database_url)
    key, _ = TokenStore(engine).create(f"faults {uuid.uuid4().hex}", scopes, "faults")
    engine.dispose()
    return key
