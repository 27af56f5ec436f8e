"""One event, to every connector that wants it and has not taken it."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial

from amends.errors import AmendsError
from tickets.database import TicketStoreError
from tickets.delivery.back_off import ATTEMPTS, wait_s
from tickets.delivery.connectors import Connector, DeliveryError
from tickets.outbox import Event, Outbox

WRITE_WAITS_S = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Pauses before writing down again what became of an event: others may hold the database."""


async def deliver(event: Event, connectors: Sequence[Connector], outbox: Outbox) -> None:
    """Deliver it and write down what became of it; cancelled, give it back to be taken again.

    Raises:
        TicketStoreError: nothing could be written; the event is due again when its lease ends.
    """
    wanting = [one for one in connectors if one.wants(event)]
    names = [one.name for one in wanting]
    missing = [one for one in wanting if one.name not in event.sent_to]
    try:
        ends = await asyncio.gather(*(_sent(event, one, names, outbox) for one in missing))
        failures = [end for end in ends if end is not None]
        if failures:
            await _written(partial(_put_off, event, failures, outbox))
        elif not missing:
            without = None if wanting else f"Nobody is told of {event.event} here."
            await _written(partial(outbox.done, event, without))
    except asyncio.CancelledError:
        outbox.release(event)
        raise


async def _sent(
    event: Event, connector: Connector, wanting: Sequence[str], outbox: Outbox
) -> DeliveryError | None:
    try:
        async with asyncio.timeout(connector.timeout_s):
            await connector.send(event)
    except DeliveryError as error:
        return error
    except TimeoutError:
        return DeliveryError(f"Expected an end within {connector.timeout_s:g} seconds, found none.")
    except AmendsError as error:
        return DeliveryError(str(error))
    except Exception as error:  # noqa: BLE001 - a defect must not keep other events back
        # Not its words: they may hold a shopper's.
        return DeliveryError(f"Expected a delivery, found a defect ({type(error).__name__}).")
    await _written(partial(outbox.taken, event, connector.name, wanting))
    return None


async def _written(change: Callable[[], None]) -> None:
    for pause in WRITE_WAITS_S:
        try:
            return await asyncio.to_thread(change)
        except TicketStoreError:
            await asyncio.sleep(pause)
    return await asyncio.to_thread(change)


def _put_off(event: Event, failures: Sequence[DeliveryError], outbox: Outbox) -> None:
    words = " ".join(str(failure) for failure in failures)
    in_vain = all(failure.final for failure in failures) or event.attempts + 1 >= ATTEMPTS
    asked = max(failure.again_in_s for failure in failures)
    again = None if in_vain else max(wait_s(event.attempts), asked)
    outbox.failed(event, words, again)
    what = "given up" if again is None else f"tried again in {again:.0f} s"
    print(f"{event.name} {event.event}: {words} It is {what}.", file=sys.stderr, flush=True)  # noqa: T201 - the log
