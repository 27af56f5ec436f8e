"""Rewritten messages keep what their labels say, and lose the labels that they cannot keep."""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import emoji
import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from amends.settings import ROOT
from finetune.augment import AUGMENTATIONS, AugmentationError, augmenter
from finetune.augment.case import Case, change_case
from finetune.augment.elongation import Elongation, elongate
from finetune.augment.emojis import GROUPS, Emojis
from finetune.augment.synonyms import groups, swap_synonyms
from finetune.augment.typos import RATE, neighbours, typos
from finetune.augment.words import is_negator, words_of
from finetune.samples import Sample
from nlu.text import is_shouted

SEEDS = range(60)
MESSAGES = [
    "I bought a terrible kettle and it is so bad, really useless",
    "This film was not a terrible one, but a wonderful and lovely surprise",
    "Parcel AB1234 never arrived @shop_help see www.shop.example/track?id=9 my mail is [email] 😡",
    "Don't you have an excellent lamp? I'm VERY pleased with the old one :D #lamps &amp; more",
    "hardly any problems. really annoying, without a refund nobody is delighted 🙂",
    "ok",
    "",
    "😍😍",
    "1234 5678 [card]",
    "Ça marche très bien, mon café est excellent",
    "I can\u2019t say it was nice; the parcels came quickly xD http://a.example/Love",
]
TEXTS: dict[str, Callable[[str, random.Random], str]] = {
    "typos": typos,
    "case": change_case,
    "elongation": elongate,
    "synonyms": swap_synonyms,
}
UNTOUCHED = re.compile(
    r"\S*@\S+|https?://\S+|www\.\S+|\[\w+\]|#\w+|&\w+;|\w*\d\w*|:D|xD|[^\w\s]", re.UNICODE
)
ALL = {"polarity": 0.0, "valence": -0.6, "intensity": 2.0, "complaint": 1.0, "subjectivity": 1.0}
ALL |= {"escalate": 1.0}


def sample(text: str, **labels: float) -> Sample:
    return Sample(text=text, source="own", key="1", split="train", labels=labels or ALL)


def letters(text: str) -> str:
    """The text with every run of a letter as one."""
    return re.sub(r"(.)\1+", r"\1", text)


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_plain_word_stays_to_the_letter(name: str, text: str) -> None:
    expected = UNTOUCHED.findall(text)
    for seed in SEEDS:
        found = TEXTS[name](text, random.Random(seed))
        assert UNTOUCHED.findall(found) == expected, found
        assert len(found.split()) == len(text.split())


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_negators_stay(name: str, text: str) -> None:
    def negators(message: str) -> list[str]:
        return [f[0].casefold() for f, _ in words_of(message) if is_negator(f[0])]

    for seed in SEEDS:
        assert negators(TEXTS[name](text, random.Random(seed))) == negators(text)


@pytest.mark.parametrize("name", TEXTS)
def test_each_does_something(name: str) -> None:
    changed = {TEXTS[name](MESSAGES[0], random.Random(seed)) for seed in SEEDS}
    assert len(changed - {MESSAGES[0]}) >= 2


def test_typos_keep_first_and_last_letter_and_short_words() -> None:
    for seed in SEEDS:
        found = typos(MESSAGES[0], random.Random(seed)).split()
        for before, after in zip(MESSAGES[0].split(), found, strict=True):
            assert (before[0], before[-1]) == (after[0], after[-1])
            assert abs(len(before) - len(after)) <= 1
            assert len(before) >= 4 or before == after


def test_typos_are_few() -> None:
    text = " ".join(["kettle"] * 40)
    for seed in SEEDS:
        found = typos(text, random.Random(seed)).split()
        assert sum(word != "kettle" for word in found) <= RATE * 40
    assert sum(w != "kettle" for w in typos("kettle kettle", random.Random(1)).split()) == 1


@pytest.mark.parametrize("kind", ["dropped", "doubled", "swapped", "neighbour"])
def test_typos_of_every_kind_occur(kind: str) -> None:
    found = {typos("parcel", random.Random(seed)) for seed in range(300)}
    kinds = {
        "dropped": lambda w: len(w) == 5,
        "doubled": lambda w: len(w) == 7 and letters(w) == "parcel",
        "swapped": lambda w: sorted(w) == sorted("parcel") and w != "parcel",
        "neighbour": lambda w: len(w) == 6 and sorted(w) != sorted("parcel"),
    }
    assert any(kinds[kind](word) for word in found)
    assert all(any(is_kind(word) for is_kind in kinds.values()) for word in found)


@pytest.mark.parametrize("word", ["love", "hate", "worst", "loose", "beast", "great", "never"])
def test_a_typo_makes_no_other_word_of_feeling(word: str) -> None:
    lexicon = SentimentIntensityAnalyzer().lexicon
    others = {typos(word, random.Random(seed)) for seed in range(300)} - {word}
    assert not [other for other in others if abs(lexicon.get(other, 0)) >= 1]
    assert not others & {"live", "lose", "best", "have"}


def test_neighbours_are_next_to_each_other_on_the_keyboard() -> None:
    keys = neighbours()
    assert set(keys["s"]) == set("awedxz")
    assert set(keys["q"]) == set("wa")
    assert set(keys["p"]) == set("ol")
    assert all(letter in keys[other] for letter, others in keys.items() for other in others)


def test_a_neighbour_is_as_large_as_the_letter() -> None:
    assert all(typos("PARCEL", random.Random(seed)).isupper() for seed in SEEDS)


def test_case_of_every_kind_occurs() -> None:
    text = "The lamp broke. WHY? it was new"
    assert {change_case(text, random.Random(seed)) for seed in SEEDS} == {
        "the lamp broke. why? it was new",
        "THE LAMP BROKE. WHY? IT WAS NEW",
        "The lamp broke. Why? It was new",
    }


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("the lamp broke today", {"all", "some"}),
        ("THE LAMP BROKE TODAY", {"all", "some"}),
        ("it is SO bad", {"some"}),
    ],
)
def test_capitals_that_come_or_go_take_labels_of_strength_with_them(
    text: str, kinds: set[str]
) -> None:
    kept = set()
    for seed in SEEDS:
        found = Case().apply(sample(text), random.Random(seed))
        capitals = re.findall(r"\b[A-Z]{2,}\b", found.text)
        if capitals == re.findall(r"\b[A-Z]{2,}\b", text):
            assert found.labels == ALL
            kept.add("all")
        else:
            assert set(found.labels) == {"polarity", "complaint", "subjectivity"}
            kept.add("some")
    assert kept == kinds


@pytest.mark.parametrize("way", [Case(), Elongation(), Emojis()])
def test_a_sample_that_would_lose_all_labels_stays(way) -> None:
    only = sample("the lamp is so bad", escalate=0.0)
    for seed in SEEDS:
        found = way.apply(only, random.Random(seed))
        assert found.labels == only.labels
        assert is_shouted(found.text) == is_shouted(only.text)


def test_elongation_draws_out_words_of_feeling_and_intensifiers_alone() -> None:
    text = "the lamp is so bad but the comedy in the box is lovely"
    drawn = set()
    for seed in SEEDS:
        found = elongate(text, random.Random(seed))
        for before, after in zip(text.split(), found.split(), strict=True):
            if before != after:
                drawn.add(before)
                assert re.search(r"([aeiou])\1{2}", after)
                assert letters(after) == before
    assert drawn == {"so", "bad", "lovely"}


@pytest.mark.parametrize("text", ["it is not so bad", "I never love it", "it isn\u2019t awful"])
@pytest.mark.parametrize("name", ["elongation", "synonyms"])
def test_in_a_negation_nothing_is_weighed_anew(name: str, text: str) -> None:
    assert {TEXTS[name](text, random.Random(seed)) for seed in SEEDS} == {text}


def test_a_negation_ends_at_punctuation() -> None:
    found = {swap_synonyms("not terrible, terrible", random.Random(seed)) for seed in SEEDS}
    assert found == {f"not terrible, {word}" for word in ("horrible", "dreadful", "awful")}


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("I do not like the lamp", ["not", "like", "the", "lamp"]),
        ("nobody answers. I wait", ["nobody", "answers"]),
        ("wont buy without help", ["wont", "buy", "without", "help"]),
        ("lacks a plug (really)", ["lacks", "a", "plug"]),
        ("all is well", []),
    ],
)
def test_the_reach_of_a_negation(text: str, negated: list[str]) -> None:
    assert [found[0] for found, inside in words_of(text) if inside] == negated


def test_elongation_vouches_for_polarity_and_complaint() -> None:
    found = Elongation().apply(sample("it is so bad"), random.Random(1))
    assert found.labels == {"polarity": 0.0, "complaint": 1.0}
    calm = sample("the box is on the table")
    assert Elongation().apply(calm, random.Random(1)) == calm


def test_synonyms_keep_the_form_of_the_letters_and_the_article() -> None:
    for seed in SEEDS:
        rng = random.Random(seed)
        assert swap_synonyms("a TERRIBLE lamp", rng).split()[1] in {"HORRIBLE", "DREADFUL"}
        assert swap_synonyms("Awful", rng) in {"Terrible", "Horrible", "Dreadful"}
        assert swap_synonyms("An excellent lamp", rng) == "An amazing lamp"


def test_no_word_has_two_meanings_in_the_table() -> None:
    words = [word for group in groups() for word in group]
    assert [word for word, times in Counter(words).items() if times > 1] == []
    assert all(len(group) >= 2 for group in groups())
    assert all(re.fullmatch("[a-z]+", word) and not is_negator(word) for word in words)


@pytest.mark.parametrize("group", groups(), ids=lambda group: group[0])
def test_synonyms_weigh_the_same(group: list[str]) -> None:
    """By people's ratings where there are any: 0.6 of 8 points is within their own spread."""
    lexicon = SentimentIntensityAnalyzer().lexicon
    ratings = sorted(lexicon[word] for word in group if word in lexicon)
    for low, high in pairwise(ratings[:1] + ratings[-1:]):
        assert high - low <= 0.6 + 1e-9
        assert low * high > 0


@pytest.mark.parametrize(
    ("labels", "feeling"),
    [
        ({"polarity": 0.0, "intensity": 3.0}, (-1, True)),
        ({"polarity": 0.0, "intensity": 0.0}, (-1, False)),
        ({"polarity": 2.0, "valence": 0.7}, (1, True)),
        ({"valence": 0.3}, (1, False)),
        ({"valence": -0.9}, (-1, True)),
        ({"polarity": 0.0}, (-1, False)),
    ],
)
def test_an_added_emoji_feels_as_the_label_says(
    labels: dict[str, float], feeling: tuple[int, bool]
) -> None:
    before = sample("the lamp came", **labels)
    for seed in SEEDS:
        found = Emojis().apply(before, random.Random(seed))
        assert found.text.removeprefix("the lamp came ") in GROUPS[feeling]
        assert found.labels == labels


def test_an_added_emoji_vouches_for_no_strength_that_is_unknown() -> None:
    before = sample("the lamp came", polarity=0.0, complaint=1.0, escalate=1.0, subjectivity=0.0)
    found = Emojis().apply(before, random.Random(1))
    assert found.labels == {"polarity": 0.0, "complaint": 1.0}


@pytest.mark.parametrize(
    "labels", [{"polarity": 1.0}, {"valence": 0.1}, {"complaint": 1.0}, {"intensity": 3.0}]
)
def test_where_no_feeling_is_known_no_emoji_is_added(labels: dict[str, float]) -> None:
    before = sample("the lamp came", **labels)
    assert all(Emojis().apply(before, random.Random(seed)) == before for seed in SEEDS)


@pytest.mark.parametrize("feeling", GROUPS)
def test_an_emoji_is_swapped_within_its_group(feeling: tuple[int, bool]) -> None:
    group = GROUPS[feeling]
    # The labels say otherwise, as in sarcasm: still it is swapped for its like.
    before = sample(f"great {group[0]} lamp 📦", polarity=float(1 - feeling[0]))
    found = {Emojis().apply(before, random.Random(seed)).text for seed in SEEDS}
    assert found == {f"great {other} lamp 📦" for other in group[1:]}


def test_each_emoji_is_known_and_in_one_group() -> None:
    signs = [sign for group in GROUPS.values() for sign in group]
    assert len(signs) == len(set(signs))
    assert all(emoji.is_emoji(sign) for sign in signs)


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_no_augmentation_makes_up_a_label(name: str, text: str) -> None:
    before = sample(text)
    for seed in SEEDS:
        found = AUGMENTATIONS[name].apply(before, random.Random(seed))
        assert found.labels
        assert found.labels.items() <= ALL.items()
        assert (found.source, found.key, found.split) == ("own", "1", "train")
    assert before == sample(text)


def test_one_seed_one_text() -> None:
    first, again = (augmenter(list(AUGMENTATIONS), 0.7, seed=5) for _ in range(2))
    other = augmenter(list(AUGMENTATIONS), 0.7, seed=6)
    samples = [sample(text) for text in MESSAGES]
    assert [first(s) for s in samples] == [again(s) for s in reversed(samples)][::-1]
    assert [first(s) for s in samples] != [other(s) for s in samples]
    assert [first(s, reading=1) for s in samples] != [first(s) for s in samples]


def test_one_seed_one_text_in_another_process_with_another_hash_seed() -> None:
    script = (
        "import json, sys; from finetune.augment import *; from finetune.samples import Sample\n"
        "made = augmenter(list(AUGMENTATIONS), 0.7, seed=5)\n"
        "labels = {'polarity': 0.0}\n"
        "texts = json.loads(sys.argv[1])\n"
        "print(json.dumps([made(Sample(t, 'own', '1', 'train', labels)).text for t in texts]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(MESSAGES)],
        capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    made = augmenter(list(AUGMENTATIONS), 0.7, seed=5)
    assert json.loads(done.stdout) == [made(sample(t, polarity=0.0)).text for t in MESSAGES]


def test_the_order_of_the_names_does_not_matter() -> None:
    names = list(AUGMENTATIONS)
    forth, back = augmenter(names, 0.7, seed=5), augmenter(names[::-1], 0.7, seed=5)
    assert all(forth(sample(text)) == back(sample(text)) for text in MESSAGES)


def test_a_rate_is_the_chance_of_each() -> None:
    made = augmenter(["synonyms"], 0.3, seed=1)
    changed = sum(made(sample("terrible"), reading=n).text != "terrible" for n in range(2000))
    assert changed / 2000 == pytest.approx(0.3, abs=0.03)


def test_only_what_is_named_happens() -> None:
    assert augmenter(["synonyms"], 1.0, seed=1)(sample("so bad today")) == sample("so bad today")
    assert augmenter([], 1.0, seed=1)(sample(MESSAGES[0])) == sample(MESSAGES[0])


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AugmentationError) as error:
        augmenter(["typos", "backtranslation"], 0.3, seed=1)
    assert str(error.value) == (
        "augmentation: expected names out of case, elongation, emoji, synonyms, typos, found "
        "backtranslation. Correct or remove them in the training config."
    )


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(AugmentationError, match=rf"expected a chance from 0 to 1, found {rate:g}"):
        augmenter(["typos"], rate, seed=1)
