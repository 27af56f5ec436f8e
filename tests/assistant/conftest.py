"""The real encoder, the real trained model, and a conversation with it."""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from fake_actions import FakeActions, serve

ROOT = Path(__file__).resolve().parents[2]
APP_PYTHON = ROOT / ".venv" / "bin" / "python"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL": "WARNING",
}
os.environ.update(QUIET)  # Before the first import of Rasa, which reads them.

# What decides on the exported encoder, and on the model trained with it.
ENCODER_INPUTS = ["nlu/export.py", "nlu/base_model.py", "uv.lock"]
TRAINING_DATA = ["assistant/data/nlu/en", "assistant/data/rules", "assistant/data/stories"]
MODEL_INPUTS = ["config.yml", "domain.yml", *TRAINING_DATA, "assistant/components", "uv.lock"]


def content_hash(names, *more):
    digest = hashlib.sha256(repr(more).encode())
    for name in names:
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in [f for f in files if f.is_file() and "__pycache__" not in f.parts]:
            digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def run(*command, **env):
    result = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **env}, cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def kept(folder, key):
    """A folder that outlives the tests, as long as the key stays what it is."""
    for old in folder.iterdir():
        if old.name != key:
            shutil.rmtree(old)
    return folder / key


@pytest.fixture(scope="session", autouse=True)
def project_root():
    """Rasa finds our components, and its own files, in the folder that it runs in."""
    before = Path.cwd()
    os.chdir(ROOT)
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def state_dir(pytestconfig):
    """A state folder with the exported encoder in it."""
    folder = kept(pytestconfig.cache.mkdir("encoder"), content_hash(ENCODER_INPUTS))
    if not (folder / "encoder").exists():
        run(APP_PYTHON, "-m", "nlu.export", folder / "encoder")
    return folder


@pytest.fixture(scope="session")
def encoder_dir(state_dir):
    return state_dir / "encoder"


@pytest.fixture(autouse=True)
def environment(monkeypatch, state_dir):
    monkeypatch.setenv("AMENDS_STATE_DIR", str(state_dir))


@pytest.fixture(scope="session")
def model(pytestconfig, state_dir):
    """Rasa's model, trained by the command that the project documents; warnings are failures."""
    key = content_hash(MODEL_INPUTS, state_dir.name)
    folder = kept(pytestconfig.cache.mkdir("model"), key)
    if not (folder / "amends.tar.gz").exists():
        where = ["--config", "config.yml", "--domain", "domain.yml", "--data", *TRAINING_DATA]
        to = ["--out", folder, "--fixed-model-name", "amends", "--force"]
        command = [sys.executable, "-m", "rasa", "train", *where, *to]
        result = run(*command, "--fail-on-validation-warnings", AMENDS_STATE_DIR=str(state_dir))
        if "UserWarning" in result.stderr:
            shutil.rmtree(folder)
            pytest.fail(f"Rasa warns of the training data:\n{result.stderr}")
    return folder / "amends.tar.gz"


@pytest.fixture(scope="session")
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def action_server():
    fake = FakeActions()
    with serve(fake) as url:
        yield fake, url


@pytest.fixture
def actions(action_server):
    fake, _ = action_server
    fake.reset()
    return fake


@pytest.fixture(scope="session")
def agent(model, action_server, state_dir):
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig

    _, url = action_server
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMENDS_STATE_DIR", str(state_dir))
        return Agent.load(str(model), action_endpoint=EndpointConfig(f"{url}/webhook"))


@pytest.fixture
def parse(agent, loop):
    """What the pipeline makes of a text."""
    return lambda text: loop.run_until_complete(agent.parse_message(text))


class Conversation:
    """One shopper's conversation with the assistant."""

    def __init__(self, agent, actions, loop):
        self.id = uuid.uuid4().hex
        self._agent, self._actions, self._loop = agent, actions, loop

    def say(self, text):
        """Say something; gives the actions that followed, in order."""
        before = len(self._actions.calls)
        replies = self._loop.run_until_complete(self._agent.handle_text(text, sender_id=self.id))
        self.replies = [reply["text"] for reply in replies]
        return [name for _, name in self._actions.calls[before:]]

    def tracker(self):
        return self._loop.run_until_complete(self._agent.tracker_store.retrieve(self.id))


@pytest.fixture
def conversation(agent, actions, loop):
    return Conversation(agent, actions, loop)
