"""The model card that goes with an adapter."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from finetune.config import TrainConfig
from nlu.manifest import Manifest

CARD = Path(__file__).with_name("card.md.j2")


def write_card(manifest: Manifest, config: TrainConfig, folder: Path) -> None:
    """Write `README.md` beside an adapter's weights.

    Args:
        manifest: What was made, and what it reached.
        config: Says where its labels come from, and under which licence.
        folder: Of the adapter.
    """
    # Markdown for people, made of our own manifest: nothing in it is a shopper's.
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
    template = environment.from_string(CARD.read_text("utf-8"))
    text = template.render(manifest=manifest, sources=config.sources)
    (folder / "README.md").write_text(text + "\n", "utf-8")
