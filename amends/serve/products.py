"""What is built before the servers start: encoder, Rasa's model, widget, the desk's scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from amends.serve.errors import ServeError
from amends.serve.freshness import fingerprint, forget, is_fresh, record
from amends.serve.processes import Child, stop_all
from amends.serve.progress import Progress
from amends.serve.stopping import Stopper
from amends.serve.surroundings import (
    APP_PYTHON,
    DESK_SOURCE,
    WIDGET_SOURCE,
    desk_dir,
    rasa_command,
    widget_dir,
)
from amends.settings import ROOT, Settings

MODEL_NAME = "amends"
EXAMPLES = Path("assistant/data/nlu")
"""Has a folder of intent examples for each language."""


@dataclass(frozen=True)
class Product:
    """A thing built from files.

    Attributes:
        name: How messages name it.
        path: The file or folder that is built.
        inputs: What it is built from, by name.
        command: What builds it.
        setting: Whatever else decides how it is built.
    """

    name: str
    path: Path
    inputs: Mapping[str, Path]
    command: Sequence[str]
    setting: str = ""


def encoder(settings: Settings) -> Product:
    """The sentence encoder in the form that Rasa's environment can run."""
    path = settings.state_dir.resolve() / "encoder"
    files = ("uv.lock", "nlu/export.py", "nlu/base_model.py")
    inputs = {name: ROOT / name for name in files}
    if Path(settings.encoder).is_dir():
        inputs["encoder"] = Path(settings.encoder)
    command = [APP_PYTHON, "-m", "nlu.export", str(path)]
    return Product("the sentence encoder", path, inputs, command, settings.encoder)


def rasa_model(settings: Settings) -> Product:
    """Rasa's model of intents and rules.

    Raises:
        ServeError: there are no intent examples in a language of the settings.
    """
    folder = settings.state_dir.resolve() / "models"
    # The rest of assistant/ is no part of the model: another channel or widget trains nothing anew.
    files = ("config.yml", "domain.yml", "assistant/components", "assistant/data", "uv.lock")
    inputs = {name: ROOT / name for name in files}
    inputs["encoder"] = settings.state_dir.resolve() / "encoder" / "manifest.json"
    read = ["--data", *_training_data(settings)]
    where = ["--config", "config.yml", "--domain", "domain.yml", *read]
    target = ["--out", str(folder), "--fixed-model-name", MODEL_NAME]
    # Rasa's own idea of what changed does not know of the encoder.
    command = rasa_command("train", *where, *target, "--force")
    path = folder / f"{MODEL_NAME}.tar.gz"
    return Product("Rasa's model", path, inputs, command, ",".join(settings.languages))


def _training_data(settings: Settings) -> list[str]:
    # Not all of them: of a language that the encoder was not made for it would learn noise.
    folders = [EXAMPLES / language for language in settings.languages]
    missing = [str(folder) for folder in folders if not any((ROOT / folder).glob("*.yml"))]
    if missing:
        raise ServeError(
            f"expected intent examples in {', '.join(missing)}, as AMENDS_LANGUAGES says "
            f"{','.join(settings.languages)}, found none. Write them (see docs/languages.md), or "
            "take the language out of AMENDS_LANGUAGES."
        )
    return [*map(str, folders), "assistant/data/rules", "assistant/data/stories"]


def widget(settings: Settings) -> Product:
    """The shopper's widget in one file."""
    files = ("src", "build.mjs", "package.json", "package-lock.json")
    inputs = {name: WIDGET_SOURCE / name for name in files}
    path = widget_dir(settings) / "widget.js"
    command = [APP_PYTHON, "-m", "amends.serve.build_widget", str(path.parent)]
    return Product("the widget", path, inputs, command)


def desk_scripts(settings: Settings) -> Product:
    """What the agents' desk loads from npm."""
    inputs = {name: DESK_SOURCE / name for name in ("package.json", "package-lock.json")}
    inputs["build_desk.py"] = ROOT / "amends" / "serve" / "build_desk.py"
    path = desk_dir(settings)
    command = [APP_PYTHON, "-m", "amends.serve.build_desk", str(path)]
    return Product("the desk's scripts", path, inputs, command)


def make_if_stale(product: Product, logs: Path, env: Mapping[str, str], stopper: Stopper) -> None:
    """Build it, unless it is there and its inputs are what they were.

    Raises:
        ServeError: it cannot be built; the message holds the end of the log.
        StopRequestedError: a signal came.
    """
    inputs = fingerprint(product.inputs, product.setting)
    if is_fresh(product.path, inputs):
        return
    forget(product.path)
    product.path.parent.mkdir(parents=True, exist_ok=True)
    log = logs / f"make-{product.path.name.split('.')[0]}.log"
    _run(Child(product.name, product.command, log, env, ROOT), stopper)
    if not product.path.exists():
        raise ServeError(f"expected {product.name} at {product.path}, found nothing; see {log}")
    record(product.path, inputs)


def _run(child: Child, stopper: Stopper) -> None:
    progress = Progress(f"Making {child.name}")
    child.start()
    try:
        while child.exit_code is None:
            progress.tick()
            stopper.pause()
    finally:
        stop_all([child])
    if child.exit_code != 0:
        raise ServeError(
            f"could not make {child.name} (code {child.exit_code}). "
            f"The end of {child.log}:\n{child.tail()}"
        )
    progress.say(f"Made {child.name}")
