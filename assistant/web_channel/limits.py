"""How much one shopper, one connection and one address may send."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

MIB = 1024 * 1024


@dataclass(frozen=True)
class Rate:
    """So many at once, and so many a second from then on."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Limits:
    """Every cap of the channel.

    A person types a message in seconds, and a whole office, or a shop behind a proxy that Rasa was
    not told of, is one address: caps by address are far above those of a shopper.
    """

    max_chars: int = 4000
    max_file_bytes: int = 5 * MIB
    max_frame_bytes: int = 1_000_000
    max_session_bytes: int = 16_384
    max_push_bytes: int = 262_144
    waiting_messages: int = 10
    tabs: int = 20
    connections_of_address: int = 500
    greeting_s: float = 10.0
    """A connection that has not said who it is by then is closed."""
    uploads_at_once: int = 8
    upload_s: float = 60.0

    messages_of_shopper: Rate = field(default=Rate(8, 1))
    messages_of_address: Rate = field(default=Rate(300, 30))
    connects_of_shopper: Rate = field(default=Rate(20, 1))
    connects_of_address: Rate = field(default=Rate(400, 20))
    handshakes_of_address: Rate = field(default=Rate(800, 50))
    sessions_of_address: Rate = field(default=Rate(400, 5))
    uploads_of_shopper: Rate = field(default=Rate(5, 0.1))
    frames_of_connection: Rate = field(default=Rate(60, 20))
    frames_of_address: Rate = field(default=Rate(1500, 150))
    bytes_of_connection: Rate = field(default=Rate(1_000_000, 65_536))


class Buckets:
    """Token buckets, one a key; those that were not asked for longest are forgotten.

    Args:
        rate: size and refill of every bucket.
        keep: so many keys are remembered.
        clock: seconds, as `time.monotonic`.
    """

    def __init__(
        self, rate: Rate, keep: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._keep = keep
        self._clock = clock
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """Take one if there is one.

        Returns:
            0 when it was taken, else the seconds until there is one; then nothing was taken.
        """
        level = self._level(key)
        if level < 1:
            self._put(key, level)
            return (1 - level) / self._rate.per_second
        self._put(key, level - 1)
        return 0.0

    def charge(self, key: Hashable, amount: float = 1.0) -> float:
        """Take an amount that was used already, into debt if need be.

        Returns:
            Seconds until the debt is paid; 0 without one.
        """
        level = self._level(key) - amount
        self._put(key, level)
        return max(0.0, -level / self._rate.per_second)

    def _level(self, key: Hashable) -> float:
        level, at = self._levels.get(key, (self._rate.burst, self._clock()))
        gained = (self._clock() - at) * self._rate.per_second
        return min(self._rate.burst, level + gained)

    def _put(self, key: Hashable, level: float) -> None:
        self._levels[key] = (level, self._clock())
        self._levels.move_to_end(key)
        if len(self._levels) > self._keep:
            self._levels.popitem(last=False)
