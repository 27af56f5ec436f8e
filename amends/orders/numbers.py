"""What a shopper types for an order: its number and the address it was placed with."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

MOST_CHARS = 4000
"""A longer text is read up to here."""

DIGITS = range(1, 13)
"""Longer ones are cards, accounts and parcels."""
NAMED_DIGITS = range(3, 13)
BARE_DIGITS = range(4, 11)
"""What stands between other words without being named must look like more than a count."""
YEARS = range(1900, 2100)

WRITTEN = r"(?:[A-Za-z]{1,4}[.\-]?|[A-Za-z] )?\d(?:[ .\-]{0,2}\d){0,20}"
"""A number as people write one: letters in front, and blanks, dots or dashes within."""
END = r"(?![A-Za-z0-9_@])"

ORDER = (
    r"(?<![A-Za-z])(?:order|purchase|reference|ref|bestellung|auftrag|commande|pedido|ordine)"
    r"(?![a-z])|订单|訂單|单号"
)
SIGN = r"#|№|(?<![A-Za-z])(?:number|bestellnummer|n[or]\.|num\b|nr\b|id\b)|(?:号码|编号|號|号)"
LINK = r"(?:[\s.:,'\"(]|(?:is|was|it's)\b|是|为){0,9}"
# "#10234", "my order number is 10 234", "order no 7".
NUMBERED = re.compile(
    rf"(?:{SIGN}|(?:{ORDER})\s?no\b){LINK}#?\s?(?P<number>{WRITTEN}){END}", re.IGNORECASE
)
# "order 10234": no short ones, for somebody may want to order two of a thing.
NAMED = re.compile(rf"(?:{ORDER}){LINK}(?P<number>{WRITTEN}){END}", re.IGNORECASE)
ALONE = re.compile(rf"[\W_]*(?P<number>{WRITTEN})[\W_]*", re.IGNORECASE)
LETTERED = re.compile(rf"(?<![A-Za-z0-9_@./-])(?P<number>[A-Za-z]{{1,4}}-?\d{{3,12}}){END}")
BARE = re.compile(r"(?<![\w@.,:/+-])(?P<number>\d{4,10})(?![\w@]|[.,:/-]\d)")
FORMS = (
    (NUMBERED, DIGITS),
    (NAMED, NAMED_DIGITS),
    (LETTERED, NAMED_DIGITS),
    (BARE, BARE_DIGITS),
)
"""The surest first."""

MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
MONEY = r"[€$£¥₹]|\b(?:eur|euros?|usd|gbp|dollars?|pounds?|quid|cents?|yen|rmb|cny|元|块)\b"
# Each is taken out before a number is looked for.
OTHER = re.compile(
    "|".join(
        (
            r"https?://\S+",
            r"\S+@\S+",
            r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b",
            r"\b\d{1,2}[./]\d{1,2}\b(?![\d.]*\d)",
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTHS}\b(?:[\s,]+\d{{4}}\b)?",
            rf"\b{MONTHS}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:[\s,]+\d{{4}}\b)?",
            r"\d{4}年|\d{1,2}月|\d{1,2}[日号](?!码)",
            r"\b\d{1,2}:\d{2}\b|\b\d{1,2}\s*(?:am|pm)\b",
            rf"(?:{MONEY})\s*\d[\d.,' ]*\d|(?:{MONEY})\s*\d",
            rf"\b\d[\d.,']*\s*(?:{MONEY})",
            r"\b\d[\d.,]*\s*(?:%|percent\b)",
            r"\(?\+\d[\d\s().\-/]{6,}\d",  # a phone number with its country
            r"(?<!\w)(?:\(0\d+\)|0\d)[\d\s().\-/]{7,}\d",  # and one without
            r"\(\d{3}\)\s?\d{3}[-. ]\d{4}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b",
            r"\b\d(?:[ \-]?\d){12,}\b",  # a card, an account
            r"\b(?:post\s?code|postal code|zip|plz|邮编)(?:\W|is\b|code\b){0,5}[A-Z]?[\w-]{3,8}",
            r"\b(?-i:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b",  # British
            r"\b(?-i:[A-Z]{2}\s\d{5}(?:-\d{4})?)\b|\b\d{5}-\d{4}\b",  # of the United States
            r"(?-i:\b\d{4,5},?\s+[A-ZÄÖÜÉ][a-zäöüßé]{2,})",  # "10115 Berlin"
        )
    ),
    re.IGNORECASE,
)

AROUND = re.compile(r"^[^\w+]+|\W+$")
"""Quotes, brackets and full stops about an address."""


def order_number_in(text: str) -> str | None:
    """The one order number in a message, normalised; None without one, or with several.

    What is named as one ("order", "no.", "#") counts before what only looks like one. Dates,
    amounts, phone numbers, cards and postcodes are none.

    Args:
        text: What the shopper wrote.
    """
    plain = _plain(text[:MOST_CHARS])
    if alone := ALONE.fullmatch(plain):
        found = _checked(alone["number"], DIGITS)
        if found and not OTHER.fullmatch(plain.strip(" .!?,")):
            return found
    rest = OTHER.sub(" ; ", plain)
    for pattern, digits in FORMS:
        numbers = {_checked(match["number"], digits) for match in pattern.finditer(rest)} - {None}
        if pattern is BARE:
            numbers = {number for number in numbers if not _is_year(number)}
        if numbers:
            return numbers.pop() if len(numbers) == 1 else None
    return None


def normalised(text: str) -> str:
    """A number as shops store it: digits and capitals alone, `A10234` for `#a 10-234`."""
    return "".join(sign for sign in _plain(text).upper() if sign.isascii() and sign.isalnum())


def email_in(text: str) -> str | None:
    """The one mail address in a message; None without one, with several, or with a false one.

    Args:
        text: What the shopper wrote.
    """
    plain = _plain(text[:MOST_CHARS], keep_alphabets=True)
    addresses = {_address(word) for word in plain.split() if "@" in word}
    return addresses.pop() if len(addresses) == 1 else None


def _plain(text: str, *, keep_alphabets: bool = False) -> str:
    """In one way of writing: full-width signs narrow, digits of any alphabet 0 to 9."""
    shown = (sign for sign in unicodedata.normalize("NFKC", text) if _is_shown(sign))
    if keep_alphabets:
        return "".join(shown)
    return "".join(_digit(sign) for sign in shown)


def _is_shown(sign: str) -> bool:
    # Zero-width signs and marks of direction come along with what is copied from pages.
    return unicodedata.category(sign) != "Cf"


def _digit(sign: str) -> str:
    if unicodedata.category(sign) == "Pd" or sign == "−":
        return "-"
    return str(unicodedata.digit(sign, sign))


def _checked(written: str, digits: range) -> str | None:
    number = normalised(written)
    count = sum(sign.isdigit() for sign in number)
    allowed = digits if number.isdigit() else NAMED_DIGITS
    return number if count in allowed else None


def _is_year(number: str | None) -> bool:
    return number is not None and number.isdigit() and int(number) in YEARS


def _address(word: str) -> str | None:
    bare = AROUND.sub("", word.removeprefix("mailto:"))
    try:
        return validate_email(bare, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None
