"""Scores of the shipped adapter: in range, in order, the same in 8 bits and in full precision."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from amends.settings import SHIPPED_ADAPTER, load_settings
from nlu.assessment import Intensity, Polarity
from nlu.classifier import BATCH, Classifier, Scores
from nlu.manifest import AdapterError

TEXTS = [
    "My parcel never came and nobody answers my mails.",
    "The blender broke on the second day, I want my money back!",
    "Thank you so much, the new one arrived and it is lovely.",
    "When do you open on Saturday?",
    "WORST SHOP EVER, you are thieves and I will never come back",
    "ok",
    "It is a lamp. " * 100,
]


def make_scores(levels: list[float], polarity: list[float] | None = None) -> Scores:
    return Scores(
        polarity_probs=dict(zip(Polarity, polarity or [0.6, 0.3, 0.1], strict=True)),
        valence=0.0,
        intensity_probs=dict(zip(Intensity, levels, strict=True)),
        complaint=0.5,
        subjectivity=0.5,
        escalate=0.5,
    )


@pytest.mark.parametrize(
    ("levels", "median"),
    [
        ([0.6, 0.2, 0.1, 0.1], Intensity.WEAK),
        ([0.5, 0.5, 0.0, 0.0], Intensity.WEAK),
        ([0.4, 0.0, 0.35, 0.25], Intensity.STRONG),
        ([0.45, 0.1, 0.0, 0.45], Intensity.MEDIUM),
        ([0.1, 0.1, 0.2, 0.6], Intensity.EXTREME),
        ([0.0, 0.0, 0.0, 0.4999], Intensity.EXTREME),
    ],
)
def test_intensity_is_the_median_level(levels: list[float], median: Intensity) -> None:
    assert make_scores(levels).intensity is median


@pytest.mark.parametrize(
    ("polarity", "likeliest"),
    [
        ([0.5, 0.3, 0.2], Polarity.NEGATIVE),
        ([0.2, 0.5, 0.3], Polarity.NEUTRAL),
        ([0.1, 0.2, 0.7], Polarity.POSITIVE),
    ],
)
def test_polarity_is_the_likeliest(polarity: list[float], likeliest: Polarity) -> None:
    assert make_scores([1, 0, 0, 0], polarity).polarity is likeliest


@pytest.mark.parametrize(
    ("polarity", "levels", "severity"),
    [
        ([0.5, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4], 0.425),
        ([0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], 0.25),
        ([1.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5000001], 0.75),
    ],
)
def test_severity_is_half_the_head_and_half_negative_and_strong(
    polarity: list[float], levels: list[float], severity: float
) -> None:
    assert make_scores(levels, polarity).severity == pytest.approx(severity)


def test_no_messages_no_scores(classifier: Classifier) -> None:
    assert classifier.score([]) == []


def test_scores_come_in_the_order_of_the_messages(classifier: Classifier) -> None:
    short = TEXTS[:-1]
    texts = (short * BATCH)[: BATCH + 3]
    alone = {text: classifier.score([text])[0] for text in short}
    for text, found in zip(texts, classifier.score(texts), strict=True):
        # Not equal: in 8 bits the columns kept in full precision are those of the whole batch.
        assert found.valence == pytest.approx(alone[text].valence, abs=0.03), text
        assert found.polarity is alone[text].polarity


def test_scores_are_what_their_names_say(classifier: Classifier) -> None:
    for found in classifier.score(TEXTS):
        assert list(found.polarity_probs) == list(Polarity)
        assert list(found.intensity_probs) == list(Intensity)
        assert sum(found.polarity_probs.values()) == pytest.approx(1)
        assert sum(found.intensity_probs.values()) == pytest.approx(1)
        assert -1 <= found.valence <= 1
        for probability in (found.complaint, found.subjectivity, found.severity):
            assert 0 <= probability <= 1


def test_the_shipped_adapter_has_learnt_something(classifier: Classifier) -> None:
    lost, broken, thanks, question, fury, *_ = classifier.score(TEXTS)
    assert [s.polarity for s in (lost, broken, fury)] == [Polarity.NEGATIVE] * 3
    assert (thanks.polarity, question.polarity) == (Polarity.POSITIVE, Polarity.NEUTRAL)
    assert min(lost.complaint, broken.complaint) > 0.8
    assert max(thanks.complaint, question.complaint) < 0.3
    assert fury.severity > max(lost.severity, broken.severity) > question.severity
    assert thanks.valence > 0.3 > -0.3 > fury.valence


def test_a_long_message_is_read_up_to_its_limit(classifier: Classifier) -> None:
    long = "where is it " * 4000
    assert classifier.logits([long])["valence"].isfinite().all()
    torch.testing.assert_close(
        classifier.logits([long]), classifier.logits([long + "I HATE YOU"]), atol=1e-5, rtol=0
    )


UNCLEAR = 0.05


def test_int8_and_fp32_agree(classifier: Classifier) -> None:
    """The base in 8 bits moves a score by no more than 0.05 and no clear decision."""
    settings = load_settings()
    exact = Classifier.load(SHIPPED_ADAPTER, settings.base_model, "fp32", settings.device)
    for eight, full in zip(classifier.score(TEXTS), exact.score(TEXTS), strict=True):
        assert eight.polarity_probs == pytest.approx(full.polarity_probs, abs=0.05)
        second, first = sorted(full.polarity_probs.values())[-2:]
        assert eight.polarity is full.polarity or first - second < UNCLEAR
        assert eight.valence == pytest.approx(full.valence, abs=0.05)
        assert eight.complaint == pytest.approx(full.complaint, abs=0.05)
        assert eight.severity == pytest.approx(full.severity, abs=0.05)


def test_scores_that_are_not_finite_are_refused(adapter: Path, tiny_base: Path) -> None:
    path = adapter / "heads.safetensors"
    heads = load_file(path)
    heads["valence.weight"].fill_(3e38)  # Finite, but no sum of it is.
    heads["valence.bias"].fill_(3e38)
    save_file(heads, path)
    broken = Classifier.load(adapter, str(tiny_base), "fp32", "cpu")
    with pytest.raises(AdapterError, match="found NaN or infinity from the head valence"):
        broken.score(["where is it", "I hate this", "lovely"])
