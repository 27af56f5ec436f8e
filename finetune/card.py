"""The model card that goes with an adapter."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from nlu.manifest import Manifest

CARD = Path(__file__).with_name("card.md.j2")


def write_card(manifest: Manifest, folder: Path) -> None:
    """Write `README.md` beside an adapter's weights, from its manifest alone."""
    # Markdown for people, made of our own manifest: nothing in it is a shopper's.
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
    text = environment.from_string(CARD.read_text("utf-8")).render(manifest=manifest)
    (folder / "README.md").write_text(text + "\n", "utf-8")
