"""Takes personal data out of a message before anything stores, logs or learns from it."""

import re

import phonenumbers
from stdnum import iban, luhn

# The look back keeps it from starting again at every letter of a long word: minutes of work.
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
# With what may follow in the same breath: 19 digits are the longest card, then its date and code.
_CARD = re.compile(r"(?<![\w+-])\d(?:[ .\u2010-\u2015\u2212-]?\d){12,30}(?!-?\w)")
# Looks ahead, so that two accounts may overlap with the words that could belong to them.
_IBAN = re.compile(r"\b(?=([A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30})\b)")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
_GROUP = re.compile(r"[^\W_]+")
CARD_DIGITS = range(13, 20)
# Digits after these words name a purchase, which the agent needs, not a person.
_PURCHASE = re.compile(
    r"(?:order|tracking|parcel|invoice|reference|ref|ticket|item|sku|serial|model)"
    r"(?:\s*(?:number|no|nr|id|code|is|was))*[\s.:#]*$|#$",
    re.IGNORECASE,
)


def mask(text: str, phone_region: str) -> str:
    """Replace e-mail addresses, payment cards, bank accounts, phone numbers and IPv4 addresses.

    Cards are told from other numbers by the Luhn check digit, accounts by the IBAN check digits,
    phones by the numbering plans of `phonenumbers`. Names and postal addresses stay.

    Args:
        text: A cleaned message.
        phone_region: Two-letter country whose phone numbers are written without a country code.

    Returns:
        The text with `[email]`, `[card]`, `[iban]`, `[ip]` and `[phone]` in their place.
    """
    text = _EMAIL.sub("[email]", text)
    text = _mask_accounts(text)
    text = _CARD.sub(_masked_card, text)
    text = _IP.sub("[ip]", text)
    return _mask_phones(text, phone_region)


def _mask_accounts(text: str) -> str:
    for found in reversed(list(_IBAN.finditer(text))):
        start = found.start()
        for end in _ends(found[1]):
            # The check of each country knows today's banks only; the check digits suffice here.
            if iban.is_valid(found[1][:end], check_country=False):
                text = f"{text[:start]}[iban]{text[start + end :]}"
                break
    return text


def _masked_card(found: re.Match[str]) -> str:
    run = found[0]
    for end in _ends(run):
        digits = re.sub(r"\D", "", run[:end])
        if len(digits) in CARD_DIGITS and luhn.is_valid(digits):
            return f"[card]{run[end:]}"
    return run


def _ends(run: str) -> list[int]:
    """Where groups of letters and digits end, the last first."""
    return [group.end() for group in _GROUP.finditer(run)][::-1]


def _mask_phones(text: str, region: str) -> str:
    matches = list(phonenumbers.PhoneNumberMatcher(text, region))
    for match in reversed(matches):
        if not _PURCHASE.search(text[: match.start]):
            text = f"{text[: match.start]}[phone]{text[match.end :]}"
    return text
