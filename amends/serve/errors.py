"""What ends a start early."""

from amends.errors import AmendsError


class ServeError(AmendsError):
    """The servers cannot start or go on; the message says expected, found and what to do."""


class StopRequestedError(Exception):
    """The person, or the system, asked the servers to stop."""
