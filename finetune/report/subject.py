"""The adapter that is measured."""

from dataclasses import dataclass
from pathlib import Path

from amends.settings import Settings
from nlu.assessor import Assessor
from nlu.classifier import Classifier
from nlu.heads import SERVED_HEADS
from nlu.manifest import Manifest, read_manifest
from nlu.scoring_model import Precision


@dataclass(frozen=True)
class Subject:
    """An adapter on its base.

    Attributes:
        classifier: Scores messages.
        assessor: Assesses them as they are served; None for an adapter with other heads.
    """

    classifier: Classifier
    assessor: Assessor | None

    @property
    def manifest(self) -> Manifest:
        """What the adapter is made of."""
        return self.classifier.manifest

    @classmethod
    def load(
        cls, adapter: Path, settings: Settings, precision: Precision | None = None
    ) -> "Subject":
        """Load an adapter, with the categories if it can serve.

        Args:
            adapter: Its folder.
            settings: Say base, encoder, categories and device.
            precision: Of the base; what the settings say without it.

        Raises:
            AdapterError: it cannot be used.
            BaseModelError: the base or the encoder is nowhere found.
        """
        chosen = precision or settings.precision
        if serves(read_manifest(adapter)):
            changes = {"adapter": adapter, "precision": chosen}
            assessor = Assessor.load(settings.model_copy(update=changes))
            return cls(assessor.classifier, assessor)
        return cls(Classifier.load(adapter, settings.base_model, chosen, settings.device), None)


def serves(manifest: Manifest) -> bool:
    """Whether an adapter has the heads that the assistant reads."""
    return all(manifest.heads.get(name) == spec for name, spec in SERVED_HEADS.items())
