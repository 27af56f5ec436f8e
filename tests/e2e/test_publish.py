"""A running assistant takes the adapter that is published, and goes back, without a restart."""

import shutil
import time
from pathlib import Path

import httpx
import pytest

from amends.settings import SHIPPED_ADAPTER
from finetune.registry import Registry, content_sha256
from nlu.manifest import read_manifest, write_manifest

pytestmark = pytest.mark.timeout(900)

TAKEN_S = 120


def served(assistant) -> str:
    return str(httpx.get(f"{assistant.actions_url}/ready", timeout=60).json()["model"])


def wait_until_served(assistant, model: str) -> None:
    end = time.monotonic() + TAKEN_S
    while served(assistant) != model:
        assert time.monotonic() < end, f"{served(assistant)} still serves"
        time.sleep(0.5)


def another(folder: Path) -> Path:
    """The shipped adapter under another version: it need not be better to be told apart."""
    shutil.copytree(SHIPPED_ADAPTER, folder)
    write_manifest(read_manifest(folder).model_copy(update={"version": "another"}), folder)
    return folder


def test_a_running_server_follows_publish_and_rollback(assistant, tmp_path: Path) -> None:
    before = assistant.action_servers()
    shipped = served(assistant)
    run, registry = another(tmp_path / "run"), Registry(assistant.state / "adapters")
    registry.publish(run, "mine-another", content_sha256(run), "shipped", {})
    wait_until_served(assistant, f"{read_manifest(run).name}-another")
    done = assistant.command("rollback", "--reason", "an end-to-end test")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shipped is in use.")
    wait_until_served(assistant, shipped)
    assert assistant.action_servers() == before
