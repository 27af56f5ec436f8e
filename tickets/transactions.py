"""Writes that other processes may be faster with."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tickets.database import explained

ATTEMPTS = 3

Result = TypeVar("Result")


def write(engine: Engine, change: Callable[[Session], Result]) -> Result:
    """Make a change in one transaction; returns after it is committed.

    The change looks at what is there before it writes. When another process was faster with a row
    that may be there once only, it is run again from the start and finds what that one wrote.

    Raises:
        TicketStoreError: nothing was written.
    """
    with explained(engine.url):
        for _ in range(ATTEMPTS - 1):
            try:
                return _committed(engine, change)
            except IntegrityError:
                continue
        return _committed(engine, change)


def _committed(engine: Engine, change: Callable[[Session], Result]) -> Result:
    with Session(engine.execution_options(write=True)) as session, session.begin():
        return change(session)
