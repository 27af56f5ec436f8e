"""What an agent says that should have been found."""

import re

import pytest

from tickets.labels import Correction


@pytest.mark.parametrize(
    ("field", "value", "stored", "said"),
    [
        ("polarity", "neutral", "neutral", "polarity neutral"),
        ("intensity", "weak", "weak", "intensity weak"),
        ("category", "billing_and_payment", "billing_and_payment", "category billing and payment"),
        ("category", "other", "other", "category other"),
        ("escalate", "false", False, "wrongly escalated"),
        ("escalate", "true", True, "rightly escalated"),
    ],
)
def test_one_field_of_one_message_is_kept_with_who_said_it(
    ada, store, opened, scores, field, value, stored, said
):
    reference = opened(message="first", assessment=scores())
    opened(message="second")
    answer = ada.do(f"/tickets/{reference}/labels", message_id="first", **{field: value})
    assert answer.status_code == 200
    assert f"Corrected: {said}. Thank you." in answer.text
    (label,) = store.labels.history(reference)
    assert (label.by, label.message_id) == ("ada", "first")
    assert label.correction == Correction.model_validate({field: stored})
    (exported,) = store.labels.corrected()
    assert exported.message.id == f"{reference}/first"


def test_what_is_right_is_shown_from_then_on(ada, opened, scores):
    reference = opened(message="first", assessment=scores())
    ada.do(f"/tickets/{reference}/labels", message_id="first", polarity="neutral")
    page = ada.do(f"/tickets/{reference}/labels", message_id="first", escalate="false").text
    assert re.search(r'<option value="neutral" selected>', page)
    assert 'aria-pressed="true"' in page
    assert '"escalate": true' in page, "pressed again it is taken back"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"polarity": "furious"}, "Expected polarity to be one of negative, neutral, positive"),
        ({"category": "<b>"}, "Expected category to be one of delivery"),
        ({}, "Expected a correction of polarity"),
    ],
)
def test_what_is_no_label_is_refused_in_words(ada, store, opened, fields, words):
    reference = opened(message="first")
    answer = ada.do(f"/tickets/{reference}/labels", message_id="first", **fields)
    assert answer.status_code == 409
    assert words in answer.text
    assert "<b>" not in answer.text.replace("<b>Shopper", "")
    assert store.labels.history(reference) == ()


def test_a_message_of_another_ticket_is_refused(ada, store, opened):
    reference = opened(message="first")
    opened("web-2", message="foreign")
    answer = ada.do(f"/tickets/{reference}/labels", message_id="foreign", polarity="neutral")
    assert answer.status_code == 404
    assert store.labels.history(reference) == ()
