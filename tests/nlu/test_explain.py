"""The words that are named as evidence really carry the score."""

from collections.abc import Callable
from random import Random

import pytest
import torch
from torch import Tensor

from nlu.assessment import Evidence, EvidenceWord, Polarity
from nlu.classifier import Classifier
from nlu.explain import LEAST_WEIGHED, MOST_TOLD, Explainer, strongest
from nlu.manifest import AdapterError
from nlu.read_message import ReadMessage
from nlu.words import Word, without, words_of

SENTENCES = [
    "the kettle is broken and I am furious",
    "my blender arrived smashed and the box was wet",
    "what a terrible waste of money this lamp turned out to be",
    "I am so disappointed with the toaster you sent me last week",
    "the courier was rude to my mother on the doorstep",
    "your new website is a useless mess on my phone",
    "three of the six glasses were cracked when I opened the parcel",
    "nobody answers my mails and I feel ignored by all of you",
    "this is the worst shop I have ever bought a chair from",
    "the sweater itches, looks cheap and fell apart in the wash",
    "I hate the colour and the zip was stuck from the start",
    "you charged my card twice and now you refuse to pay it back",
    "the tea tastes awful and smells of plastic",
    "the delivery was late again and dinner was ruined",
    "sadly the jacket is far too small and badly sewn",
    "it is a shame how poorly the drawer was packed",
    "an annoying noise comes from the fan all night",
    "the manual is confusing and the screws are missing",
    "your support line is a joke, they hung up on me",
    "horrible quality, the handle broke off on the first day",
    "the lovely mug arrived early and I adore it",
    "great service, the young man on the phone was very kind",
    "I am delighted with the green rug in my hall",
    "thank you for the quick and friendly help with my order",
]
MARGIN = 0.1


@pytest.fixture(scope="module")
def explainer(classifier: Classifier) -> Explainer:
    return Explainer(classifier)


@pytest.fixture(scope="module")
def explained(explainer: Explainer) -> dict[str, Evidence]:
    """Each of the sentences with its weighed words."""
    return {text: explainer.explain(text) for text in SENTENCES}


def weights(evidence: Evidence) -> dict[str, EvidenceWord]:
    return {word.text: word for word in evidence.words}


def test_feelings_carry_the_score_and_things_do_not(explainer: Explainer) -> None:
    found = weights(explainer.explain(SENTENCES[0]))
    ranked = sorted(found, key=lambda text: -found[text].polarity)
    assert set(ranked[:2]) == {"broken", "furious"}
    assert max(found, key=lambda text: found[text].intensity) == "furious"
    least = found["furious"].polarity / 4
    assert all(found[text].polarity < least for text in ("the", "kettle", "is", "I", "am"))


def test_only_what_carried_is_told(explainer: Explainer) -> None:
    told = weights(strongest(explainer.explain(SENTENCES[0])))
    assert {"broken", "furious"} <= set(told)
    assert not {"the", "kettle", "I", "am"} & set(told)


def test_the_words_told_lower_the_score_when_they_are_deleted(
    classifier: Classifier, explained: dict[str, Evidence]
) -> None:
    """Deletion from the message as it was written, not from what the weights were found by."""
    variants: list[str] = []
    for number, (text, evidence) in enumerate(explained.items()):
        ranked = _spans(sorted(evidence.words, key=lambda word: -word.polarity))
        random = Random(number).sample(words_of(text), 2)
        variants += [text, *(without(text, some) for some in (ranked[:2], random, ranked[-2:]))]
    scores = classifier.score(variants)
    drops = [
        [
            whole.polarity_probs[whole.polarity] - left.polarity_probs[whole.polarity]
            for left in some
        ]
        for whole, *some in (scores[row : row + 4] for row in range(0, len(scores), 4))
    ]
    top, by_chance, bottom = (_mean(list(column)) for column in zip(*drops, strict=True))
    assert top > by_chance + MARGIN
    assert by_chance > bottom


def test_intensity_falls_without_the_words_that_carried_it(
    classifier: Classifier, explained: dict[str, Evidence]
) -> None:
    variants: list[str] = []
    for text, evidence in explained.items():
        ranked = _spans(sorted(evidence.words, key=lambda word: -word.intensity))
        variants += [text, without(text, ranked[:2]), without(text, ranked[-2:])]
    logits = classifier.logits(variants)["intensity"].mean(1).reshape(-1, 3)
    top, bottom = (logits[:, :1] - logits[:, 1:]).mean(0).tolist()
    assert top > 0.5
    assert bottom < 0


def _spans(words: list[EvidenceWord]) -> list[Word]:
    return [Word(word.start, word.end) for word in words]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(
    "text",
    [
        *SENTENCES[:3],
        "STILL NO REFUND 😡😡 @KettleShop, why?!",
        "tea &amp; scones #late https://example.com/a",
        "na\u00efve caf\u00e9 owner, sooooo angry :(",
    ],
)
def test_offsets_give_the_words_back(explainer: Explainer, text: str) -> None:
    found = explainer.explain(text).words
    assert found
    assert [text[word.start : word.end] for word in found] == [word.text for word in found]
    assert [word.start for word in found] == sorted(word.start for word in found)
    assert {Word(word.start, word.end) for word in found} <= set(words_of(text))


def test_capitals_are_no_words_and_are_told(explainer: Explainer) -> None:
    loud, calm = explainer.explain("WHERE IS MY KETTLE"), explainer.explain("where is my kettle")
    assert (loud.capitals, calm.capitals) == (True, False)
    assert [word.text for word in loud.words] == ["WHERE", "IS", "MY", "KETTLE"]


def test_an_emoji_carries_a_score_as_one_word(explainer: Explainer) -> None:
    found = weights(explainer.explain("my order 😡"))
    assert found["😡"].polarity == max(word.polarity for word in found.values()) > 0


@pytest.mark.parametrize("text", ["", " ", ".", ", ;"])
def test_no_words_no_evidence(explainer: Explainer, text: str) -> None:
    assert explainer.explain(text).words == []
    assert strongest(explainer.explain(text)).words == []


@pytest.mark.parametrize("text", ["furious", "😡"])
def test_one_word_is_all_the_evidence(explainer: Explainer, text: str) -> None:
    (word,) = strongest(explainer.explain(text)).words
    assert (word.text, word.start, word.end) == (text, 0, len(text))


def test_a_long_message_has_its_weightiest_words_weighed(explainer: Explainer) -> None:
    calm = "then we went to the station and waited for the train to the coast "
    text = f"{calm * 2} and I am absolutely furious with you because {calm * 20}"
    found = explainer.explain(text).words
    assert len(found) == LEAST_WEIGHED
    assert "furious" in {word.text for word in found}
    # Nothing is said of what the model does not read.
    assert max(word.end for word in found) < len(text) // 2


def test_a_message_of_usual_length_has_all_its_words_weighed(explainer: Explainer) -> None:
    assert len(explainer.explain(SENTENCES[0]).words) == len(words_of(SENTENCES[0]))


def test_the_same_message_has_the_same_evidence(explainer: Explainer) -> None:
    long = " and ".join(SENTENCES[:4])
    for text in (SENTENCES[0], long):
        assert explainer.explain(text) == explainer.explain(text)


def test_scores_are_those_that_are_served(classifier: Classifier) -> None:
    """What is explained is the probability that the assessment holds, not another one."""
    for text in SENTENCES[:4]:
        message = ReadMessage(classifier, text)
        with torch.no_grad():
            (row,) = message.by_words(torch.ones(1, len(message.words)))
        (scores,) = classifier.score([text])
        assert list(Polarity)[message.polarity] is scores.polarity
        assert row[0].sigmoid() == pytest.approx(scores.polarity_probs[scores.polarity], abs=5e-3)


def test_a_word_that_the_model_may_not_look_at_has_no_say(classifier: Classifier) -> None:
    """With its attention away, any other word in its place gives the same scores."""
    kept = torch.ones(1, 3)
    kept[0, 1] = 0
    with torch.no_grad():
        found = [ReadMessage(classifier, f"good {word} kettle") for word in ("red", "bad")]
        for message in found:
            message.polarity = 2
        first, second = (message.by_words(kept) for message in found)
    assert torch.allclose(first, second, atol=1e-4)


def test_weights_that_are_not_finite_are_refused(
    explainer: Explainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[[ReadMessage, Tensor], Tensor] = ReadMessage.by_words
    monkeypatch.setattr(ReadMessage, "by_words", lambda self, kept: real(self, kept) * torch.nan)
    with pytest.raises(AdapterError, match="expected finite weights of the words, found NaN"):
        explainer.explain(SENTENCES[0])


def word(text: str, start: int, polarity: float, intensity: float) -> EvidenceWord:
    end = start + len(text)
    return EvidenceWord(text=text, start=start, end=end, polarity=polarity, intensity=intensity)


def test_strongest_is_relative_to_each_score() -> None:
    """A word that carried one score counts, however much greater the weights of the other are."""
    found = Evidence(
        words=[word("bad", 0, 4.0, 0.0), word("so", 4, -1.0, 0.2), word("lid", 7, 0.1, 0.01)],
        capitals=True,
    )
    assert strongest(found) == Evidence(words=found.words[:2], capitals=True)


def test_strongest_is_few_words_in_the_order_of_the_message() -> None:
    words = [word("a", place * 2, 1.0 + place, 0.0) for place in range(MOST_TOLD + 3)]
    assert strongest(Evidence(words=words)).words == words[3:]


def test_what_took_away_is_not_told() -> None:
    assert strongest(Evidence(words=[word("fine", 0, -3.0, -2.0)])).words == []


def test_the_polarity_that_is_explained_is_the_calibrated_one(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "the kettle is broken and I am furious"
    shifts = {"polarity": (-20.0, 0.0, 20.0)}
    shifted = classifier.manifest.model_copy(update={"shifts": shifts})
    monkeypatch.setattr(classifier, "manifest", shifted)
    assert classifier.score([text])[0].polarity is Polarity.POSITIVE
    assert list(Polarity)[ReadMessage(classifier, text).polarity] is Polarity.POSITIVE
