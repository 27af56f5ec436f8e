import re

import pytest

from tickets.reference import as_reference, new_reference

LOOK_ALIKES = ["0O", "1IL", "2Z", "5S", "8B", "UV"]


def test_references_are_short_and_differ():
    drawn = {new_reference() for _ in range(2000)}
    assert len(drawn) > 1990
    assert all(re.fullmatch(r"AM-[A-Z0-9]{6}", reference) for reference in drawn)


@pytest.mark.parametrize("signs", LOOK_ALIKES)
def test_no_two_signs_look_alike(signs):
    used = {sign for _ in range(2000) for sign in new_reference()[3:]}
    assert len(used & set(signs)) <= 1


@pytest.mark.parametrize("typed", ["AM-K7RD4X", "am-k7rd4x", "k7rd4x", " AM-K7R D4X "])
def test_typed_reference_takes_its_stored_form(typed):
    assert as_reference(typed) == "AM-K7RD4X"
