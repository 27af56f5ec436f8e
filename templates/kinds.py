"""What a reply is for, and the facts that it may use."""

from collections.abc import Mapping
from typing import Literal

from templates.form_kinds import FORM_FACTS, FormKind

Kind = Literal[
    "greeting",
    "thanks",
    "goodbye",
    "praise",
    "solved_thanks",
    "affirm",
    "deny",
    "bot_challenge",
    "out_of_scope",
    "not_understood",
    "rephrase_help",
    "policy_answer",
    "policy_nearest",
    "policy_other_language",
    "policy_unanswered",
    "no_text",
    "answer",
    "clarify",
    "also_named",
    "offer_person",
    "good_news",
    "escalated",
    "appended",
    "escalation_failed",
    "handover_person",
    "handover_language",
    "safety",
    "safety_failed",
    "self_harm",
    "self_harm_failed",
    "case_waiting",
    "case_claimed",
    "case_closed",
    "case_unknown",
    "fallback",
    "suggested",
    FormKind,
]
"""What a reply is for. Only `answer` has one file a category; the others have one file each."""

_QUOTES = ("heading", "heading_2", "line", "line_2", "quote", "quote_2")

FACTS: Mapping[str, tuple[str, ...]] = {
    "clarify": ("first", "second"),
    "also_named": ("others",),
    "escalated": ("category_label", "expectation", "reference"),
    "appended": ("category_label", "expectation", "reference"),
    "handover_person": ("expectation", "reference"),
    "handover_language": ("reference",),
    "safety": ("reference",),
    "self_harm": ("reference",),
    "case_waiting": ("expectation", "reference"),
    "case_claimed": ("reference",),
    "case_closed": ("reference",),
    "suggested": ("category_label",),
    "policy_answer": _QUOTES,
    "policy_nearest": _QUOTES,
    "policy_other_language": _QUOTES,
    **FORM_FACTS,
}
"""The facts that an action gives for a kind; a kind that is not here has none.

`category_label` is empty where a message fits no category, `expectation` (whole sentences: when the
team is there, how many wait) where it is not known. `quote` is a line of the policy file, with its
`heading` and its number `line`; those that end in `_2` are a second one, empty where there is none.
"""
