"""What every test gets: settings of its own, so that no test sees a developer's tickets."""

import sys
from pathlib import Path

import pytest

TINY_WIDTH = 32


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


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory) -> Path:
    """A base of two narrow layers with random weights and a real tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    from nlu.base_model import WHEEL_MODEL, find_base
    from nlu.scoring_model import load_tokenizer

    folder = tmp_path_factory.mktemp("base")
    tokenizer = load_tokenizer(find_base(WHEEL_MODEL))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=TINY_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
