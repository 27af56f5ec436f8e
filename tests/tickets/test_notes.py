"""Notes of agents for one another, and the trail of what was done, on both databases."""

import pytest
from pydantic import ValidationError

from tickets.lookup import NotFoundError
from tickets.notes import NewNote


def test_notes_are_kept_in_order_with_who_wrote_them(any_store, ticket):
    reference = ticket().reference
    for author, text in (("ben", "Called."), ("token:helpdesk", "No answer\0 yet \ud800")):
        any_store.notes.add(reference, NewNote(author=author, text=text))
    notes = any_store.notes.of(reference.lower())
    assert [(note.author, note.text) for note in notes] == [
        ("ben", "Called."),
        ("token:helpdesk", "No answer\ufffd yet \ufffd"),
    ]


def test_a_note_is_on_the_trail_and_its_words_are_not(any_store, ticket):
    reference = ticket().reference
    any_store.notes.add(reference, NewNote(author="ben", text="Called."))
    trail = any_store.notes.deeds(reference)
    assert [(deed.actor, deed.action) for deed in trail] == [
        ("shopper", "opened"),
        ("ben", "noted"),
    ]
    assert "Called" not in str(trail)


def test_notes_are_of_one_ticket(any_store, ticket):
    one, other = ticket().reference, ticket("web-2").reference
    any_store.notes.add(one, NewNote(author="ben", text="Called."))
    assert any_store.notes.of(other) == ()
    assert [deed.action for deed in any_store.notes.deeds(other)] == ["opened"]


@pytest.mark.parametrize("ask", ["of", "deeds"])
def test_a_ticket_that_is_not_there_is_told(any_store, ask):
    with pytest.raises(NotFoundError, match="Expected the reference of a ticket, found 'AM-NO'"):
        getattr(any_store.notes, ask)("AM-NO")


def test_no_note_is_written_on_a_ticket_that_is_not_there(any_store):
    with pytest.raises(NotFoundError, match="which none has"):
        any_store.notes.add("AM-NO", NewNote(author="ben", text="Called."))


@pytest.mark.parametrize(("author", "text"), [("", "Called."), ("ben", ""), ("b" * 256, "Called.")])
def test_a_note_has_words_and_a_writer(author, text):
    with pytest.raises(ValidationError):
        NewNote(author=author, text=text)
