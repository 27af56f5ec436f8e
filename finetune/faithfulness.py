"""Deletion tests: do the words that an explanation names really carry the score?"""

import time
from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from finetune.attributions import WAYS, Weigh, as_served
from finetune.measures import Figure, figure
from nlu.assessment import Intensity
from nlu.classifier import Classifier
from nlu.read_message import ReadMessage
from nlu.words import Word, only, without, words_of

Figures = dict[str, Figure]

TOP = 2
FEWEST_WORDS = 2 * TOP + 1
"""In a shorter message the words of most and of least weight are the same."""

SHARES = (0.05, 0.1, 0.2, 0.5)
"""Of the words of a message: ERASER's bins but for 1 %, which is less than a word here."""

RANDOM_DRAWS = 3
LEVELS = np.linspace(0, 1, len(Intensity))


def faithfulness(classifier: Classifier, texts: Sequence[str]) -> Figures:
    """Measure the evidence that serves; see `measure_way`."""
    return measure_way(classifier, as_served, texts)


def compare(classifier: Classifier, texts: Sequence[str]) -> dict[str, Figures]:
    """Measure every way to weigh words on the same messages; see `measure_way`."""
    return {name: measure_way(classifier, weigh, texts) for name, weigh in WAYS.items()}


def measure_way(classifier: Classifier, weigh: Weigh, texts: Sequence[str]) -> Figures:
    """Measure a way to weigh words by deleting words from messages as they are written.

    Args:
        classifier: What is explained.
        weigh: Gives the words of a message their weights.
        texts: Cleaned, masked messages; those of fewer than five words are passed over.

    Returns:
        Means over the messages of how far the probability of the likeliest polarity falls without
        the two words of most weight, without two random ones and without those of least weight;
        comprehensiveness and, called an error since less is better, sufficiency, over a twentieth
        to half of the words (ERASER, DeYoung et al. 2020, https://arxiv.org/abs/1911.03429, section
        4); how far the mean level of intensity, 0…1, falls without the two words of most weight
        for it; and the processor time of reading and weighing, in milliseconds.
    """
    rows = [
        _measure(classifier, weigh, text) for text in texts if len(words_of(text)) >= FEWEST_WORDS
    ]
    return {name: _figure([row[name] for row in rows]) for name in rows[0]}


def table(found: dict[str, Figures]) -> str:
    """What `compare` found, as a table in Markdown."""
    names = list(next(iter(found.values())))
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[way, *(_cell(figures[name]) for name in names)] for way, figures in found.items()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _measure(classifier: Classifier, weigh: Weigh, text: str) -> dict[str, float]:
    started = time.process_time()
    message = ReadMessage(classifier, text)
    weights = weigh(message).cpu().numpy()
    cost_ms = (time.process_time() - started) * 1000
    polarity, intensity = (_by_weight(message.words, row) for row in weights)
    draws = [_some_two(message.words, seed) for seed in range(RANDOM_DRAWS)]
    some = [ceil(share * len(message.words)) for share in SHARES]
    variants = {
        "drop, top 2 words": [without(text, polarity[:TOP])],
        "drop, random 2 words": [without(text, words) for words in draws],
        "drop, bottom 2 words": [without(text, polarity[-TOP:])],
        "comprehensiveness": [without(text, polarity[:count]) for count in some],
        "sufficiency error": [only(text, polarity[:count]) for count in some],
        "intensity drop, top 2 words": [without(text, intensity[:TOP])],
    }
    return {**_drops(classifier, text, variants), "cost error, ms": cost_ms}


def _by_weight(words: Sequence[Word], weights: NDArray[np.float64]) -> list[Word]:
    return [words[place] for place in np.argsort(-weights, kind="stable")]


def _some_two(words: Sequence[Word], seed: int) -> list[Word]:
    places = np.random.default_rng(seed).choice(len(words), TOP, replace=False)
    return [words[place] for place in places]


def _drops(classifier: Classifier, text: str, variants: dict[str, list[str]]) -> dict[str, float]:
    texts = [text, *(variant for some in variants.values() for variant in some)]
    found = classifier.score(texts)
    polarity, levels = found[0].polarity, list(Intensity)
    likely = iter([scores.polarity_probs[polarity] for scores in found])
    strong = iter([float(LEVELS @ [s.intensity_probs[level] for level in levels]) for s in found])
    whole = next(likely), next(strong)
    drops = {}
    for name, some in variants.items():
        left = [(next(likely), next(strong)) for _ in some]
        column = int(name.startswith("intensity"))
        drops[name] = whole[column] - float(np.mean([row[column] for row in left]))
    return drops


def _figure(values: Sequence[float]) -> Figure:
    return figure(lambda _, found: float(np.mean(found)), values, values)


def _cell(found: Figure) -> str:
    digits = 0 if found.value > 1 else 3
    return f"{found.value:.{digits}f} ({found.low:.{digits}f}–{found.high:.{digits}f})"
