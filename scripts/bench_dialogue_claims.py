"""What replies claim, and whether it is so: the wordings of the templates against the databases."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench_servers import BenchError

from amends.orders import Deed, Order, State

DONE = {**{f"form_done_{deed}": deed for deed in Deed}, "form_done_remove": Deed.CHANGE}
"""Kinds of replies that say that a deed is done, and which."""
STATES: Mapping[str, State] = {
    f"track_{state}": state for state in State if state is not State.UNKNOWN
}
REFUNDS = ("track_refund", "track_no_refund")
"""Tell how the money stands, in place of the order."""
BLOCK = re.compile(r"{%-? *block \w+ *-?%}(.*?){%-? *endblock *-?%}", re.DOTALL)
# A condition with what stands in it may be there or not.
CHANGES = re.compile(r"{%-?\s*if\b.*?{%-?\s*endif\s*-?%}|{{.*?}}|{%.*?%}", re.DOTALL)
FEWEST_LETTERS = 12


@dataclass(frozen=True)
class Seen:
    """What the system held after a turn.

    Attributes:
        cases: References of the conversation's tickets.
        order: The shopper's, as the shop's database had it; None where the script has none.
        done: What was done with that order since the conversation began.
        kept: Whether the ticket store has the message; looked at only where a person is waited for.
    """

    cases: Sequence[str] = ()
    order: Order | None = None
    done: frozenset[Deed] = frozenset()
    kept: bool = True


@dataclass(frozen=True)
class Claim:
    """Words that must be so, and how to see whether they are."""

    name: str
    words: re.Pattern[str]
    is_so: Callable[[Seen], bool]


@dataclass(frozen=True)
class Claims:
    """All that are known.

    Attributes:
        every: Each must be so wherever it is made.
        told: By state of an order, the wordings that tell it.
        of_refunds: The wordings that tell how the money stands.
    """

    every: Sequence[Claim] = ()
    told: Mapping[State, Sequence[re.Pattern[str]]] = field(default_factory=dict)
    of_refunds: Sequence[re.Pattern[str]] = ()

    @classmethod
    def of(cls, folder: Path) -> "Claims":
        """Those of the templates of one language.

        Raises:
            BenchError: a template is missing, or has too few words to be known by.
        """
        told = {state: wordings(folder, kind) for kind, state in STATES.items()}
        refunds = [one for kind in REFUNDS for one in wordings(folder, kind)]
        return cls([*IN_ANY_WORDS, *_done(folder), *_states(told)], told, refunds)

    def untrue(self, words: str, seen: Seen) -> list[str]:
        """Names of the claims in a reply that are not so."""
        return [one.name for one in self.every if one.words.search(words) and not one.is_so(seen)]

    def tells(self, words: str, order: Order) -> bool:
        """Whether a reply tells how the order, or its money, stands."""
        patterns = [*self.told.get(order.state, ()), *self.of_refunds]
        return order.number in words and any(pattern.search(words) for pattern in patterns)


def wordings(folder: Path, kind: str) -> list[re.Pattern[str]]:
    """A pattern of each wording of a kind, whatever the facts in it.

    Raises:
        BenchError: there is none, or a wording is hardly more than its facts.
    """
    path = folder / f"{kind}.j2"
    if not path.exists():
        raise BenchError(f"expected the wordings of {kind} at {path}, found none")
    found = [_pattern(block, path) for block in BLOCK.findall(path.read_text(encoding="utf-8"))]
    if not found:
        raise BenchError(f"{path}: expected blocks, found none")
    return found


def _pattern(block: str, path: Path) -> re.Pattern[str]:
    parts = [" ".join(part.split()) for part in CHANGES.split(block)]
    kept = [part for part in parts if re.search(r"\w", part)]
    if sum(map(str.isalpha, "".join(kept))) < FEWEST_LETTERS:
        raise BenchError(f"{path}: expected words to know a wording by, found {kept}")
    return re.compile(".*".join(map(re.escape, kept)), re.DOTALL)


def _done(folder: Path) -> Iterator[Claim]:
    for kind, deed in DONE.items():
        for words in wordings(folder, kind):
            yield Claim(f"{deed} done", words, lambda seen, deed=deed: deed in seen.done)  # type: ignore[misc]


def _states(told: Mapping[State, Sequence[re.Pattern[str]]]) -> Iterator[Claim]:
    for state, patterns in told.items():
        for words in patterns:
            yield Claim(f"order {state}", words, lambda seen, state=state: _is(seen, state))  # type: ignore[misc]


def _is(seen: Seen, state: State) -> bool:
    return seen.order is not None and seen.order.state is state


def _is_cancelled(seen: Seen) -> bool:
    return seen.order is not None and seen.order.state in (State.CANCELLED, State.REFUNDED)


def _claim(name: str, words: str, is_so: Callable[[Seen], bool]) -> Claim:
    return Claim(name, re.compile(words, re.IGNORECASE), is_so)


# Also where a reply is of no known kind.
IN_ANY_WORDS = (
    _claim("cancelled", r"\b(is|has been|was|I have|I've) (now |just )?cancelled\b", _is_cancelled),
    _claim(
        "passed on",
        r"\b(have|has been|is) (passed|handed|given) (it|this|your \w+)? ?(on )?"
        r"to (a colleague|our team)",
        lambda seen: bool(seen.cases),
    ),
)
