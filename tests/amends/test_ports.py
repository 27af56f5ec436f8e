import socket
from collections.abc import Iterator

import pytest

from amends.serve.errors import ServeError
from amends.serve.ports import check_ports

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


def test_free_ports_pass() -> None:
    check_ports(HOST, free_port(), HOST, free_port())


@pytest.mark.parametrize("variable", ["AMENDS_RASA_PORT", "AMENDS_ACTIONS_PORT"])
def test_a_port_in_use_is_named_with_its_variable(busy_port: int, variable: str) -> None:
    ports = (busy_port, free_port()) if "RASA" in variable else (free_port(), busy_port)
    with pytest.raises(ServeError) as caught:
        check_ports(HOST, ports[0], HOST, ports[1])
    message = str(caught.value)
    assert f"port {busy_port} " in message
    assert f"set {variable} to a free port" in message
    assert "in use" in message
    assert "\n" not in message


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(ServeError, match=r"cannot be used on 192\.0\.2\.1"):
        check_ports("192.0.2.1", free_port(), HOST, free_port())


def test_one_port_for_both_is_refused() -> None:
    with pytest.raises(ServeError, match="expected two ports, found 5005 for both"):
        check_ports(HOST, 5005, HOST, 5005)


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
    check_ports(HOST, port, HOST, free_port())
