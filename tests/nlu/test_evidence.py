"""Evidence comes with an assessment where it can, and never costs the shopper the answer."""

import json
import logging
import time

import pytest
import torch

from nlu.assessment import Assessment, Unreadable
from nlu.assessor import Assessor
from nlu.evidence import FEW, EvidencedAssessor
from nlu.explain import MOST_TOLD, Explainer
from nlu.read_message import ReadMessage

BROKEN = "the kettle is broken and I am furious"
CALM = "what time do you open on sunday"
ALWAYS_S = 600.0


@pytest.fixture(scope="module")
def evidenced(assessor: Assessor) -> EvidencedAssessor:
    return EvidencedAssessor(assessor, ALWAYS_S)


def assessments(found: list[Assessment | Unreadable]) -> list[Assessment]:
    return [item for item in found if isinstance(item, Assessment)]


def test_an_assessment_holds_the_words_that_carried_it(evidenced: EvidencedAssessor) -> None:
    (found,) = assessments(evidenced.assess([BROKEN]))
    assert found.evidence is not None
    assert {"broken", "furious"} <= {word.text for word in found.evidence.words}
    assert len(found.evidence.words) <= MOST_TOLD


def test_offsets_are_in_the_masked_text(evidenced: EvidencedAssessor) -> None:
    typed = "ann@example.com here,  call +1 415 555 2671: my kettle came broken, I am furious!!"
    (found,) = assessments(evidenced.assess([typed]))
    assert found.evidence is not None
    words = found.evidence.words
    assert words
    assert [found.text[word.start : word.end] for word in words] == [word.text for word in words]
    assert "ann" not in found.model_dump_json()


def test_evidence_survives_a_slot_and_is_small(evidenced: EvidencedAssessor) -> None:
    (found,) = assessments(evidenced.assess(["My kettle is BROKEN AGAIN 😡😡, I am FURIOUS!!"]))
    slot = json.dumps(found.model_dump(mode="json"))
    assert Assessment.model_validate(json.loads(slot)) == found
    assert found.evidence is not None
    assert found.evidence.capitals
    assert len(found.evidence.model_dump_json()) < 600


def test_an_assessment_of_an_earlier_version_has_none(evidenced: EvidencedAssessor) -> None:
    (found,) = assessments(evidenced.assess([BROKEN]))
    stored = found.model_dump(mode="json", exclude={"evidence"})
    assert Assessment.model_validate(stored).evidence is None


def test_scores_are_the_same_with_and_without(
    assessor: Assessor, evidenced: EvidencedAssessor
) -> None:
    texts = [BROKEN, "", CALM]
    plain = assessor.assess(texts)
    found = evidenced.assess(texts)
    bare = [item.model_copy(update={"evidence": None}) for item in assessments(found)]
    assert bare == assessments(plain)
    assert all(item.evidence is None for item in assessments(plain))
    assert [item.text for item in found] == texts
    assert found[1] == Unreadable(text="", reason="no_text")


def test_no_messages(evidenced: EvidencedAssessor) -> None:
    assert evidenced.assess([]) == []


def test_where_there_is_no_time_there_is_no_evidence(assessor: Assessor) -> None:
    (found,) = assessments(EvidencedAssessor(assessor, 0.0).assess([BROKEN]))
    assert found.evidence is None


def test_where_others_wait_there_is_no_evidence(evidenced: EvidencedAssessor) -> None:
    few = assessments(evidenced.assess([BROKEN] * FEW))
    many = assessments(evidenced.assess([BROKEN] * (FEW + 1)))
    assert all(item.evidence for item in few)
    assert not any(item.evidence for item in many)


def test_what_goes_to_a_person_comes_first(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Explainer.explain

    def slow(self: Explainer, text: str) -> object:
        time.sleep(2)
        return real(self, text)

    monkeypatch.setattr(Explainer, "explain", slow)
    monkeypatch.setattr("nlu.evidence.COST", 0.0)
    calm, broken = assessments(EvidencedAssessor(assessor, 1.9).assess([CALM, BROKEN]))
    assert broken.evidence
    assert calm.evidence is None


def test_evidence_that_fails_leaves_the_assessment(
    evidenced: EvidencedAssessor,
    assessor: Assessor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(
        ReadMessage, "by_words", lambda _, kept: torch.full((len(kept), 2), torch.nan)
    )
    with caplog.at_level(logging.ERROR):
        found = evidenced.assess([BROKEN])
    assert found == assessor.assess([BROKEN])
    assert "no evidence for this message; its scores stand" in caplog.text
    assert "kettle" not in caplog.text
