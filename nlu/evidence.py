"""Assessments with the words that carried them, where that keeps nobody waiting."""

import logging
import time
from collections.abc import Sequence

from nlu.assessment import Assessment, Unreadable
from nlu.assessor import Assessor
from nlu.explain import Explainer, strongest

logger = logging.getLogger(__name__)

FEW = 4
"""More messages at once mean that others wait by now; their answers come before evidence."""

COST = 4.0
"""So many times as long as its assessment takes the evidence of a message at most."""


class EvidencedAssessor:
    """Assesses messages, then finds the evidence of each while there is time.

    An assessment is worth more than its evidence: where there is no time for it, or it cannot be
    had, the assessment comes without. The most severe come first, since they go to a person.
    """

    def __init__(self, assessor: Assessor, limit_s: float) -> None:
        """Wrap an assessor.

        Args:
            assessor: Scores the messages.
            limit_s: No evidence is begun that would not be there so many seconds after the call.
        """
        self._assessor = assessor
        self._explainer = Explainer(assessor.classifier)
        self._limit_s = limit_s

    def assess(self, texts: Sequence[str]) -> list[Assessment | Unreadable]:
        """Assess messages as `Assessor.assess` does, with evidence where there is time."""
        started = time.monotonic()
        results = self._assessor.assess(texts)
        if 0 < len(texts) <= FEW:
            expected_s = COST * (time.monotonic() - started) / len(texts)
            self._add_evidence(results, started + self._limit_s - expected_s)
        return results

    def _add_evidence(self, results: list[Assessment | Unreadable], until: float) -> None:
        scored = [(place, r) for place, r in enumerate(results) if isinstance(r, Assessment)]
        for place, assessment in sorted(scored, key=lambda item: -item[1].severity):
            if time.monotonic() < until:
                results[place] = self._with_evidence(assessment)

    def _with_evidence(self, assessment: Assessment) -> Assessment:
        try:
            evidence = strongest(self._explainer.explain(assessment.text))
        except Exception:  # Whatever is wrong with the evidence, the shopper gets an answer.
            logger.exception("no evidence for this message; its scores stand")
            return assessment
        return assessment.model_copy(update={"evidence": evidence})
