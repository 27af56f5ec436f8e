"""Takes personal data out of a message before anything stores, logs or learns from it."""

import re

import phonenumbers
from stdnum import iban, luhn

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"(?<![\w-])\d(?:[ .-]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
# Digits after these words name a purchase, which the agent needs, not a person.
_PURCHASE = re.compile(
    r"(?:order|tracking|parcel|invoice|reference|ref|ticket|item|sku|serial|model)"
    r"(?:\s*(?:number|no|nr|id|code|is|was))*[\s.:#]*$|#$",
    re.IGNORECASE,
)


def mask(text: str, phone_region: str) -> str:
    """Replace e-mail addresses, payment cards, bank accounts, phone numbers and IP addresses.

    Cards are told from other numbers by the Luhn check digit, accounts by the IBAN check digits,
    phones by the numbering plans of `phonenumbers`. Names and postal addresses stay.

    Args:
        text: A cleaned message.
        phone_region: Two-letter country whose phone numbers are written without a country code.

    Returns:
        The text with `[email]`, `[card]`, `[iban]`, `[ip]` and `[phone]` in their place.
    """
    text = _EMAIL.sub("[email]", text)
    text = _IBAN.sub(lambda found: "[iban]" if iban.is_valid(found[0]) else found[0], text)
    text = _CARD.sub(_masked_card, text)
    text = _IP.sub("[ip]", text)
    return _mask_phones(text, phone_region)


def _masked_card(found: re.Match[str]) -> str:
    return "[card]" if luhn.is_valid(re.sub(r"\D", "", found[0])) else found[0]


def _mask_phones(text: str, region: str) -> str:
    matches = list(phonenumbers.PhoneNumberMatcher(text, region))
    for match in reversed(matches):
        if not _PURCHASE.search(text[: match.start]):
            text = f"{text[: match.start]}[phone]{text[match.end :]}"
    return text
