"""Parts of the test rows on which a good mean can hide a weakness."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import emoji

from finetune.augment.typos import typos
from finetune.augment.words import is_negator, words_of
from finetune.report.rows import Rows
from nlu.text import is_shouted

SHORT, LONG = 5, 30
TYPO_ROWS = 300

_EMOTICON = re.compile(r"(?<!\w)[:;=8]['^-]?[()\[\]DPpOo/\\|*](?!\w)")
_SARCASM = re.compile(
    r"""
      \byeah,?\ right\b | \bthanks\ (?:a\ lot\ )?for\ (?:nothing|not\b|ruining|wasting|losing)
    | \b(?:great|nice|good|fantastic|brilliant)\ (?:job|work|one)\b | \bway\ to\ go\b | \bbravo\b
    | \bwell\ done\b | \bslow\ clap\b | \bjust\ what\ i\ needed\b | \blucky\ me\b
    | \b(?:oh|how|just)\ (?:great|wonderful|brilliant|lovely|joy|fantastic|perfect)\b
    | \b(?:love|loving)\ (?:how|it\ when|that\ you|waiting|being)\b | \bso\ helpful\b
    | \bgood\ luck\ with\b | (?<!\S)/s\b | \#(?:sarcasm|not|irony)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _is_negated(text: str) -> bool:
    return any(is_negator(word[0]) for word, _ in words_of(text))


def _has_emoji(text: str) -> bool:
    return emoji.emoji_count(text) > 0 or _EMOTICON.search(text) is not None


CUES: Mapping[str, Callable[[str], bool]] = {
    "negation": _is_negated,
    # Only words that often go with it: without the situation nobody can tell.
    "sarcasm": lambda text: _SARCASM.search(text) is not None,
    "capitals": is_shouted,
    "emoji": _has_emoji,
    "short": lambda text: len(text.split()) <= SHORT,
    "long": lambda text: len(text.split()) >= LONG,
}

MEANINGS: Mapping[str, str] = {
    "negation": "not, never, don't, hardly and the like",
    "sarcasm": "a rough list of turns that often are sarcastic; most are not caught by words",
    "capitals": "two or more words, and 30 % of all, in capitals",
    "emoji": "an emoji or an emoticon",
    "short": f"at most {SHORT} words",
    "long": f"at least {LONG} words",
    "typos": f"up to {TYPO_ROWS} rows with typos put in: 10 % of their longer words",
}


def sliced(rows: Rows, domains: Mapping[str, str]) -> Iterator[tuple[str, Rows]]:
    """The slices of rows, by name; those that hold no row are left out.

    Args:
        rows: What is sliced.
        domains: Of messages, where that is known.
    """
    named = [(name, rows.where([*map(cue, rows.texts)])) for name, cue in CUES.items()]
    named.append(("typos", mistyped(rows)))
    for domain in sorted({domains[text] for text in rows.texts if text in domains}):
        chosen = rows.where([domains.get(text) == domain for text in rows.texts])
        named.append((f"domain: {domain}", chosen))
    return ((name, part) for name, part in named if part.texts)


def mistyped(rows: Rows) -> Rows:
    """Some of the rows with typos put in, always the same."""
    total = len(rows.texts)
    # Files are often sorted, so not the first of them.
    chosen = set(random.Random(0).sample(range(total), min(total, TYPO_ROWS)))  # noqa: S311
    some = rows.where([place in chosen for place in range(total)])
    written = (typos(text, random.Random(text)) for text in some.texts)  # noqa: S311
    return replace(some, texts=tuple(written))
