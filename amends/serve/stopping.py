"""Ctrl-C and its kin, heard at safe points only."""

import signal
import time
from types import FrameType, TracebackType
from typing import Self

from amends.serve.errors import StopRequestedError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP_S = 0.1


class Stopper:
    """Turns the signals that end a program into an exception at the next `pause`.

    An exception straight from a signal could strike between the start of a child and its entry in
    the list of children to stop. While the block is left no signal ends the program either: the
    children are being stopped already, and a second Ctrl-C must not leave them behind.
    """

    def __init__(self) -> None:
        self._requested = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pause(self, seconds: float = STEP_S) -> None:
        """Sleep that long, in short steps.

        Raises:
            StopRequestedError: a signal came, before or during the sleep.
        """
        end = time.monotonic() + seconds
        while not self._requested and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, STEP_S))
        if self._requested:
            raise StopRequestedError

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._requested = True
