"""Whether a typed address is that of an order."""

import pytest

from amends.orders.addresses import same_address


@pytest.mark.parametrize(
    "typed", ["robin@example.com", "ROBIN@Example.COM", " robin@example.com\n"]
)
def test_capitals_and_blanks_aside_they_are_the_same(typed):
    assert same_address("robin@example.com", typed)


@pytest.mark.parametrize(
    ("ours", "typed"),
    [
        ("robin@example.com", "robin@example.co"),
        ("robin@example.com", "robin+x@example.com"),
        ("stra\u00dfe@example.com", "strasse@example.com"),
        ("robin@example.com", ""),
        ("", ""),
        (" ", " "),
    ],
)
def test_others_and_none_are_not(ours, typed):
    assert not same_address(ours, typed)
