"""One thread scores what waits, in one go; it outlives every error and lets nobody hang."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest

from nlu.assessment import Unreadable
from nlu.batching import MAX_BATCH, MAX_WAITING, BatchingAssessor, BusyError, Result

WAIT_S = 10


class SlowAssessor:
    """Holds every call until it is let go, and records what it was asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.started = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.error: Exception | None = None
        self.forgets = 0

    def assess(self, texts: Sequence[str]) -> list[Result]:
        self.calls.append(list(texts))
        self.started.release()
        assert self.go.acquire(timeout=WAIT_S)
        if self.error:
            raise self.error
        results: list[Result] = [Unreadable(text=text, reason="no_text") for text in texts]
        return results[self.forgets :]


@pytest.fixture
def slow() -> Iterator[SlowAssessor]:
    model = SlowAssessor()
    yield model
    model.go.release(1000)


def held(model: SlowAssessor) -> BatchingAssessor:
    """A queue whose worker is busy with a first message."""
    batching = BatchingAssessor(lambda: model)
    batching.submit("first")
    assert model.started.acquire(timeout=WAIT_S)
    return batching


def texts_of(futures: Sequence[Future[Result]]) -> list[str]:
    return [future.result(WAIT_S).text for future in futures]


def test_what_waits_is_scored_in_one_call_and_in_order(slow: SlowAssessor) -> None:
    batching = held(slow)
    futures = [batching.submit(f"message {n}") for n in range(5)]
    slow.go.release(2)
    assert texts_of(futures) == [f"message {n}" for n in range(5)]
    assert slow.calls == [["first"], [f"message {n}" for n in range(5)]]


def test_a_call_has_a_largest_size(slow: SlowAssessor) -> None:
    batching = held(slow)
    futures = [batching.submit(str(n)) for n in range(MAX_BATCH + 3)]
    slow.go.release(3)
    assert texts_of(futures) == [str(n) for n in range(MAX_BATCH + 3)]
    assert [len(call) for call in slow.calls] == [1, MAX_BATCH, 3]


def test_a_message_alone_does_not_wait_for_company(slow: SlowAssessor) -> None:
    slow.go.release()
    assert texts_of([BatchingAssessor(lambda: slow).submit("alone")]) == ["alone"]


def test_a_full_queue_refuses_at_once(slow: SlowAssessor) -> None:
    batching = held(slow)
    futures = [batching.submit(str(n)) for n in range(MAX_WAITING)]
    with pytest.raises(BusyError) as error:
        batching.submit("one too many")
    assert str(error.value) == (
        f"expected fewer than {MAX_WAITING} messages waiting for the classifier, found the queue "
        "full. The lexicon scores this one; add action servers if it goes on."
    )
    slow.go.release(100)
    assert texts_of(futures) == [str(n) for n in range(MAX_WAITING)]
    assert texts_of([batching.submit("room again")]) == ["room again"]


def test_who_gave_up_is_not_scored(slow: SlowAssessor) -> None:
    batching = held(slow)
    futures = [batching.submit(str(n)) for n in range(4)]
    assert futures[1].cancel()
    assert futures[2].cancel()
    slow.go.release(2)
    assert texts_of([futures[0], futures[3]]) == ["0", "3"]
    assert slow.calls[1] == ["0", "3"]


def test_a_queue_of_people_who_gave_up_costs_nothing(slow: SlowAssessor) -> None:
    batching = held(slow)
    assert all(batching.submit(str(n)).cancel() for n in range(3))
    slow.go.release()
    # The worker drops them and waits again.
    slow.go.release()
    assert texts_of([batching.submit("next")]) == ["next"]
    assert "0" not in [text for call in slow.calls for text in call]


def test_the_model_is_asked_for_before_each_batch_by_one_thread(slow: SlowAssessor) -> None:
    asked = []

    def current() -> SlowAssessor:
        asked.append(threading.current_thread().name)
        return slow

    batching = BatchingAssessor(current)
    assert asked == []
    slow.go.release(3)
    for n in range(3):
        texts_of([batching.submit(str(n))])
    assert asked == ["assessor"] * 3


def test_a_model_that_cannot_be_loaded_tells_everybody_and_is_tried_again(
    slow: SlowAssessor,
) -> None:
    broken, loading, go = [True], threading.Event(), threading.Event()

    def load() -> SlowAssessor:
        loading.set()
        assert go.wait(WAIT_S)
        if broken[0]:
            raise ValueError("no such adapter")
        return slow

    batching = BatchingAssessor(load)
    first = batching.submit("first")
    assert loading.wait(WAIT_S)
    others = [batching.submit(str(n)) for n in range(3)]
    go.set()
    for future in (first, *others):
        with pytest.raises(ValueError, match="no such adapter"):
            future.result(WAIT_S)
    broken[0] = False
    slow.go.release()
    assert texts_of([batching.submit("repaired")]) == ["repaired"]


def test_a_model_that_fails_tells_the_batch_and_goes_on(slow: SlowAssessor) -> None:
    batching = held(slow)
    futures = [batching.submit(str(n)) for n in range(3)]
    slow.go.release()
    assert slow.started.acquire(timeout=WAIT_S)
    slow.error = RuntimeError("out of memory")
    slow.go.release()
    for future in futures:
        with pytest.raises(RuntimeError, match="out of memory"):
            future.result(WAIT_S)
    slow.error = None
    slow.go.release()
    assert texts_of([batching.submit("after")]) == ["after"]


def test_a_model_that_forgets_a_message_hangs_nobody(slow: SlowAssessor) -> None:
    batching = held(slow)
    slow.forgets = 1
    futures = [batching.submit(str(n)) for n in range(3)]
    slow.go.release(2)
    for future in futures:
        with pytest.raises(ValueError, match="shorter"):
            future.result(WAIT_S)
    slow.forgets = 0
    slow.go.release()
    assert texts_of([batching.submit("after")]) == ["after"]
