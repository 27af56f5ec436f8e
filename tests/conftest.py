"""What every test gets: settings of its own, so that no test sees a developer's tickets."""

import sys

import pytest


@pytest.fixture(scope="session", autouse=True)
def _nothing_published(tmp_path_factory):
    """Keeps what a developer published out of fixtures that are made before the next one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMENDS_ADAPTERS_DIR", str(tmp_path_factory.mktemp("nothing_published")))
        yield


@pytest.fixture(autouse=True)
def isolated_settings(tmp_path, monkeypatch):
    """Keeps databases and other state in the test's own folder, and settings unread before it."""
    monkeypatch.setenv("AMENDS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("AMENDS_DATABASE_URL", raising=False)
    if sys.version_info < (3, 11):  # noqa: UP036, Rasa's environment has no settings of Amends
        yield
        return
    from amends.settings import get_settings

    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
