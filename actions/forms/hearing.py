"""What a message says to a form, before it is known what was asked."""

import re
import unicodedata
from dataclasses import dataclass

from actions.forms.phrases import Phrases
from amends.orders.numbers import email_in, order_number_in

CONFIDENT = 0.6
MOST_LINES = 8
MOST_CHARS = 1500
SHORT_WORDS = 7

CLAUSE = re.compile(r"[.,;:!?\n\u3002\uff0c\uff1b\uff01\uff1f\u3001]+")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True)
class Heard:
    """One message.

    Attributes:
        text: As typed, in plain digits and letters (NFKC).
        masked: The same without personal data.
        intent: What it is taken for.
        confidence: How sure that is.
        number: The first order number in it.
        email: The first e-mail address in it.
        stop: It ends a form.
        cancel: It ends a form, unless that one cancels an order.
        yes: It is a clear yes.
        no: It is a clear no.
        complains: It reads as a complaint.
        falling: The shopper's mood is getting worse.
    """

    text: str
    masked: str
    intent: str | None = None
    confidence: float = 0.0
    number: str | None = None
    email: str | None = None
    stop: bool = False
    cancel: bool = False
    yes: bool = False
    no: bool = False
    complains: bool = False
    falling: bool = False

    def means(self, *intents: str) -> bool:
        """Whether it is one of these intents for sure."""
        return self.intent in intents and self.confidence >= CONFIDENT

    @property
    def is_pasted(self) -> bool:
        """Whether it is longer than an answer to a question."""
        return is_pasted(self.text)

    @property
    def words(self) -> list[str]:
        """Its words in lower case."""
        return words_of(self.text)


def is_pasted(text: str) -> bool:
    """Whether a text is longer than what somebody types into a chat."""
    return len(text) > MOST_CHARS or text.strip().count("\n") >= MOST_LINES


def plain(text: str) -> str:
    """Full-width letters and digits made plain ones, curly apostrophes straight."""
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'").strip()


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return WORD.findall(text.casefold())


def hear(
    text: str,
    masked: str,
    phrases: Phrases,
    intent: str | None = None,
    confidence: float = 0.0,
    *,
    complains: bool = False,
    falling: bool = False,
) -> Heard:
    """Read one message."""
    said = plain(text)
    clauses = _clauses(said[:MOST_CHARS], phrases)
    sure = confidence >= CONFIDENT and _is_short_and_clear(said, phrases)
    # A no too many does no harm, a yes too many does.
    no = _is_no(clauses, phrases) or (intent == "deny" and confidence >= CONFIDENT)
    asks = said.endswith("?")
    yes = not asks and (_is_yes(clauses, phrases) or (intent == "affirm" and sure))
    return Heard(
        text=said,
        masked=masked,
        intent=intent,
        confidence=confidence,
        number=order_number_in(said),
        email=email_in(said),
        stop=_ends_with(clauses, phrases.stop),
        cancel=_ends_with(clauses, phrases.cancel),
        yes=yes and not no,
        no=no,
        complains=complains,
        falling=falling,
    )


def _clauses(text: str, phrases: Phrases) -> list[str]:
    """The clauses in lower case, without politeness; those with nothing else are left out."""
    clauses = [" ".join(_impolite(words_of(clause), phrases)) for clause in CLAUSE.split(text)]
    return [clause for clause in clauses if clause]


def _impolite(words: list[str], phrases: Phrases) -> list[str]:
    kept = " ".join(words)
    for polite in phrases.politeness:
        kept = re.sub(rf"(?:^|(?<= )){re.escape(polite)}(?:$| )", "", kept).strip()
    return kept.split()


def _ends_with(clauses: list[str], ends: frozenset[str]) -> bool:
    # In the middle of a story such words may be somebody else's.
    return bool(clauses) and (clauses[0] in ends or clauses[-1] in ends)


def _is_yes(clauses: list[str], phrases: Phrases) -> bool:
    return bool(clauses) and all(clause in phrases.yes for clause in clauses)


def _is_no(clauses: list[str], phrases: Phrases) -> bool:
    if not clauses or any(clause in phrases.yes for clause in clauses):
        return False
    return any(f"{clauses[0]} ".startswith(f"{no} ") for no in phrases.no)


def _is_short_and_clear(text: str, phrases: Phrases) -> bool:
    words = words_of(text)
    # "Yes" doubts only where it is not the first word; "maybe" and "hm" are clear nowhere.
    doubts = phrases.doubt & ({*words[1:]} | {*words[:1]} - phrases.yes)
    if not 0 < len(words) <= SHORT_WORDS or doubts or not _clauses(text, phrases):
        return False
    # Where words are written without blanks between them, one may hold a doubt.
    unspaced = [word for word in words if not word.isascii()]
    return not any(doubt in word for doubt in phrases.doubt for word in unspaced)
