"""`amends explain`."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from amends.commands.explained import Explained, show
from amends.messages import InputError
from amends.settings import get_settings
from nlu.assessment import OTHER, Evidence, Unreadable
from tickets.triage import triage

if TYPE_CHECKING:
    from nlu.assessor import Assessor

EXAMPLES = 3
DIGITS = 3
SCORES = (
    "polarity",
    "polarity_probs",
    "valence",
    "intensity",
    "complaint",
    "subjectivity",
    "severity",
    "severity_threshold",
)


def explain(
    text: Annotated[str, typer.Option(help="One message, as a shopper would type it.")],
) -> None:
    """Say why a message is scored as it is: its words, its category's examples, the rule.

    Example: amends explain --text "the kettle is broken and I am furious"

    A word weighs what the log-odds of a score lose without it; below 0 they gain. A terminal shows
    the message with the words that are stored as evidence with each assessment; a pipe gets one
    JSON object, which has every word that was weighed.
    """
    if not text.strip():
        raise InputError(
            "--text: expected a message, found no words. Put it in quotes after --text."
        )
    explained = _explain(_load(), text)
    if sys.stdout.isatty():
        show(Console(), explained)
    else:
        typer.echo(json.dumps(_record(explained), ensure_ascii=False, indent=2))


def _load() -> "Assessor":
    # Imported here: torch takes seconds, and a wrong option should be told at once.
    from nlu.assessor import Assessor  # noqa: PLC0415

    return Assessor.load(get_settings())


def _explain(assessor: "Assessor", text: str) -> Explained:
    from nlu.explain import Explainer, strongest  # noqa: PLC0415 - as above

    found = assessor.assess([text])[0]
    decision = triage(found, intent=None)
    if isinstance(found, Unreadable):
        return Explained(found, Evidence(words=[]), Evidence(words=[]), [], decision)
    weighed = Explainer(assessor.classifier).explain(found.text)
    nearest = assessor.finder.nearest(found.text, found.category, EXAMPLES)
    return Explained(found, weighed, strongest(weighed), nearest, decision)


def _record(explained: Explained) -> dict[str, Any]:
    found = _rounded(explained.found.model_dump(mode="json"))
    return {
        "text": found["text"],
        **{name: found.get(name) for name in SCORES},
        "words": [word.model_dump() for word in explained.weighed.words],
        "evidence": explained.told.model_dump(),
        "category": found.get("category", OTHER),
        "similarity": found.get("similarity"),
        "runners_up": found.get("runners_up"),
        "nearest_examples": _rounded([asdict(example) for example in explained.nearest]),
        **explained.decision.model_dump(mode="json", exclude={"repeats"}),
        "model": found.get("model"),
    }


def _rounded(values: Any) -> Any:  # noqa: ANN401 - values of any JSON type
    return json.loads(json.dumps(values), parse_float=lambda number: round(float(number), DIGITS))
