"""How long to leave a receiver alone that did not take an event."""

import random

FIRST_S = 2.0
CAP_S = 3600.0

ATTEMPTS = 60
"""About a day: once it has reached the cap, the wait is half an hour on average."""


def wait_s(failed_before: int) -> float:
    """Seconds until the next attempt, exponential with full jitter.

    Any time up to the longest: many events that failed together do not come back together.
    """
    longest = min(CAP_S, FIRST_S * 2.0 ** min(failed_before, 32))
    return random.uniform(0, longest)  # noqa: S311 - nothing secret
