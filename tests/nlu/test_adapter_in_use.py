"""What is set serves, else what was published last, else what was shipped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.serve.surroundings import environment
from amends.settings import SHIPPED_ADAPTER, Settings, load_settings
from nlu.adapter_in_use import (
    HISTORY_FILE,
    Change,
    HistoryError,
    adapter_in_use,
    read_history,
    version_folder,
)

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "published").mkdir()
    return load_settings().model_copy(update={"adapters_dir": tmp_path / "published"})


def write(settings: Settings, *adapters: str) -> None:
    lines = [
        Change(when=WHEN, action="publish", adapter=new, replaced=old).model_dump_json()
        for old, new in zip(("shipped", *adapters), adapters, strict=False)
    ]
    (settings.published_dir / HISTORY_FILE).write_text("\n".join(lines) + "\n", "utf-8")


def test_the_shipped_adapter_is_in_use_until_one_is_published(settings: Settings) -> None:
    assert adapter_in_use(settings) == SHIPPED_ADAPTER
    settings.published_dir.rmdir()
    assert adapter_in_use(settings) == SHIPPED_ADAPTER


def test_the_last_line_says_which_is_in_use(settings: Settings) -> None:
    write(settings, "mine-1", "mine-2")
    assert adapter_in_use(settings) == settings.published_dir / "versions" / "mine-2"
    write(settings, "mine-1", "mine-2", "shipped")
    assert adapter_in_use(settings) == SHIPPED_ADAPTER
    assert [change.adapter for change in read_history(settings.published_dir)] == [
        "mine-1", "mine-2", "shipped"
    ]  # fmt: skip


def test_what_is_set_always_wins(settings: Settings, tmp_path: Path) -> None:
    write(settings, "mine-1")
    chosen = settings.model_copy(update={"adapter": tmp_path})
    assert adapter_in_use(chosen) == tmp_path
    (settings.published_dir / HISTORY_FILE).write_bytes(b"\xff")
    assert adapter_in_use(chosen) == tmp_path


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xff\n", "'utf-8' codec can't decode byte 0xff"),
        (b'{"when": "2026-01-02T03:04:05Z", "acti', "a line: Invalid JSON: EOF while parsing"),
        (b'{"adapter": "mine-1"}\n', "when: Field required"),
        (b"\n", "a line: Invalid JSON"),
    ],
    ids=["Latin-1", "cut", "incomplete", "empty line"],
)
def test_a_history_that_cannot_be_read_is_told(
    settings: Settings, content: bytes, found: str
) -> None:
    path = settings.published_dir / HISTORY_FILE
    path.write_bytes(content)
    with pytest.raises(HistoryError) as error:
        adapter_in_use(settings)
    assert str(error.value).startswith(
        f"{path}: expected the history of published adapters, one JSON object a line, "
        f"found: {found}"
    )
    assert str(error.value).endswith(
        "Restore the file, or name the adapter to serve with AMENDS_ADAPTER."
    )


def test_a_folder_in_place_of_the_history_is_told(settings: Settings) -> None:
    (settings.published_dir / HISTORY_FILE).mkdir()
    with pytest.raises(HistoryError, match="Is a directory"):
        adapter_in_use(settings)


@pytest.mark.parametrize("name", ["../../etc", "/etc", "a/b", ".hidden", "", "line\nbreak", "a\n"])
def test_no_line_leads_out_of_the_versions(settings: Settings, name: str) -> None:
    write(settings, "mine-1")
    path = settings.published_dir / HISTORY_FILE
    path.write_text(path.read_text().replace('"mine-1"', repr(name).replace("'", '"')), "utf-8")
    with pytest.raises(HistoryError, match="adapter: String should match pattern"):
        adapter_in_use(settings)


def test_published_adapters_are_kept_in_the_state_folder_unless_a_folder_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AMENDS_ADAPTERS_DIR")
    assert load_settings().published_dir == tmp_path / "state" / "adapters"
    monkeypatch.setenv("AMENDS_ADAPTERS_DIR", str(tmp_path / "shared"))
    assert load_settings().published_dir == tmp_path / "shared"


@pytest.mark.parametrize("adapter", ["", "adapters/mine"])
def test_the_servers_are_told_whether_an_adapter_was_set(
    adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the default passed on as if it were set, nothing published would ever be served."""
    monkeypatch.setenv("AMENDS_ADAPTER", adapter)
    mine = load_settings()
    for name, value in environment(mine).items():
        monkeypatch.setenv(name, value)
    served = load_settings()
    assert served.adapter == (Path(adapter).resolve() if adapter else None)
    assert adapter_in_use(served) == adapter_in_use(mine).resolve()


def test_the_shipped_version_is_where_it_was_shipped(tmp_path: Path) -> None:
    assert version_folder(tmp_path, "shipped") == SHIPPED_ADAPTER
    assert version_folder(tmp_path, "mine-1") == tmp_path / "versions" / "mine-1"
