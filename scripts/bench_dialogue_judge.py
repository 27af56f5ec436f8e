"""What a spoken conversation came to, judged from the state of the system, not from kind words."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench_dialogue_claims import Claims, Seen
from bench_dialogue_scripts import Script, Solution
from bench_shopper import Turn

REFERENCE = re.compile(r"\bAM-[A-Z0-9]{6}\b")


@dataclass(frozen=True)
class Spoken:
    """One message of the shopper's, what came back, and what was so afterwards."""

    text: str
    turn: Turn
    seen: Seen


@dataclass(frozen=True)
class Verdict:
    """What a conversation came to.

    Attributes:
        script: What was spoken.
        escalated: Number of the message after which a ticket was there; None for never.
        solved: Number of the message after which it was solved; None for never.
        wrong: What is not as the script says, in words that quote nobody.
        untrue: Claims that were not so.
        silent: Numbers of the messages that got no words, nor were kept for a person.
        sorry: Numbers of the messages that the channel apologised for.
        seconds: Of each turn with words.
        turns: Messages of the shopper's.
    """

    script: Script
    escalated: int | None
    solved: int | None
    wrong: tuple[str, ...]
    untrue: tuple[str, ...]
    silent: tuple[int, ...]
    sorry: tuple[int, ...]
    seconds: tuple[float, ...]
    turns: int

    @property
    def is_late(self) -> bool:
        """Whether a person had to be called and was not in time, or never."""
        by = self.script.escalated
        return bool(by) and (self.escalated is None or self.escalated > (by or 0))

    @property
    def is_missed(self) -> bool:
        """Whether a person had to be called and was not in the whole conversation."""
        return self.is_late and self.escalated is None

    @property
    def is_false(self) -> bool:
        """Whether a person was called who was not needed."""
        return self.script.escalated is None and self.escalated is not None


@dataclass(frozen=True)
class Judge:
    """Judges conversations.

    Attributes:
        policies: Facts of the shop's policies by heading, as they stand in the file.
        apologies: What the channel says when it has no answer.
        claims: What replies claim.
    """

    policies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    apologies: frozenset[str] = field(default_factory=frozenset)
    claims: Claims = field(default_factory=Claims)

    def verdict(self, script: Script, spoken: Sequence[Spoken], never: Sequence[str]) -> Verdict:
        """Judge one conversation.

        Args:
            script: What it had to be.
            spoken: What it was.
            never: Its patterns of words that must not be said, filled in.
        """
        solved = self.solved(script.solved, spoken)
        return Verdict(
            script=script,
            escalated=_first(spoken, lambda one: bool(one.seen.cases)),
            solved=solved,
            wrong=tuple(_wrong(script, spoken, never, solved)),
            untrue=tuple(untrue(spoken, self.claims)),
            silent=_numbers(spoken, _is_silent),
            sorry=_numbers(spoken, self._is_sorry),
            seconds=tuple(one.turn.seconds for one in spoken if one.turn.seconds is not None),
            turns=len(spoken),
        )

    def solved(self, wanted: Solution | None, spoken: Sequence[Spoken]) -> int | None:
        """Number of the message after which it was solved; None for never."""
        if wanted is None:
            return None
        if wanted.case:
            return _first(spoken, lambda one: bool(one.seen.cases))
        if wanted.policy:
            lines = [flat(line) for name in wanted.policy for line in self.policies.get(name, ())]
            return _first(spoken, lambda one: any(line in flat(_words(one)) for line in lines))
        if wanted.told:
            return _first(spoken, self._is_told)
        return _first(spoken, lambda one: wanted.deed in one.seen.done)

    def _is_told(self, spoken: Spoken) -> bool:
        order = spoken.seen.order
        return order is not None and self.claims.tells(_words(spoken), order)

    def _is_sorry(self, spoken: Spoken) -> bool:
        return any(
            text.strip() in self.apologies for text in (*spoken.turn.said, *spoken.turn.notices)
        )


def untrue(spoken: Sequence[Spoken], claims: Claims) -> list[str]:
    """Names of the claims that were made and were not so."""
    found = [name for one in spoken for name in claims.untrue(_words(one), one.seen)]
    own = {reference for one in spoken for reference in REFERENCE.findall(one.text)}
    for one in spoken:
        named = set(REFERENCE.findall(" ".join((*one.turn.said, *one.turn.notices))))
        found += ["a case that is not there"] * bool(named - own - set(one.seen.cases))
    return found


def flat(text: str) -> str:
    """A text without marks of Markdown, capitals and line breaks, to compare it."""
    return " ".join(re.sub(r"[*_`#>|\[\]]", " ", text).split()).casefold()


def _wrong(
    script: Script, spoken: Sequence[Spoken], never: Sequence[str], solved: int | None
) -> list[str]:
    wrong = []
    if script.solved is not None and solved is None:
        wrong.append("not solved")
    elif script.solved is not None and solved is not None and solved > (script.solved.by or solved):
        wrong.append(f"solved at message {solved}, by {script.solved.by} was expected")
    order = spoken[-1].seen.order
    if script.keeps is not None and (order is None or order.state is not script.keeps):
        wrong.append(f"the order is not {script.keeps} any more")
    said = "\n".join(_words(one) for one in spoken)
    wrong += [f"says /{pattern}/" for pattern in never if re.search(pattern, said)]
    return wrong


def _words(spoken: Spoken) -> str:
    return " ".join(spoken.turn.said)


def _is_silent(spoken: Spoken) -> bool:
    return not (spoken.turn.said or spoken.turn.notices or (spoken.turn.waits and spoken.seen.kept))


def _first(spoken: Sequence[Spoken], holds: Callable[[Spoken], bool]) -> int | None:
    return next((number for number, one in enumerate(spoken, 1) if holds(one)), None)


def _numbers(spoken: Sequence[Spoken], holds: Callable[[Spoken], bool]) -> tuple[int, ...]:
    return tuple(number for number, one in enumerate(spoken, 1) if holds(one))
