"""Reads a postal address, in one message or part by part."""

import re
from collections.abc import Mapping

from actions.forms.state import Question

PARTS = re.compile(r"[,;\n\uff0c]+")
# "8001", "SW1A 1AA", "1012 AB", "D-10115": has a digit, and no more letters than such codes have.
CODE = (
    r"(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?(?: [A-Z]{2}\b)?|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2} \d{5}"
)
POSTCODE = re.compile(rf"(?<![\w-])(?:{CODE})(?![\w-])", re.IGNORECASE)
COUNTRY = re.compile(r"[A-Z]{2}")
MOST_CHARS = {Question.STREET: 120, Question.POSTCODE: 12, Question.CITY: 60}
FEWEST_LETTERS = 2
MOST_WORDS_OF_CITY = 5


def parts_of(text: str, asked: Question, countries: Mapping[str, str]) -> dict[str, str]:
    """What a message says of an address, by the names of `Values`; only what can be one.

    Args:
        text: The message, in plain letters.
        asked: The part that was asked for.
        countries: Their names in lower case, and two letters each.
    """
    pieces = [" ".join(piece.split()) for piece in PARTS.split(text) if piece.strip()]
    found: dict[str, str] = {}
    if len(pieces) > 1 and (country := _country(pieces[-1], countries)):
        found["country"] = country
        pieces.pop()
    if asked is Question.STREET:
        _take_street(pieces, found)
    if asked is not Question.CITY:
        _take_postcode(pieces, found)
    _take_city(pieces, found)
    return {part: said for part, said in found.items() if _fits(part, said)}


def _country(piece: str, countries: Mapping[str, str]) -> str | None:
    return countries.get(piece.casefold()) or (piece if COUNTRY.fullmatch(piece) else None)


def _take_street(pieces: list[str], found: dict[str, str]) -> None:
    """The first piece with letters and a digit; in one piece alone, what is before the code."""
    if len(pieces) == 1 and (code := _last_code(pieces[0])) is not None:
        before = pieces[0][: code.start()].strip()
        if _is_street(before):
            found["street"] = before
            pieces[0] = pieces[0][code.start() :]
            return
    for place, piece in enumerate(pieces):
        if _is_street(piece):
            found["street"] = pieces.pop(place)
            # What stands before it is a name or a company: part of where it goes.
            return


def _last_code(piece: str) -> re.Match[str] | None:
    codes = list(POSTCODE.finditer(piece))
    return codes[-1] if codes else None


def _is_street(piece: str) -> bool:
    return _letters(piece) >= FEWEST_LETTERS and any(sign.isdigit() for sign in piece)


def _take_postcode(pieces: list[str], found: dict[str, str]) -> None:
    for place, piece in enumerate(pieces):
        code = _last_code(piece)
        if code is not None:
            found["postcode"] = code[0].upper()
            pieces[place] = (piece[: code.start()] + piece[code.end() :]).strip(" .-")
            return


def _take_city(pieces: list[str], found: dict[str, str]) -> None:
    # A name above the street stays out: the place comes last.
    for piece in reversed(pieces):
        if _is_city(piece):
            found["city"] = piece.strip(" .")
            return


def _is_city(piece: str) -> bool:
    few = len(piece.split()) <= MOST_WORDS_OF_CITY
    return few and _letters(piece) >= FEWEST_LETTERS and not re.search(r"[\d?@{}<>]", piece)


def _fits(part: str, said: str) -> bool:
    return part == "country" or len(said) <= MOST_CHARS[Question(part)]


def _letters(text: str) -> int:
    return sum(sign.isalpha() for sign in text)
