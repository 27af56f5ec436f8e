"""Time turns with the running assistant: one conversation after the other, no two alike in a row.

The messages are calm ones, so that a run opens no tickets. Started by `make bench`.
"""

import statistics
import sys
import time
import uuid

from amends.serve.conversation import NoAnswerError, ask
from amends.settings import get_settings

TURNS = 50
TURNS_A_CONVERSATION = 5
RUN = uuid.uuid4().hex
MESSAGES = (
    "hello",
    "where is my parcel?",
    "the lid of the jar was a bit loose",
    "do you have it in green?",
    "thank you",
)


def main() -> int:
    """Print the median, the 95th percentile and the slowest turn, in milliseconds."""
    url = get_settings().rasa_url
    try:
        times = [_turn(url, number) for number in range(TURNS)]
    except NoAnswerError as error:
        sys.stderr.write(f"amends: {error}\n")
        return 1
    p95 = statistics.quantiles(times, n=20)[-1]
    sys.stdout.write(
        f"{TURNS} turns one by one, {TURNS_A_CONVERSATION} a conversation: "
        f"median {statistics.median(times):.0f} ms, 95 % within {p95:.0f} ms, "
        f"slowest {max(times):.0f} ms\n"
    )
    return 0


def _turn(url: str, number: int) -> float:
    conversation = f"bench-{RUN}-{number // TURNS_A_CONVERSATION}"
    began = time.perf_counter()
    ask(url, conversation, MESSAGES[number % len(MESSAGES)])
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
