"""Reads an answer to the question that is open; pure: a task and a message in, a task out."""

import re
from collections.abc import Callable, Mapping, Sequence

from actions.forms.addresses import parts_of
from actions.forms.hearing import Heard, words_of
from actions.forms.phrases import Phrases
from actions.forms.state import Question, Task, Values
from amends.orders import Line

MOST_QUANTITY = 99
QUANTITY_DIGITS = 3
REASON_CHARS = 300
FEWEST_LETTERS = 3
FEW_WORDS = 4
SHORTEST_WORD = 3
RENUMBER_DIGITS = 4

INDEXES = re.compile(r"[\d\s,;.&+#]+")
INDEX = re.compile(r"(\d{1,2})[.)] ")
ADDRESS = (Question.STREET, Question.POSTCODE, Question.CITY)
Reader = Callable[[Task, Heard, Phrases], Task | None]


def answered(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    """The task with what the message says to the open question; None where it says nothing."""
    if heard.is_pasted or task.question is None:
        return None
    reader = READERS.get(task.question)
    return reader(task, heard, phrases) if reader else None


def renumbered(task: Task, heard: Heard) -> Task | None:
    """The task for another order that the message names; None where it names none.

    A street and a reason may have numbers of their own.
    """
    number, question = heard.number, task.question
    if number in (None, task.number) or question in (*ADDRESS, Question.REASON) or heard.is_pasted:
        return None
    if question is not Question.NUMBER and len(number or "") < RENUMBER_DIGITS:
        return None
    return task.but(number=number, email=heard.email or task.email, order=None, values=Values())


def is_bare(task: Task, heard: Heard, phrases: Phrases) -> bool:
    """Whether a message is an answer and nothing else, so that its intent does not count."""
    question = task.question
    if question is Question.CONFIRM or question is Question.RESUME:
        return heard.yes or heard.no
    if question is Question.REASON or answered(task, heard, phrases) is None:
        return False
    if question in ADDRESS:
        return any(sign.isdigit() for sign in heard.text)
    if question in (Question.NUMBER, Question.EMAIL):
        return not [word for word in _beside(heard.text) if word not in phrases.filler]
    return len(heard.words) <= FEW_WORDS or heard.text in titles_of(task, phrases)


def _beside(text: str) -> list[str]:
    """The words of a text without what has a digit or an @ in it."""
    return words_of(" ".join(word for word in text.split() if not re.search(r"[\d@]", word)))


def titles_of(task: Task, phrases: Phrases) -> list[str]:
    """What the buttons for the lines of the order say."""
    lines = task.order.lines if task.order else ()
    return [f"{place}. {item(line, phrases)}" for place, line in enumerate(lines, 1)]


def item(line: Line, phrases: Phrases) -> str:
    """Such as "2 × Harbour mug"."""
    return phrases.item.format(quantity=line.quantity, name=line.name)


def _number_or_email(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    number, email = heard.number, heard.email
    if task.refused is not None and (number or email):
        number, email = number or task.refused[0], email or task.refused[1]
    new = task.but(number=number or task.number, email=email or task.email)
    return new if new != task else None


def _line(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    found = _lines_meant(task, heard, phrases)
    return task.knowing(lines=found) if len(found) == 1 else None


def _lines(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    said = " ".join(heard.words)
    if task.order and said in phrases.everything:
        return task.knowing(lines=tuple(line.id for line in task.order.lines))
    found = _lines_meant(task, heard, phrases)
    return task.knowing(lines=found) if found else None


def _lines_meant(task: Task, heard: Heard, phrases: Phrases) -> tuple[str, ...]:
    lines = task.order.lines if task.order else ()
    index = INDEX.match(heard.text)
    if index is not None:
        return _by_places(lines, [int(index[1])])
    places = re.sub(r"\b(?:and|und|et)\b|[和]", " ", heard.text)
    if INDEXES.fullmatch(places):
        return _by_places(lines, [int(place) for place in re.findall(r"\d{1,2}", places)])
    return _by_names(lines, heard)


def _by_places(lines: Sequence[Line], places: list[int]) -> tuple[str, ...]:
    if not places or any(not 1 <= place <= len(lines) for place in places):
        return ()
    return tuple(line.id for place, line in enumerate(lines, 1) if place in places)


def _by_names(lines: Sequence[Line], heard: Heard) -> tuple[str, ...]:
    said, text = {_singular(word) for word in heard.words}, heard.text.casefold()
    names = {line.id: {_singular(word) for word in words_of(line.name)} for line in lines}
    return tuple(
        line.id for line in lines if line.name.casefold() in text or said & _only_of(line.id, names)
    )


def _only_of(line_id: str, names: Mapping[str, set[str]]) -> set[str]:
    """The words that no other line has in its name."""
    others = set[str]().union(*(words for other, words in names.items() if other != line_id))
    return {word for word in names[line_id] - others if len(word) >= SHORTEST_WORD}


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > SHORTEST_WORD else word


def _quantity(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    words = [word.strip(".,!;:xX×") for word in heard.text.split()]
    digits = [int(word) for word in words if word.isdecimal() and len(word) <= QUANTITY_DIGITS]
    spelt = [phrases.numbers[word] for word in heard.words if word in phrases.numbers]
    wanted = set(digits or spelt)
    lines = task.order.lines if task.order else ()
    had = [line.quantity for line in lines if line.id in task.values.lines]
    if len(wanted) != 1 or wanted == set(had) or max(wanted) > MOST_QUANTITY:
        return None
    return task.knowing(quantity=wanted.pop())


def _address(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    assert task.question is not None
    if (heard.yes or heard.no) and len(heard.words) <= FEW_WORDS:
        return None
    parts = parts_of(heard.text, task.question, phrases.countries)
    return task.knowing(**parts) if task.question in parts else None


def _reason(task: Task, heard: Heard, phrases: Phrases) -> Task | None:
    reason = " ".join(heard.masked.split())[:REASON_CHARS]
    letters = sum(sign.isalpha() for sign in reason)
    is_question = reason.endswith(("?", "\uff1f"))
    return None if is_question or letters < FEWEST_LETTERS else task.knowing(reason=reason)


READERS: Mapping[Question, Reader] = {
    Question.NUMBER: _number_or_email,
    Question.EMAIL: _number_or_email,
    Question.LINE: _line,
    Question.LINES: _lines,
    Question.QUANTITY: _quantity,
    Question.STREET: _address,
    Question.POSTCODE: _address,
    Question.CITY: _address,
    Question.REASON: _reason,
}
