import socket
from collections.abc import Iterator

import pytest

from amends.serve.errors import ServeError
from amends.serve.ports import Place, check_ports

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def busy_port(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((request.param, 0))
        server.listen()
        yield server.getsockname()[1]


def places(*ports: int, host: str = HOST) -> list[Place]:
    """The assistant, the action server and the demo shop, on these ports."""
    names = ("AMENDS_RASA_PORT", "AMENDS_ACTIONS_PORT", "AMENDS_SHOP_PORT")
    return [Place(name, host, port, name) for name, port in zip(names, ports, strict=True)]


def test_free_ports_pass() -> None:
    check_ports(places(free_port(), free_port(), free_port()))


@pytest.mark.parametrize("busy", [0, 1, 2])
def test_a_port_in_use_is_named_with_its_variable(busy_port: int, busy: int) -> None:
    ports = [free_port(), free_port(), free_port()]
    ports[busy] = busy_port
    tried = places(*ports)
    with pytest.raises(ServeError) as caught:
        check_ports(tried)
    message = str(caught.value)
    assert f"port {busy_port} for {tried[busy].what} " in message
    assert f"set {tried[busy].variable} to a free port" in message
    assert "in use" in message
    assert "\n" not in message


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(ServeError, match=r"cannot be used on 192\.0\.2\.1"):
        check_ports(places(free_port(), free_port(), free_port(), host="192.0.2.1"))


@pytest.mark.parametrize(
    ("ports", "named"),
    [
        ((5005, 5005, 5050), "AMENDS_RASA_PORT and AMENDS_ACTIONS_PORT"),
        ((5005, 5055, 5005), "AMENDS_RASA_PORT and AMENDS_SHOP_PORT"),
        ((5050, 5005, 5005), "AMENDS_ACTIONS_PORT and AMENDS_SHOP_PORT"),
    ],
)
def test_one_port_for_two_is_refused(ports: tuple[int, int, int], named: str) -> None:
    with pytest.raises(ServeError, match=f"{named}: expected two ports, found 5005 for both"):
        check_ports(places(*ports))


def test_a_port_whose_connections_are_still_closing_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, 0))
        server.listen()
        port = server.getsockname()[1]
        client = socket.create_connection((HOST, port))
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    check_ports(places(port, free_port(), free_port()))
