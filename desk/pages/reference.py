"""A ticket's reference in an address."""

import re
from typing import Annotated

from fastapi import Depends, Path

from tickets.lookup import NotFoundError
from tickets.reference import as_reference

_SHAPE = re.compile(r"AM-[0-9A-Z]{1,12}")


def _known_shape(reference: Annotated[str, Path()]) -> str:
    found = as_reference(reference)
    # Not even looked for: databases refuse some signs, and no ticket has them.
    if not _SHAPE.fullmatch(found):
        raise NotFoundError("No ticket has this reference. Look for it in the queue.")
    return found


Reference = Annotated[str, Depends(_known_shape)]
"""From the path `/tickets/{reference}`, as it is stored."""
