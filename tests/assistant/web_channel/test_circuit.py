import pytest

from assistant.web_channel.circuit import Circuit


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    return Circuit(failures=3, open_s=5.0, clock=clock)


def fail(circuit, times):
    for _ in range(times):
        assert circuit.allows()
        circuit.failed()


def test_closed_until_enough_fail_in_a_row(circuit):
    fail(circuit, 2)
    assert circuit.allows()
    circuit.succeeded()
    fail(circuit, 2)
    assert circuit.allows()
    circuit.failed()
    assert not circuit.allows()


@pytest.mark.parametrize(("after", "allowed"), [(0.0, False), (4.9, False), (5.0, True)])
def test_open_for_a_while(circuit, clock, after, allowed):
    fail(circuit, 3)
    clock.now += after
    assert circuit.allows() is allowed


def test_only_one_tries_whether_it_is_open(circuit, clock):
    fail(circuit, 3)
    clock.now += 6
    assert [circuit.allows() for _ in range(3)] == [True, False, False]
    clock.now += 4.9
    assert not circuit.allows()
    # The one that tried never came back.
    clock.now += 0.2
    assert circuit.allows()


def test_one_failure_keeps_it_open_and_one_success_closes_it(circuit, clock):
    fail(circuit, 3)
    clock.now += 6
    fail(circuit, 1)
    assert not circuit.allows()
    clock.now += 6
    assert circuit.allows()
    circuit.succeeded()
    assert [circuit.allows() for _ in range(3)] == [True, True, True]
    assert not circuit.is_open
