"""Stops asking a server that keeps failing, and tries it again with one call at a time."""

import time
from collections.abc import Callable


class Circuit:
    """Opens after failures in a row; then lets one call through each `open_s`, until one succeeds.

    Args:
        failures: in a row, after which it opens; at least 1.
        open_s: seconds for which nothing is asked once it is open.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        failures: int = 3,
        open_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._open_s = open_s
        self._clock = clock
        self._in_a_row = 0
        self._ask_again = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last `failures` calls failed."""
        return self._in_a_row >= self._limit

    def allows(self) -> bool:
        """Whether to make a call now. While it is open, only the first to ask in time may try."""
        if not self.is_open:
            return True
        if self._clock() < self._ask_again:
            return False
        # Nobody else until this one has had its chance, even if it never reports back.
        self._ask_again = self._clock() + self._open_s
        return True

    def succeeded(self) -> None:
        """The call was answered."""
        self._in_a_row = 0

    def failed(self) -> None:
        """The call was not answered."""
        self._in_a_row += 1
        self._ask_again = self._clock() + self._open_s
