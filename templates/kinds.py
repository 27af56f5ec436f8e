"""What a reply is for, and the facts that it may use."""

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "greeting",
    "thanks",
    "goodbye",
    "praise",
    "order_status",
    "out_of_scope",
    "no_text",
    "answer",
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
]
"""What a reply is for. Only `answer` has one file a category; the others have one file each."""

FACTS: Mapping[str, tuple[str, ...]] = {
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
}
"""The facts that an action gives for a kind; a kind that is not here has none.

`category_label` is empty where a message fits no category, `expectation` (whole sentences: when the
team is there, how many wait) where it is not known."""
