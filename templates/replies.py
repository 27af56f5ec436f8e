"""Picks the words that fit a situation."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from nlu.assessment import OTHER, Intensity, Polarity
from templates.kinds import Kind
from templates.wordings import ANY, ENGLISH, Group, Wording, load_wordings

_LAST_WORDS = {
    ENGLISH: "Sorry, I can't answer at the moment, and that is our fault, not yours. Please try "
    "again a little later, or write to the address on the shop's contact page.",
    "zh": "抱歉，我现在无法回答，这是我们的问题，与您无关。请稍后再试，"
    "或者写信到本店联系页面上的地址。",
}


class Situation(BaseModel):
    """What a reply has to fit.

    Attributes:
        kind: What the reply is for.
        language: Two letters; without wordings of its own it falls back to English.
        category: What a complaint is about; read by the kind `answer` only.
        polarity: Which way the message feels.
        intensity: How strongly it feels.
        facts: What the reply may say by name, such as `reference`. Text, never a template.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    language: str
    category: str = OTHER
    polarity: Polarity = Polarity.NEUTRAL
    intensity: Intensity = Intensity.WEAK
    facts: Mapping[str, str] = Field(default_factory=dict)


class Reply(BaseModel):
    """Words for the shopper.

    Attributes:
        id: `language/page#block`: where the words come from; give it back as `avoid` next time.
        text: The words, one paragraph, never empty.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str


class Replies:
    """All reply templates of one folder, compiled and tried."""

    def __init__(self, folder: Path, rng: random.Random | None = None) -> None:
        """Load the folder.

        Args:
            folder: Holds one folder a language.
            rng: Chooses among equally good wordings; a seeded one repeats its choices.

        Raises:
            TemplateError: a template cannot be used; says which, where and what to do.
        """
        self._wordings = load_wordings(folder)
        self._rng = rng or random.Random()  # noqa: S311 - it picks words, not secrets

    def render(self, situation: Situation, avoid: str | None = None) -> Reply:
        """The reply to a situation, never the wording whose id is `avoid`.

        Raises:
            TemplateError: a fact that the wording needs is missing; names both.
        """
        wording = self._rng.choice([one for one in self._fitting(situation) if one.id != avoid])
        return Reply(id=wording.id, text=wording.fill(situation.facts))

    def all(self, situation: Situation) -> tuple[Reply, ...]:
        """Every reply that fits the situation equally well, in the order of the file.

        Raises:
            TemplateError: a fact that a wording needs is missing; names both.
        """
        return tuple(
            Reply(id=wording.id, text=wording.fill(situation.facts))
            for wording in self._fitting(situation)
        )

    def _fitting(self, situation: Situation) -> list[Wording]:
        return next(self._wordings[group] for group in _chain(situation) if self._has(group))

    def _has(self, group: Group) -> bool:
        return group in self._wordings


def last_words(language: str) -> str:
    """What to say when the templates themselves cannot be used; English where we have no other."""
    return _LAST_WORDS.get(language, _LAST_WORDS[ENGLISH])


def _chain(situation: Situation) -> Iterator[Group]:
    """Where to look for words, best first; loading made sure that English ends it."""
    # The language comes first: a general reply that a shopper can read beats a precise one.
    for language in dict.fromkeys((situation.language, ENGLISH)):
        for page in _pages(situation):
            for group in _groups(situation):
                yield language, page, group


def _pages(situation: Situation) -> Iterator[str]:
    if situation.kind != "answer":
        yield situation.kind
        return
    yield f"answer/{situation.category}"
    yield f"answer/{OTHER}"


def _groups(situation: Situation) -> Iterator[str]:
    polarity, intensity = situation.polarity.value, situation.intensity
    yield f"{polarity}_{intensity.value}"
    # Extreme shares the wording of strong unless it has its own; beyond strong there is little to
    # say in words, and such messages go to a person anyway.
    if intensity is Intensity.EXTREME:
        yield f"{polarity}_{Intensity.STRONG.value}"
    yield polarity
    yield ANY
