"""Published adapters are kept whole or not at all, whatever breaks and whenever."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amends.settings import SHIPPED_ADAPTER
from finetune import registry as registry_module
from finetune.measures import Figure
from finetune.registry import Registry, RegistryError, content_sha256
from nlu.adapter_in_use import SHIPPED, read_history

FIGURES = {"polarity accuracy": Figure(0.75, 0.7, 0.8, 100)}
FULL = OSError(28, "No space left on device")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "published"


@pytest.fixture
def registry(folder: Path) -> Registry:
    return Registry(folder)


def make_run(tmp_path: Path, content: str = "weights") -> Path:
    run = tmp_path / f"run of {content}"
    (run / "encoder").mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    (run / "encoder" / "model.safetensors").write_text(content)
    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path)


def put(registry: Registry, run: Path, version: str, replaces: str | None = None) -> None:
    registry.publish(run, version, content_sha256(run), replaces or registry.in_use, FIGURES)


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "versions").iterdir())


def test_the_shipped_adapter_is_the_first_of_all(registry: Registry, folder: Path) -> None:
    assert registry.in_use == SHIPPED
    assert registry.folder_of(SHIPPED) == SHIPPED_ADAPTER
    (only,) = registry.versions()
    assert (only.name, only.folder, only.in_use, only.since) == (
        SHIPPED, SHIPPED_ADAPTER, True, None
    )  # fmt: skip
    assert not folder.exists()


def test_a_published_adapter_is_a_whole_copy_and_in_use(
    registry: Registry, run: Path, folder: Path
) -> None:
    sha256 = content_sha256(run)
    put(registry, run, "mine-1")
    shutil.rmtree(run)
    assert registry.in_use == "mine-1"
    assert registry.folder_of("mine-1") == folder / "versions" / "mine-1"
    assert content_sha256(registry.folder_of("mine-1")) == sha256
    assert kept(folder) == ["mine-1"]


def test_the_history_says_when_which_and_why(registry: Registry, run: Path, folder: Path) -> None:
    put(registry, run, "mine-1")
    registry.rollback("misses sarcasm")
    first, second = read_history(folder)
    assert (first.action, first.adapter, first.replaced) == ("publish", "mine-1", "shipped")
    assert first.figures == {
        "polarity accuracy": {"value": 0.75, "low": 0.7, "high": 0.8, "rows": 100}
    }
    assert (second.action, second.adapter, second.replaced) == ("rollback", "shipped", "mine-1")
    assert (second.figures, second.reason) == ({}, "misses sarcasm")
    assert timedelta(0) <= datetime.now(UTC) - second.when < timedelta(minutes=1)
    assert first.when <= second.when
    lines = (folder / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["adapter"] for line in lines] == ["mine-1", "shipped"]


def test_rollback_can_be_repeated_down_to_the_shipped_adapter(
    registry: Registry, tmp_path: Path
) -> None:
    for n in (1, 2, 3):
        put(registry, make_run(tmp_path, str(n)), f"mine-{n}")
    went_to = [registry.rollback("").adapter for _ in range(3)]
    assert went_to == ["mine-2", "mine-1", SHIPPED]
    with pytest.raises(RegistryError) as error:
        registry.rollback("")
    assert str(error.value) == (
        "expected a version that was in use before, found none: the shipped adapter is in use, "
        "the first of all. Publish another with `amends publish`."
    )
    assert registry.in_use == SHIPPED


def test_what_was_rolled_back_is_not_gone_back_to(registry: Registry, tmp_path: Path) -> None:
    put(registry, make_run(tmp_path, "good"), "mine-1")
    put(registry, make_run(tmp_path, "bad"), "mine-2")
    registry.rollback("")
    put(registry, make_run(tmp_path, "better"), "mine-3")
    assert registry.rollback("").adapter == "mine-1"


def test_a_kept_version_can_be_published_again(registry: Registry, run: Path, folder: Path) -> None:
    put(registry, run, "mine-1")
    registry.rollback("")
    put(registry, registry.folder_of("mine-1"), "mine-1")
    assert registry.in_use == "mine-1"
    assert kept(folder) == ["mine-1"]


def test_a_kept_version_is_never_replaced(registry: Registry, run: Path, folder: Path) -> None:
    put(registry, run, "mine-1")
    registry.rollback("")
    (run / "manifest.json").write_text('{"thresholds": 1}')
    with pytest.raises(RegistryError) as error:
        put(registry, run, "mine-1")
    kept_folder = folder / "versions" / "mine-1"
    assert str(error.value) == (
        f"{kept_folder}: expected a name that is not taken, found another adapter with the same "
        f"weights. Publish {kept_folder} for that one, or train under another --output."
    )
    assert (kept_folder / "manifest.json").read_text() == "{}"
    assert registry.in_use == SHIPPED


def test_versions_say_which_is_in_use_and_since_when(registry: Registry, tmp_path: Path) -> None:
    put(registry, make_run(tmp_path, "b"), "b-1")
    put(registry, make_run(tmp_path, "a"), "a-1")
    registry.rollback("")
    shipped, a, b = registry.versions()
    assert [v.name for v in (shipped, a, b)] == [SHIPPED, "a-1", "b-1"]
    assert [v.in_use for v in (shipped, a, b)] == [False, False, True]
    assert shipped.since is None
    assert a.since is not None
    assert b.since is not None
    assert b.since > a.since


def test_an_adapter_that_changed_since_it_was_measured_is_refused(
    registry: Registry, run: Path, folder: Path
) -> None:
    measured = content_sha256(run)
    (run / "encoder" / "model.safetensors").write_text("trained on")
    with pytest.raises(RegistryError) as error:
        registry.publish(run, "mine-1", measured, SHIPPED, FIGURES)
    assert str(error.value) == (
        f"{run}: expected the adapter as it was measured, found other content. "
        "Let whatever writes there end, and run `amends publish` again."
    )
    assert (registry.in_use, kept(folder)) == (SHIPPED, [])


def test_what_was_compared_with_another_than_the_one_in_use_is_refused(
    registry: Registry, tmp_path: Path, run: Path
) -> None:
    put(registry, make_run(tmp_path, "quicker"), "theirs-1")
    with pytest.raises(RegistryError) as error:
        put(registry, run, "mine-1", replaces=SHIPPED)
    assert str(error.value) == (
        "expected shipped in use, with which mine-1 was compared, found theirs-1, put in use "
        "meanwhile. Run `amends publish` again."
    )
    assert registry.in_use == "theirs-1"


def test_of_two_at_the_same_time_one_is_told(
    registry: Registry, tmp_path: Path, folder: Path
) -> None:
    runs = [make_run(tmp_path, str(n)) for n in range(4)]
    start, refused = threading.Barrier(len(runs)), []

    def publish(n: int) -> None:
        start.wait(10)
        try:
            put(Registry(folder), runs[n], f"mine-{n}", replaces=SHIPPED)
        except RegistryError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(refused) == len(runs) - 1
    assert all("put in use meanwhile" in message for message in refused)
    assert [registry.in_use] == kept(folder)
    assert len(read_history(folder)) == 1


def test_a_version_that_is_gone_is_not_gone_back_to(registry: Registry, tmp_path: Path) -> None:
    put(registry, make_run(tmp_path, "1"), "mine-1")
    put(registry, make_run(tmp_path, "2"), "mine-2")
    shutil.rmtree(registry.folder_of("mine-1"))
    with pytest.raises(RegistryError, match="expected the version that was in use before, found"):
        registry.rollback("")
    assert registry.in_use == "mine-2"


STEPS = ["mkdir", "copy", "sync", "rename", "record"]


def break_step(step: str, monkeypatch: pytest.MonkeyPatch, error: Callable[[], object]) -> None:
    """Let the disk fail at one step of a publish."""
    replace = os.replace

    def rename(source: Path, target: Path) -> None:
        if (Path(target).name == "history.jsonl") == (step == "record"):
            error()
        replace(source, target)

    if step == "mkdir":
        monkeypatch.setattr(registry_module.tempfile, "mkdtemp", lambda *_, **__: error())
    elif step == "copy":
        monkeypatch.setattr(shutil, "copyfile", lambda *_, **__: error())
    elif step == "sync":
        monkeypatch.setattr(registry_module, "_sync", lambda _: error())
    else:
        monkeypatch.setattr(os, "replace", rename)


def disk_full() -> None:
    raise FULL


@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk_leaves_the_old_one_in_use_and_nothing_half_written(
    step: str, registry: Registry, tmp_path: Path, folder: Path
) -> None:
    put(registry, make_run(tmp_path, "old"), "mine-1")
    run = make_run(tmp_path, "new")
    with pytest.MonkeyPatch.context() as patch:
        break_step(step, patch, disk_full)
        with pytest.raises(RegistryError) as error:
            put(registry, run, "mine-2")
    message = str(error.value)
    assert message.startswith(f"{folder}: expected a folder that can be written, found: ")
    assert "No space left on device" in message
    assert message.endswith(
        "Make room or set AMENDS_ADAPTERS_DIR, and see `amends adapters list` for what is in use."
    )
    assert registry.in_use == "mine-1"
    # A version that was never put in use may stay, whole.
    assert kept(folder) == (["mine-1", "mine-2"] if step == "record" else ["mine-1"])
    put(registry, run, "mine-2")
    assert (registry.in_use, kept(folder)) == ("mine-2", ["mine-1", "mine-2"])


def killed_at(step: str, registry: Registry, run: Path) -> int:
    """Publish in a process that is killed at a step; the signal that ended it."""
    child = os.fork()
    if not child:
        try:
            break_step(step, pytest.MonkeyPatch(), lambda: os.kill(os.getpid(), signal.SIGKILL))
            put(registry, run, "mine-2")
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_publish_leaves_the_old_one_in_use(
    step: str, registry: Registry, tmp_path: Path, folder: Path
) -> None:
    put(registry, make_run(tmp_path, "old"), "mine-1")
    run = make_run(tmp_path, "new")
    assert killed_at(step, registry, run) == signal.SIGKILL
    assert registry.in_use == "mine-1"
    for version in registry.versions():
        if version.name == "mine-2":
            assert content_sha256(version.folder) == content_sha256(run)
    put(registry, run, "mine-2")
    assert (registry.in_use, kept(folder)) == ("mine-2", ["mine-1", "mine-2"])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, run: Path) -> None:
    (tmp_path / "file").touch()
    registry = Registry(tmp_path / "file" / "published")
    with pytest.raises(RegistryError, match=r"expected a folder that can be written, found: Not a"):
        registry.publish(run, "mine-1", content_sha256(run), SHIPPED, FIGURES)


def test_content_is_names_and_bytes(run: Path) -> None:
    before = content_sha256(run)
    assert content_sha256(run) == before
    (run / "encoder" / "model.safetensors").rename(run / "encoder" / "other.safetensors")
    assert content_sha256(run) != before
    (run / "encoder" / "other.safetensors").rename(run / "encoder" / "model.safetensors")
    assert content_sha256(run) == before
    (run / "manifest.json").write_text("{} ")
    assert content_sha256(run) != before
