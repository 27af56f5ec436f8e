"""Whether the ports are free, told before anything slow is started."""

import socket

from amends.serve.errors import ServeError


def check_ports(host: str, rasa_port: int, actions_host: str, actions_port: int) -> None:
    """See that both servers will find their ports.

    Raises:
        ServeError: one cannot be had; names the port and its variable.
    """
    if rasa_port == actions_port:
        raise ServeError(
            f"AMENDS_RASA_PORT and AMENDS_ACTIONS_PORT: expected two ports, found {rasa_port} "
            "for both; change one"
        )
    _check(host, rasa_port, "AMENDS_RASA_PORT", "the assistant")
    _check(actions_host, actions_port, "AMENDS_ACTIONS_PORT", "the action server")


def _check(host: str, port: int, variable: str, what: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"port {port} for {what} cannot be used on {host}: {error.strerror}. "
                f"Stop what holds it (another `make run`?) or set {variable} to a free port"
            ) from error
