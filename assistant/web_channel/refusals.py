"""A refusal: a code for the widget, words for the shopper, and when to try again."""

import math
from typing import Any

from sanic.response import HTTPResponse, json

from assistant.web_channel.words import Words

STATUS = {
    "bad_token": 401,
    "expired_token": 401,
    "bad_origin": 403,
    "no_identity": 403,
    "bad_message": 400,
    "too_long": 413,
    "too_big": 413,
    "bad_type": 415,
    "too_many": 429,
    "too_many_files": 429,
    "unavailable": 503,
}
"""Every code there is, and the HTTP status that goes with it."""

MIB = 1024 * 1024


class RefusedError(Exception):
    """Something was not accepted.

    Args:
        code: one of `STATUS`; also the key of the words.
        retry_after_s: seconds after which it may be tried again; None where that would not help.
        facts: what the words may use.
    """

    def __init__(self, code: str, retry_after_s: float | None = None, **facts: str | float) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s
        self._facts = facts

    @classmethod
    def too_many(cls, wait_s: float) -> "RefusedError":
        """More than its cap; the wait in seconds is rounded up to whole ones."""
        seconds = max(1, math.ceil(wait_s))
        return cls("too_many", float(seconds), seconds=seconds)

    @classmethod
    def too_big(cls, max_bytes: int) -> "RefusedError":
        """More bytes than allowed."""
        return cls("too_big", max_megabytes=f"{max_bytes / MIB:g}")

    def told(self, words: Words, language: str) -> dict[str, str]:
        """`code` and `words`, as a refused connection or request has them."""
        return {"code": self.code, "words": words.say(self.code, language, **self._facts)}

    def acknowledgement(self, words: Words, language: str) -> dict[str, Any]:
        """What a socket.io event is acknowledged with."""
        return {"ok": False, **self.told(words, language), "retry_after_s": self.retry_after_s}

    def response(self, words: Words, language: str) -> HTTPResponse:
        """What an HTTP request is answered with."""
        later = {"Retry-After": f"{self.retry_after_s:.0f}"} if self.retry_after_s else {}
        return json(self.told(words, language), status=STATUS[self.code], headers=later)
