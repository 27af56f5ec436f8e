"""What ends a start early."""


class ServeError(Exception):
    """The servers cannot start or go on; the message says expected, found and what to do."""


class StopRequestedError(Exception):
    """The person, or the system, asked the servers to stop."""
