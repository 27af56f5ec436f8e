"""How many requests a token may make."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

PER_MINUTE = 600
KEPT = 10_000
ROUNDING = 1e-6


class Limiter:
    """Counts the requests of each token in this process; may be shared by threads.

    A token may make a minute's worth at once, and gains one again every share of a minute.
    """

    def __init__(
        self, per_minute: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        # When the last of the requests that were let in would have had its turn, by token.
        self._due: OrderedDict[int, float] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, token_id: int) -> int:
        """Count a request.

        Returns:
            0 when it may be answered, else after how many seconds it may be tried again; then it
            is not counted.
        """
        share = 60 / self._per_minute
        with self._lock:
            now = self._clock()
            due = max(self._due.get(token_id, now), now) + share
            over = due - now - 60
            if over > ROUNDING:
                return math.ceil(over)
            self._due[token_id] = due
            self._due.move_to_end(token_id)
            if len(self._due) > KEPT:
                self._due.popitem(last=False)
        return 0
