"""Keeps the model off the event loop: one worker thread, a bounded queue, what waits in one go."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from amends.errors import AmendsError
from nlu.assessment import Assessment, Unreadable
from nlu.reloading import Assesses

Result = Assessment | Unreadable

MAX_WAITING = 64
"""About a second of work on two cores; who comes later is better served by the lexicon at once."""

MAX_BATCH = 16


class BusyError(AmendsError):
    """More messages wait than can be scored in time."""


class BatchingAssessor:
    """Assesses messages in one background thread, which asks for the assessor before each batch.

    A model that cannot be had fails every message with the reason, and is asked for again with the
    next one, so that a repaired file needs no restart.
    """

    def __init__(self, current: Callable[[], Assesses]) -> None:
        self._current = current
        self._waiting: queue.Queue[tuple[str, Future[Result]]] = queue.Queue(MAX_WAITING)
        # A daemon, so that a hung model cannot keep the server from stopping.
        threading.Thread(target=self._work, name="assessor", daemon=True).start()

    def submit(self, text: str) -> Future[Result]:
        """Queue one message.

        Returns:
            A future of its assessment, or of the error that kept it from being assessed.

        Raises:
            BusyError: the queue is full.
        """
        future: Future[Result] = Future()
        try:
            self._waiting.put_nowait((text, future))
        except queue.Full as error:
            raise BusyError(
                f"expected fewer than {MAX_WAITING} messages waiting for the classifier, found "
                "the queue full. The lexicon scores this one; add action servers if it goes on."
            ) from error
        return future

    def _work(self) -> None:
        while True:
            self._finish(self._next_batch())

    def _next_batch(self) -> list[tuple[str, Future[Result]]]:
        batch = [self._waiting.get()]
        while len(batch) < MAX_BATCH and not self._waiting.empty():
            batch.append(self._waiting.get())
        # Who gave up waiting was answered by the lexicon; scoring it now would delay the others.
        return [item for item in batch if item[1].set_running_or_notify_cancel()]

    def _finish(self, batch: list[tuple[str, Future[Result]]]) -> None:
        if not batch:
            return
        try:
            results = self._current().assess([text for text, _ in batch])
            answered = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - the worker must outlive any error; it is handed on
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), result in answered:
            future.set_result(result)
