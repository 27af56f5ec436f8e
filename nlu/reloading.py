"""Takes a newly published adapter into a running server."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from amends.errors import AmendsError
from nlu.assessment import Assessment, Unreadable

logger = logging.getLogger(__name__)

KNOWN = "my parcel is late and nobody answers"
"""A sentence that every adapter can score; what cannot score it does not serve."""


class Assesses(Protocol):
    """Anything that assesses messages in their order."""

    def assess(self, texts: Sequence[str]) -> list[Assessment | Unreadable]:
        """Assess messages as the shoppers typed them."""


class Reloading:
    """Holds the assessor of the adapter in use, and changes it when another one is in use.

    The first is loaded when it is asked for. Each later one is loaded in a thread of its own and
    scores a known sentence before it serves; until then, or if it cannot, the old one goes on. An
    adapter that failed is tried again when the adapter in use has changed once more.

    Only one thread may ask for the assessor.
    """

    def __init__(self, load: Callable[[Path], Assesses], in_use: Callable[[], Path]) -> None:
        self._load = load
        self._in_use = in_use
        self._assessor: Assesses | None = None
        self._served: Path | None = None
        self._noticed: Path | None = None
        self._problem = ""
        self._loader = threading.Thread()

    def current(self) -> Assesses:
        """What scores now; waits for nothing but the very first.

        Raises:
            AmendsError: the first adapter cannot be loaded; the next call tries again.
        """
        if self._assessor is None:
            folder = self._in_use()
            self._assessor, self._served, self._noticed = self._load(folder), folder, folder
        elif not self._loader.is_alive():
            self._notice()
        return self._assessor

    def _notice(self) -> None:
        try:
            folder = self._in_use()
        except AmendsError as error:
            self._tell_once(str(error))
            return
        self._problem = ""
        if folder == self._noticed:
            return
        self._noticed = folder
        if folder != self._served:
            self._loader = threading.Thread(
                target=self._replace, args=(folder,), name="assessor-loader", daemon=True
            )
            self._loader.start()

    def _replace(self, folder: Path) -> None:
        try:
            assessor = self._load(folder)
            assessor.assess([KNOWN])
            still_in_use = self._in_use() == folder
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the new, the old serves
            logger.error(  # noqa: TRY400 - the message says what to do; a traceback would hide it
                "adapter %s is not taken, %s goes on: %s: %s",
                folder, self._served, type(error).__name__, error,
            )  # fmt: skip
            return
        # Who was rolled back while it loaded must not serve even one message.
        if still_in_use:
            self._assessor, self._served = assessor, folder
            logger.info("adapter %s is in use", folder)

    def _tell_once(self, problem: str) -> None:
        if problem != self._problem:
            logger.error("%s goes on: %s", self._served, problem)
        self._problem = problem
