"""What is read of a message."""

import random
import sys
import unicodedata

import pytest

from nlu.text import clean, is_shouted, meaning, prepare, unreadable, without_handles

CONTROL = [chr(n) for n in [*range(9), *range(11, 32), *range(0x7F, 0xA0)]]
UNSEEN = ["\u200b", "\u200e", "\u202e", "\u2060", "\ufeff", "\u2066", "\ud83d", "\udcff"]


@pytest.mark.parametrize("char", [*CONTROL, *UNSEEN], ids=ascii)
def test_characters_that_nobody_sees_are_blanks(char: str) -> None:
    assert clean(f"a{char}b{char}", 100) == "a b"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a \t b \r\n\n c  ", "a b c"),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH COMMERCIAL AT}", "1@"),
        ("\N{LATIN SMALL LIGATURE FI}ne", "fine"),
        ("e\N{COMBINING ACUTE ACCENT}", "\N{LATIN SMALL LETTER E WITH ACUTE}"),
        ("\N{ARABIC-INDIC DIGIT FOUR}\N{DEVANAGARI DIGIT TWO}", "42"),
        ("deliv\N{SOFT HYPHEN}ery", "delivery"),
        ("", ""),
        ("late\nlate\nlate\nand wrong\nlate", "late and wrong late"),
        ("4111\n1111\n1111\n1111", "4111 1111 1111 1111"),
        (" \x00\n", ""),
    ],
    ids=ascii,
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text, 100) == cleaned


@pytest.mark.parametrize("limit", [1, 5, 100])
@pytest.mark.parametrize("unit", ["ab", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}", " x"])
def test_clean_keeps_the_limit(unit: str, limit: int) -> None:
    assert 0 < len(clean("y" + unit * 200, limit)) <= limit


def test_clean_of_anything_is_printable_stable_and_can_be_written() -> None:
    draw = random.Random(7)
    for _ in range(300):
        text = "".join(chr(draw.randrange(sys.maxunicode + 1)) for _ in range(40))
        cleaned = clean(text, 60)
        cleaned.encode("utf-8")
        assert not [char for char in cleaned if unicodedata.category(char) in ("Cc", "Cs")]
        assert clean(cleaned, 60) == cleaned


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("@shop where is it @shop", "@user where is it @user"),
        ("mail me at a@b", "mail me at a@b"),
        ("see https://example.com/a?b=c now", "see link now"),
        ("see www.example.com now", "see link now"),
        ("soooooo late!!!!!!", "sooo late!!!"),
        ("soo 10000000 km", "soo 10000000 km"),
        ("fish &amp; chips &lt;3", "fish & chips <3"),
        ("#worst_shop", "worst shop"),
        ("\N{POUTING FACE}", "enraged face"),
        ("late\N{CRYING FACE}again", "late crying face again"),
        ("WHERE are MY SHOES", "shouting: WHERE are MY SHOES"),
    ],
    ids=ascii,
)
def test_prepare(text: str, prepared: str) -> None:
    assert prepare(text) == prepared


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@shop where is it @shop", "where is it"),
        ("mail me at a@b", "mail me at a@b"),
        ("no one is named", "no one is named"),
        ("@shop", ""),
    ],
)
def test_without_handles(text: str, left: str) -> None:
    assert without_handles(text) == left


def test_the_meaning_names_nobody() -> None:
    assert meaning("@shop where is it") == "where is it"


@pytest.mark.parametrize("text", ["WHERE IS MY PARCEL", "see https://example.com/a LATE AGAIN"])
def test_meaning_is_not_about_loudness_or_links(text: str) -> None:
    assert "shouting" not in meaning(text)
    assert "link" not in meaning(text)


@pytest.mark.parametrize(
    ("text", "shouted"),
    [
        ("WHERE IS MY PARCEL", True),
        ("this is NOT OKAY", True),
        ("I am NOT OKAY with this kind of service at all", False),
        ("my TV broke", False),
        ("my NEW console broke", False),
        ("@SHOPHELP @OTHERSHOP where is it", False),
        ("https://a.example/ABC_DEF/GHI www.a.example/XYZ hello there", False),
        ("", False),
        ("123 !!!", False),
        ("\N{CJK UNIFIED IDEOGRAPH-6211}" * 9, False),
    ],
    ids=ascii,
)
def test_is_shouted(text: str, shouted: bool) -> None:
    assert is_shouted(text) is shouted


CHINESE = "\u6211\u7684\u5305\u88f9\u574f\u4e86"
ARABIC = "\u0637\u0631\u062f\u064a \u0645\u0643\u0633\u0648\u0631"
CYRILLIC = "\u0433\u0434\u0435 \u043c\u043e\u0439 \u0437\u0430\u043a\u0430\u0437"
GREEK = "\u03c0\u03bf\u03cd \u03b5\u03af\u03bd\u03b1\u03b9"


@pytest.mark.parametrize("text", ["where is it", "Où est-il", "ça va? 😡", "ok", "a 1234"])
def test_latin_text_is_readable(text: str) -> None:
    assert unreadable(text) is None


@pytest.mark.parametrize("text", ["😡", "👍🏽", "😡😡 !!", "1 ❤️"])
def test_emoji_alone_are_readable(text: str) -> None:
    assert unreadable(text) is None


@pytest.mark.parametrize(
    "text", ["", " ", "12345", "?!...", "+-=", "@shop", "@shop https://a.example/b"]
)
def test_no_word_in_it(text: str) -> None:
    assert unreadable(text) == "no_text"


@pytest.mark.parametrize("text", [CHINESE, ARABIC, CYRILLIC, GREEK], ids=ascii)
@pytest.mark.parametrize(
    "frame", ["{}", "{} 😡", "{} 123", "@ShopSupport {}", "{} https://example.com/orders/status"]
)
def test_another_script_is_seen_whatever_stands_beside_it(text: str, frame: str) -> None:
    assert unreadable(frame.format(text)) == "other_script"


def test_a_foreign_word_in_an_english_message_is_readable() -> None:
    assert unreadable(f"the label says {CYRILLIC} and I cannot read that at all") is None
