"""Buckets: so many at once, then so many a second."""

import pytest

from assistant.web_channel.limits import Buckets, Rate


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_then_the_rate(clock):
    buckets = Buckets(Rate(3, 0.5), clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    clock.now += 2
    assert buckets.take("a") == 0
    assert buckets.take("a") == 2.0


def test_one_that_is_refused_costs_nothing(clock):
    buckets = Buckets(Rate(1, 1), clock=clock)
    for _ in range(50):
        buckets.take("a")
    clock.now += 1
    assert buckets.take("a") == 0


def test_a_pause_fills_no_more_than_the_burst(clock):
    buckets = Buckets(Rate(2, 1), clock=clock)
    buckets.take("a")
    clock.now += 3600
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1.0]


def test_each_has_its_own(clock):
    buckets = Buckets(Rate(1, 1), clock=clock)
    buckets.take("a")
    assert buckets.take("b") == 0


def test_what_was_used_is_a_debt(clock):
    buckets = Buckets(Rate(100, 10), clock=clock)
    assert buckets.charge("a", 100) == 0
    assert buckets.charge("a", 20) == pytest.approx(2)
    clock.now += 2
    assert buckets.charge("a", 0) == pytest.approx(0)


def test_the_memory_has_an_end(clock):
    buckets = Buckets(Rate(1, 1), keep=2, clock=clock)
    for key in "abc":
        buckets.take(key)
    assert buckets.take("c") > 0
    assert buckets.take("a") == 0
