"""Whether the ports are free, told before anything slow is started."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from amends.serve.errors import ServeError


@dataclass(frozen=True)
class Place:
    """Where a server will listen.

    Attributes:
        what: How messages name the server.
        host: Address that it binds to.
        port: Its port.
        variable: The setting that the port comes from.
    """

    what: str
    host: str
    port: int
    variable: str


def check_ports(places: Sequence[Place]) -> None:
    """See that every server will find its port.

    Raises:
        ServeError: one cannot be had; names the port and its variable.
    """
    for one, other in combinations(places, 2):
        if one.port == other.port:
            raise ServeError(
                f"{one.variable} and {other.variable}: expected two ports, found {one.port} "
                "for both; change one"
            )
    for place in places:
        _check(place)


def _check(place: Place) -> None:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            raise ServeError(
                f"port {place.port} for {place.what} cannot be used on {place.host}: "
                f"{error.strerror}. Stop what holds it (another `make run`?) or set "
                f"{place.variable} to a free port"
            ) from error
