"""One message in, one assessment out: the front door of the understanding room."""

from collections.abc import Sequence

from sentence_transformers import SentenceTransformer

from amends.settings import Settings
from nlu.adapter_in_use import adapter_in_use
from nlu.assessment import Assessment, Unreadable
from nlu.base_model import find_base
from nlu.categories import CategoryFinder, CategoryMatch, decide
from nlu.category_file import read_categories
from nlu.classifier import Classifier, Scores
from nlu.encoder import SharedEncoder
from nlu.manifest import AdapterError, Thresholds, check_languages, check_served
from nlu.quiet import quiet_loading
from nlu.reader import Reader
from nlu.scoring_model import pick_device
from nlu.text import unreadable


class Assessor:
    """Scores messages and finds their categories.

    Loading takes seconds and memory: make one, keep it.
    """

    def __init__(
        self,
        reader: Reader,
        classifier: Classifier,
        finder: CategoryFinder,
    ) -> None:
        self._reader = reader
        self._classifier = classifier
        self._finder = finder

    @classmethod
    def load(cls, settings: Settings, encoder: SharedEncoder | None = None) -> "Assessor":
        """Load classifier, encoder and categories as the settings say.

        Args:
            settings: Name what is loaded.
            encoder: The sentence encoder, where one is loaded already.

        Raises:
            AdapterError: the adapter cannot be used, with this base, this encoder or for these
                languages.
            HistoryError: it cannot be read which adapter was published.
            BaseModelError: the base or the encoder is nowhere found.
            CategoriesError: the categories file cannot be used.
        """
        categories = read_categories(settings.categories_file)
        adapter = adapter_in_use(settings)
        classifier = Classifier.load(
            adapter, settings.base_model, settings.precision, settings.device
        )
        check_served(classifier.manifest, adapter)
        check_languages(classifier.manifest, adapter, settings.languages)
        check_encoder(classifier.manifest.thresholds, settings.encoder)
        finder = CategoryFinder(categories, encoder or load_sentence_encoder(settings))
        return cls(Reader.of(settings), classifier, finder)

    @property
    def classifier(self) -> Classifier:
        """What scores the messages."""
        return self._classifier

    @property
    def finder(self) -> CategoryFinder:
        """What finds their categories."""
        return self._finder

    def assess(self, texts: Sequence[str]) -> list[Assessment | Unreadable]:
        """Assess messages as the shoppers typed them, in their order.

        A message that holds no words, or words of a script that the classifier was not made for,
        comes back as `Unreadable` and is not scored.
        """
        results: list[Assessment | Unreadable | None] = []
        read = [self._reader.read(text) for text in texts]
        for text in read:
            reason = unreadable(text, self._classifier.manifest.languages)
            results.append(Unreadable(text=text, reason=reason) if reason else None)
        scored = iter(self._score([t for t, r in zip(read, results, strict=True) if r is None]))
        return [next(scored) if result is None else result for result in results]

    def _score(self, texts: list[str]) -> list[Assessment]:
        if not texts:
            return []
        manifest = self._classifier.manifest
        scores = self._classifier.score(texts)
        matches = [decide(found, manifest.thresholds) for found in self._finder.similarities(texts)]
        return [self._assessment(*row) for row in zip(texts, scores, matches, strict=True)]

    def _assessment(self, text: str, scores: Scores, match: CategoryMatch) -> Assessment:
        manifest = self._classifier.manifest
        return Assessment(
            text=text,
            polarity=scores.polarity,
            polarity_probs=scores.polarity_probs,
            valence=scores.valence,
            intensity=scores.intensity,
            complaint=scores.complaint,
            subjectivity=scores.subjectivity,
            severity=scores.severity,
            severity_threshold=manifest.thresholds.severity,
            category=match.category,
            similarity=match.similarity,
            runners_up=match.runners_up,
            model=f"{manifest.name}-{manifest.version}",
        )


def load_sentence_encoder(settings: Settings) -> SentenceTransformer:
    """Load the sentence encoder that these settings name, in full precision."""
    folder = find_base(settings.encoder)
    with quiet_loading():
        return SentenceTransformer(str(folder), device=str(pick_device(settings.device)))


def check_encoder(thresholds: Thresholds, encoder: str) -> None:
    """Refuse thresholds that were chosen for another encoder.

    Raises:
        AdapterError: the encoder in use is not the one that the thresholds were chosen for.
    """
    if thresholds.encoder != encoder:
        raise AdapterError(
            f"expected the encoder {thresholds.encoder}, for which the adapter's category "
            f"thresholds were chosen, found {encoder}. Set AMENDS_ENCODER back, or run "
            "`amends train` with this encoder."
        )
