"""A shopper over Rasa's REST channel, on one connection as the web channel's shopper has one."""

import time
import uuid
from types import TracebackType
from typing import Self

import httpx
from bench_servers import BenchError, Servers
from bench_shopper import ANSWER_S, Answer

from amends.serve.conversation import CHANNEL


class RestShopper:
    """One conversation on one connection, kept by `async with`; BenchError without a server."""

    def __init__(self, servers: Servers) -> None:
        self._root = servers.settings.rasa_url
        self._url = f"{self._root}{CHANNEL}"
        self._sender = f"bench-{uuid.uuid4().hex}"

    async def __aenter__(self) -> Self:
        # trust_env: a proxy for the web is no way to a server on this machine.
        self._http = httpx.AsyncClient(trust_env=False, timeout=ANSWER_S)
        try:
            await self._http.get(self._root)  # the web channel's shopper is connected, too
        except httpx.HTTPError as error:
            raise BenchError(f"expected the assistant at {self._root}, found: {error!r}") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def ask(self, text: str) -> Answer | None:
        """Send a message and wait for words; None when there were none.

        Raises:
            BenchError: the channel did not answer.
        """
        began = time.perf_counter()
        try:
            response = await self._http.post(
                self._url, json={"sender": self._sender, "message": text}
            )
            replies = response.raise_for_status().json()
        except httpx.HTTPError as error:
            raise BenchError(f"expected an answer over REST, found: {error!r}") from error
        seconds = time.perf_counter() - began
        return Answer(seconds, str(replies[0]["text"])) if replies else None
