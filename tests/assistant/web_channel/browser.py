"""A browser's end of socket.io, written down to the frames: what a test wants to send, it can."""

import asyncio
import itertools
import json

import websockets

PATH = "/webhooks/web/socket.io/?EIO=4&transport="


class RefusedConnectionError(Exception):
    """The server refused the connection; `args[0]` is what it said."""


class Browser:
    """One tab. `async with` connects and says goodbye; events wait in `events`."""

    def __init__(self, url, token, *, language="en", origin="http://shop.example", auth=None):
        self._url = url.replace("http", "ws", 1) + PATH + "websocket"
        self._auth = {"token": token, "language": language} if auth is None else auth
        self._origin = origin
        self._acks = {}
        self._sending = set()
        self._ids = itertools.count()
        self.events = []
        self._changed = asyncio.Event()

    async def __aenter__(self):
        headers = {"Origin": self._origin} if self._origin else {}
        self.socket = await websockets.connect(
            self._url, extra_headers=headers, max_size=None, ping_interval=None
        )
        assert (await self.socket.recv()).startswith("0{")
        await self.socket.send("40" + json.dumps(self._auth))
        answer = await self.socket.recv()
        if answer.startswith("44"):
            await self.socket.close()
            raise RefusedConnectionError(json.loads(answer[2:])["data"])
        assert answer.startswith("40"), answer
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *_):
        await self.socket.close()
        await asyncio.wait([self._reading])

    async def _read(self):
        try:
            async for frame in self.socket:
                await self._take(frame)
        except websockets.ConnectionClosed:
            pass
        for ack in self._acks.values():
            ack.cancel()

    async def _take(self, frame):
        if frame == "2":
            await self.socket.send("3")
        elif frame.startswith("42"):
            self.events.append(tuple(json.loads(frame[2:])))
            self._changed.set()
        elif frame.startswith("43"):
            number, _, rest = frame[2:].partition("[")
            self._acks.pop(int(number)).set_result(json.loads("[" + rest)[0])

    def post(self, event, *data, kind="2"):
        """Send an event; gives the acknowledgement to wait for."""
        number = next(self._ids)
        self._acks[number] = ack = asyncio.get_running_loop().create_future()
        body = json.dumps([event, *data])
        sending = asyncio.ensure_future(self.socket.send(f"4{kind}{number}{body}"))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        return ack

    async def ask(self, event, *data, kind="2"):
        """Send an event and wait for its acknowledgement."""
        return await asyncio.wait_for(self.post(event, *data, kind=kind), 10)

    async def say(self, text, identifier=None, attachment=None):
        data = {"id": identifier or new_id(), "text": text, "attachment": attachment}
        return await self.ask("message", data)

    async def next(self, name, *, timeout=5):
        """Take the next event of a name, those before it too."""

        async def taken():
            while True:
                for index, (event, *data) in enumerate(self.events):
                    if event == name:
                        del self.events[index]
                        return data[0]
                self._changed.clear()
                await self._changed.wait()

        return await asyncio.wait_for(taken(), timeout)

    async def quiet(self, name, seconds=0.2):
        """That no event of a name comes for some time."""
        await asyncio.sleep(seconds)
        return not [event for event in self.events if event[0] == name]


_numbers = itertools.count(1)


def new_id():
    return f"test-message-{next(_numbers):08d}"
