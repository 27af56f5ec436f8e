"""Takes payment card numbers out of what a shopper typed, before anything keeps it."""

import re

MASK = "[card]"
DIGITS = range(13, 20)
# Dashes and dots of any alphabet, what draws digits as keys, and what cannot be seen.
_SIGNS = r".\-\u00ad\u00b7\u200b-\u200d\u2010-\u2015\u2060\u20e3\u2212\u3002\ufe0f\uff0d\uff0e"
# A new line ends a number: a list of order numbers is no card.
_RUN = re.compile(rf"\d(?:(?:[^\S\r\n]|[{_SIGNS}]){{0,3}}\d){{12,}}[\ufe0f\u20e3]*")
_GROUP = re.compile(r"\d+[\ufe0f\u20e3]*")
_WORD = r"(?:cvc2?|cvv2?|csc|cid|exp(?:iry|ires|iration)?(?: date)?|valid (?:thru|until)|code)"
_AFTER = re.compile(
    rf"{re.escape(MASK)}(?:[\s,;:/]{{0,3}}(?:\b{_WORD}\W{{0,3}})?"
    r"(?:\d\d ?[/-] ?(?:\d{4}|\d\d)|\d{3,4})\b){1,3}",
    re.IGNORECASE,
)


def without_cards(text: str) -> str:
    """Put `[card]` in the place of each payment card number, and of its date and code behind it.

    A card is any 13 to 19 digits of any alphabet that pass the Luhn check, in one piece or in
    groups: about one in ten other numbers of that length passes it too, and is taken for one.
    """
    masked = _RUN.sub(lambda found: _masked(found[0]), text)
    return text if masked == text else _AFTER.sub(MASK, masked)


def _masked(run: str) -> str:
    groups = list(_GROUP.finditer(run))
    parts, done, first = [], 0, 0
    while first < len(groups):
        last = _end_of_card(groups[first : first + DIGITS.stop])
        if last is not None:
            parts += [run[done : groups[first].start()], MASK]
            first += last
            done = groups[first].end()
        first += 1
    return "".join([*parts, run[done:]])


def _end_of_card(groups: list[re.Match[str]]) -> int | None:
    """Which group a card ends with that begins with the first one; the longest such card."""
    number, found = "", None
    for index, group in enumerate(groups):
        number += "".join(filter(str.isdigit, group[0]))
        if len(number) >= DIGITS.stop:
            break
        if len(number) in DIGITS and _passes_luhn(number):
            found = index
    return found


def _passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]  # noqa: PLR2004
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
