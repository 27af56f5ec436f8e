"""Deletion tests tell a good way to weigh words from chance."""

import pytest
import torch
from torch import Tensor

from amends.settings import load_settings
from finetune.attributions import WAYS, as_served, at_random
from finetune.faithfulness import compare, faithfulness, measure_way, table
from nlu.adapter_in_use import adapter_in_use
from nlu.classifier import Classifier
from nlu.read_message import ReadMessage

TEXTS = [
    "the kettle is broken and I am furious",
    "what a lovely lamp, thank you so much",
    "my parcel is late again and nobody answers me",
    "horrible service, I hate this shop",
]
NAMES = [
    "drop, top 2 words",
    "drop, random 2 words",
    "drop, bottom 2 words",
    "comprehensiveness",
    "sufficiency error",
    "intensity drop, top 2 words",
    "cost error, ms",
]
ROUNDING = 0.005
"""In 8 bits a score depends a little on the messages that share its batch."""


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    settings = load_settings()
    folder = adapter_in_use(settings)
    return Classifier.load(folder, settings.base_model, settings.precision, settings.device)


def test_what_serves_is_more_faithful_than_chance(classifier: Classifier) -> None:
    served = faithfulness(classifier, TEXTS)
    chance = measure_way(classifier, at_random, TEXTS)
    assert list(served) == NAMES
    assert served["drop, top 2 words"].value > served["drop, random 2 words"].value
    assert served["comprehensiveness"].value > chance["comprehensiveness"].value
    assert served["sufficiency error"].value < chance["sufficiency error"].value
    assert served["intensity drop, top 2 words"].value > 0
    assert {figure.rows for figure in served.values()} == {len(TEXTS)}


def test_the_wrong_way_round_is_told(classifier: Classifier) -> None:
    def upside_down(message: ReadMessage) -> Tensor:
        return -as_served(message)

    found = measure_way(classifier, upside_down, TEXTS)
    assert found["drop, top 2 words"].value < found["drop, bottom 2 words"].value


def test_figures_are_the_drops_of_the_score(classifier: Classifier) -> None:
    """With weights that say which words to delete, the figures can be worked out by hand."""
    text = "bad bad kettle I say"
    place = torch.tensor([[5.0, 4, 3, 2, 1], [1, 2, 3, 4, 5]])
    found = measure_way(classifier, lambda _: place, [text])
    whole, top, bottom, one, half = (
        scores.polarity_probs
        for scores in classifier.score(
            [text, "kettle I say", "bad bad kettle", "bad kettle I say", "I say"]
        )
    )
    likeliest = max(whole, key=whole.__getitem__)
    p = whole[likeliest]
    assert found["drop, top 2 words"].value == pytest.approx(p - top[likeliest], abs=ROUNDING)
    assert found["drop, bottom 2 words"].value == pytest.approx(p - bottom[likeliest], abs=ROUNDING)
    drops = [p - one[likeliest]] * 3 + [p - half[likeliest]]
    assert found["comprehensiveness"].value == pytest.approx(sum(drops) / 4, abs=ROUNDING)


def test_short_messages_are_passed_over(classifier: Classifier) -> None:
    found = measure_way(classifier, at_random, [*TEXTS, "too bad", "", "😡"])
    assert found["comprehensiveness"].rows == len(TEXTS)


def test_every_way_is_compared_on_the_same_messages(classifier: Classifier) -> None:
    found = compare(classifier, TEXTS[:1])
    assert list(found) == list(WAYS)
    lines = table(found).splitlines()
    assert lines[0] == f"|  | {' | '.join(NAMES)} |"
    assert len(lines) == len(WAYS) + 2
    # What stands in the table is finite: each way gave a weight to each word.
    assert "nan" not in table(found)
