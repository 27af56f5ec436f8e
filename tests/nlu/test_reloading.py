"""A newly published adapter serves when it can; until then, and if it cannot, the old one does."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from amends.errors import AmendsError
from amends.settings import Settings, load_settings
from finetune.registry import Registry, content_sha256
from nlu.adapter_in_use import HISTORY_FILE, adapter_in_use
from nlu.assessment import Assessment, Unreadable
from nlu.assessor import Assessor, load_sentence_encoder
from nlu.batching import BatchingAssessor
from nlu.categories import CategoryFinder
from nlu.category_file import read_categories
from nlu.classifier import Classifier
from nlu.manifest import read_manifest, write_manifest
from nlu.reader import Reader
from nlu.reloading import KNOWN, Reloading

WAIT_S = 60
OLD, NEW, OTHER = Path("old"), Path("new"), Path("other")


class Named:
    """An assessor that only knows from which folder it came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def assess(self, texts: Sequence[str]) -> list[Assessment | Unreadable]:
        self.asked.extend(texts)
        return [Unreadable(text=text, reason="no_text") for text in texts]


class Shop:
    """Says which adapter is in use and loads it, as slowly and as badly as a test wants."""

    def __init__(self) -> None:
        self.in_use: Path | AmendsError = OLD
        self.errors: dict[Path, Exception] = {}
        self.loads: list[tuple[str, Path]] = []
        self.go = threading.Event()
        self.go.set()
        self.reloading = Reloading(self.load, self.asked)

    def load(self, folder: Path) -> Named:
        self.loads.append((threading.current_thread().name, folder))
        assert self.go.wait(WAIT_S)
        if folder in self.errors:
            raise self.errors[folder]
        return Named(folder)

    def asked(self) -> Path:
        if isinstance(self.in_use, AmendsError):
            raise self.in_use
        return self.in_use

    def serving(self) -> Path:
        current = self.reloading.current()
        assert isinstance(current, Named)
        return current.folder

    def settled(self) -> Path:
        """What serves once nothing is loaded any more."""
        self.serving()
        wait_until(lambda: not loading())
        return self.serving()


def loading() -> bool:
    return any(thread.name == "assessor-loader" for thread in threading.enumerate())


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_the_first_is_loaded_when_it_is_asked_for_and_once(shop: Shop) -> None:
    assert shop.loads == []
    assert shop.reloading.current() is shop.reloading.current()
    assert shop.loads == [("MainThread", OLD)]


def test_a_first_that_cannot_be_loaded_is_told_and_tried_again(shop: Shop) -> None:
    shop.errors[OLD] = AmendsError("no such adapter")
    for _ in range(2):
        with pytest.raises(AmendsError, match="no such adapter"):
            shop.serving()
    del shop.errors[OLD]
    assert shop.serving() == OLD


def test_the_old_one_goes_on_while_the_new_one_loads(shop: Shop) -> None:
    assert shop.serving() == OLD
    shop.go.clear()
    shop.in_use = NEW
    assert [shop.serving() for _ in range(5)] == [OLD] * 5
    shop.go.set()
    assert shop.settled() == NEW
    assert shop.loads == [("MainThread", OLD), ("assessor-loader", NEW)]


def test_the_new_one_scores_a_known_sentence_before_it_serves(shop: Shop) -> None:
    shop.serving()
    shop.in_use = NEW
    assert shop.settled() == NEW
    current = shop.reloading.current()
    assert isinstance(current, Named)
    assert current.asked == [KNOWN]


@pytest.mark.parametrize("error", [AmendsError("another base"), MemoryError("none left")])
def test_a_new_one_that_cannot_be_loaded_is_told_once_and_the_old_one_goes_on(
    error: Exception, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.serving()
    shop.errors[NEW] = error
    shop.in_use = NEW
    assert [shop.settled() for _ in range(3)] == [OLD] * 3
    assert [folder for _, folder in shop.loads] == [OLD, NEW]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == (
        f"adapter new is not taken, old goes on: {type(error).__name__}: {error}"
    )


def test_a_new_one_that_failed_is_tried_again_when_another_was_in_use(shop: Shop) -> None:
    shop.serving()
    shop.errors[NEW] = AmendsError("broken")
    shop.in_use = NEW
    assert shop.settled() == OLD
    shop.in_use = OLD
    assert shop.settled() == OLD
    del shop.errors[NEW]
    shop.in_use = NEW
    assert shop.settled() == NEW
    # Going back to what still served needed no loading.
    assert [folder for _, folder in shop.loads] == [OLD, NEW, NEW]


@pytest.mark.parametrize("then", [OLD, OTHER])
def test_one_that_is_no_longer_in_use_when_it_is_loaded_never_serves(
    then: Path, shop: Shop
) -> None:
    shop.serving()
    shop.go.clear()
    shop.in_use = NEW
    assert shop.serving() == OLD
    shop.in_use = then
    shop.go.set()
    served = {shop.serving() for _ in range(100)}
    served.add(shop.settled())
    assert shop.settled() == then
    assert NEW not in served


def test_a_history_that_cannot_be_read_is_told_once_and_the_old_one_goes_on(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.serving()
    shop.in_use = AmendsError("history.jsonl: found nonsense")
    assert [shop.settled() for _ in range(3)] == [OLD] * 3
    assert [r.getMessage() for r in caplog.records] == [
        "old goes on: history.jsonl: found nonsense"
    ]
    shop.in_use = NEW
    assert shop.settled() == NEW
    shop.in_use = AmendsError("history.jsonl: found nonsense")
    assert [shop.settled() for _ in range(2)] == [NEW] * 2
    assert len(caplog.records) == 2


# From here on with real adapters, on the small base.


@pytest.fixture
def settings(tiny_base: Path, tmp_path: Path) -> Settings:
    changes = {
        "adapters_dir": tmp_path / "published",
        "base_model": str(tiny_base),
        "precision": "fp32",
    }
    return load_settings().model_copy(update=changes)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings.published_dir)


def shifted(adapter: Path, version: str, shift: float) -> Path:
    """A copy of an adapter that hears another valence."""
    folder = shutil.copytree(adapter, adapter.with_name(version))
    heads = load_file(folder / "heads.safetensors")
    heads["valence.bias"] += shift
    save_file(heads, folder / "heads.safetensors")
    write_manifest(read_manifest(folder).model_copy(update={"version": version}), folder)
    return folder


def publish(registry: Registry, run: Path) -> None:
    version = f"tiny-{read_manifest(run).version}"
    registry.publish(run, version, content_sha256(run), registry.in_use, {})


@pytest.fixture(scope="module")
def finder() -> CategoryFinder:
    shipped = load_settings()
    return CategoryFinder(read_categories(shipped.categories_file), load_sentence_encoder(shipped))


@pytest.fixture
def load(settings: Settings, finder: CategoryFinder) -> Callable[[Path], Assessor]:
    """Loads adapters for real; categories, which are no part of them, once for all."""

    def _load(folder: Path) -> Assessor:
        classifier = Classifier.load(folder, settings.base_model, settings.precision, "cpu")
        return Assessor(Reader.of(settings), classifier, finder)

    return _load


@pytest.fixture
def batching(load: Callable[[Path], Assessor], settings: Settings) -> BatchingAssessor:
    return BatchingAssessor(Reloading(load, lambda: adapter_in_use(settings)).current)


def test_adapters_are_published_and_rolled_back_under_a_running_queue(
    adapter: Path,
    settings: Settings,
    registry: Registry,
    load: Callable[[Path], Assessor],
    batching: BatchingAssessor,
) -> None:
    runs = {version: shifted(adapter, version, by) for version, by in (("a", 0.1), ("b", -0.1))}
    texts = ["where is my parcel", "it broke on the second day", "lovely, thank you"]
    expected = {
        f"tiny-{version}": [found.valence for found in load(run).assess(texts)]
        for version, run in runs.items()
    }
    publish(registry, runs["a"])
    assert batching.submit(KNOWN).result(WAIT_S).model == "tiny-a"
    with Shoppers(batching, texts) as shoppers:
        publish(registry, runs["b"])
        wait_until(lambda: shoppers.last_model == "tiny-b")
        registry.rollback("")
        wait_until(lambda: shoppers.last_model == "tiny-a")
    assert {found.model for _, found in shoppers.answers} == set(expected)
    for row, found in shoppers.answers:
        assert found.valence == pytest.approx(expected[found.model][row], abs=1e-5)
    assert shoppers.slowest_s < settings.assess_deadline_s


class Shoppers:
    """Two who write without a pause, and what they were answered."""

    def __init__(self, batching: BatchingAssessor, texts: Sequence[str]) -> None:
        self._batching = batching
        self._texts = texts
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(2)]
        self.answers: list[tuple[int, Assessment]] = []
        self.slowest_s = 0.0
        self.last_model = ""

    def __enter__(self) -> "Shoppers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(WAIT_S)
            assert not thread.is_alive()

    def _write(self) -> None:
        while not self._stop.is_set():
            for row, text in enumerate(self._texts):
                begin = time.monotonic()
                found = self._batching.submit(text).result(WAIT_S)
                self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
                assert isinstance(found, Assessment)
                self.answers.append((row, found))
                self.last_model = found.model
            time.sleep(0.01)


def lose_a_head(folder: Path) -> None:
    heads = load_file(folder / "heads.safetensors")
    del heads["valence.weight"]
    save_file(heads, folder / "heads.safetensors")


def overflow(folder: Path) -> None:
    heads = load_file(folder / "heads.safetensors")
    heads["valence.weight"].fill_(3e38)  # Finite, but no sum of it is.
    heads["valence.bias"].fill_(3e38)
    save_file(heads, folder / "heads.safetensors")


def change_base(folder: Path) -> None:
    changes = {"base_sha256": "0" * 64}
    write_manifest(read_manifest(folder).model_copy(update=changes), folder)


def vanish(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lose_a_head, "missing ['valence.weight']"),
        (overflow, "found NaN or infinity from the head valence"),
        (change_base, "expected the base"),
        (vanish, "expected manifest.json, found none"),
    ],
)
def test_a_published_adapter_that_was_damaged_is_not_taken(
    break_it: Callable[[Path], None],
    told: str,
    adapter: Path,
    registry: Registry,
    batching: BatchingAssessor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(registry, shifted(adapter, "a", 0.1))
    assert batching.submit(KNOWN).result(WAIT_S).model == "tiny-a"
    publish(registry, shifted(adapter, "b", -0.1))
    break_it(registry.folder_of("tiny-b"))
    for _ in range(2):
        assert batching.submit(KNOWN).result(WAIT_S).model == "tiny-a"
        wait_until(lambda: not loading())
    (error,) = [r.getMessage() for r in caplog.records if r.name == "nlu.reloading"]
    assert told in error


def test_a_history_that_was_damaged_changes_nothing(
    adapter: Path,
    settings: Settings,
    registry: Registry,
    batching: BatchingAssessor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(registry, shifted(adapter, "a", 0.1))
    assert batching.submit(KNOWN).result(WAIT_S).model == "tiny-a"
    (settings.published_dir / HISTORY_FILE).write_text("nonsense\n")
    assert batching.submit(KNOWN).result(WAIT_S).model == "tiny-a"
    assert "expected the history of published adapters" in caplog.text
