"""Telling the shopper at once, by whoever made the change."""

import time
from collections.abc import Sequence

from amends.channel_client import PushError, PushUnknownError
from amends.settings import Settings
from tickets.delivery.back_off import wait_s
from tickets.delivery.chat import ChatConnector, say
from tickets.outbox import Event, Outbox
from tickets.store import TicketStore

PATIENCE_S = 12.0
"""Longer than a push of somebody else lasts."""

STEP_S = 0.1


def deliver_now(store: TicketStore, settings: Settings, ids: Sequence[int]) -> int | None:
    """Say what `Standing.untold` names, oldest first.

    What could not be said stays pending: the worker goes on trying. Safe to repeat. Notices keep
    their order also when the worker or another process is at it: it is waited for.

    Returns:
        On how many screens the last one is; 0 when the shopper is away and reads it on coming back;
        None when nothing was left to say.

    Raises:
        PushError: the channel does not run or did not take one of them.
        PushUnknownError: one was sent, but the channel did not say what became of it.
        TicketStoreError: the database cannot be reached.
    """
    outbox = store.outbox
    shown = None
    events = _leased(outbox, ids) if ids else []
    for number, event in enumerate(events):
        try:
            shown = say(event, settings)
        except PushError as error:
            outbox.failed(event, str(error), wait_s(event.attempts))
            for later in events[number + 1 :]:
                outbox.release(later)
            raise
        outbox.taken(event, ChatConnector.name, [ChatConnector.name])
    return shown


def _leased(outbox: Outbox, ids: Sequence[int]) -> list[Event]:
    end = time.monotonic() + PATIENCE_S
    while (events := outbox.lease_these(ids)) is None:
        if time.monotonic() > end:
            raise PushUnknownError(
                f"Expected to be the only one who tells the shopper, found another process at it "
                f"for {PATIENCE_S:g} seconds; the shopper may or may not have been shown it."
            )
        time.sleep(STEP_S)
    return events
