"""Personal data leaves a message; the numbers of a purchase stay for the agent."""

import time

import pytest

from nlu.masking import mask
from nlu.reader import Reader

READER = Reader(max_chars=4000, phone_region="US")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to anna.lee+shop@mail.example.co.uk please", "write to [email] please"),
        ("mail:ann@example.com.", "mail:[email]."),
        ("(o'hara_9%x@my-mail.example)", "([email])"),
        ("a@b.example and c@d.example", "[email] and [email]"),
        ("ANN@EXAMPLE.COM", "[email]"),
        ("m\N{LATIN SMALL LETTER U WITH DIAERESIS}ller@example.de", "[email]"),
    ],
)
def test_email_addresses(text: str, masked: str) -> None:
    assert READER.read(text) == masked


@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\N{EN DASH}1111\N{EN DASH}1111\N{EN DASH}1111",
        "4111\N{NON-BREAKING HYPHEN}1111\N{NON-BREAKING HYPHEN}1111\N{NON-BREAKING HYPHEN}1111",
        "4111\N{SOFT HYPHEN}1111\N{SOFT HYPHEN}1111\N{SOFT HYPHEN}1111",
        "4111\N{NO-BREAK SPACE}1111\N{NO-BREAK SPACE}1111\N{NO-BREAK SPACE}1111",
        "4111\n1111\n1111\n1111",
        "4111\N{ZERO WIDTH SPACE}1111\N{ZERO WIDTH SPACE}1111\N{ZERO WIDTH SPACE}1111",
        "3782 822463 10005",
        "6011 1111 1111 1117",
        "5555555555554444",
        "".join(chr(ord("\N{FULLWIDTH DIGIT ZERO}") + int(n)) for n in "4111111111111111"),
        "".join(chr(ord("\N{ARABIC-INDIC DIGIT ZERO}") + int(n)) for n in "4111111111111111"),
        "".join(chr(ord("\N{DEVANAGARI DIGIT ZERO}") + int(n)) for n in "4111111111111111"),
    ],
    ids=lambda card: ascii(card)[:40],
)
def test_payment_cards(card: str) -> None:
    assert READER.read(f"charged {card} twice") == "charged [card] twice"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111 12/26 cvv 123", "[card] 12/26 cvv 123"),
        ("4111 1111 1111 1111 123", "[card] 123"),
        ("it is 4111 1111 1111 1111- twice", "it is [card]- twice"),
        ("4111 1111 1111 1111, 5555 5555 5555 4444", "[card], [card]"),
        ("4111 1111 1111 1111.", "[card]."),
        ("card:4111111111111111!", "card:[card]!"),
        ("4111 1111 1111 1111 2nd try", "[card] 2nd try"),
    ],
)
def test_what_stands_beside_a_card_does_not_hide_it(text: str, masked: str) -> None:
    assert READER.read(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "1234 5678 9012 3456",
        "4111111111111112",
        "4111-1111-1111-1112",
        "ORDER-4111111111111111",
        "4111111111111111-B",
        "SKU4111111111111111",
        "94001000000000000000001",
        "411111111111",
    ],
)
def test_numbers_that_are_no_card_stay(text: str) -> None:
    assert READER.read(text) == text


@pytest.mark.parametrize(
    "account",
    [
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "de89370400440532013000",
        "GB82 WEST 1234 5698 7654 32",
        "NO93 8601 1117 947",
        "AT61 1904 3002 3457 3201",
        "ES91 2100 0418 4502 0005 1332",
        "PL61 1090 1014 0000 0712 1981 2874",
        "BE68 5390 0754 7034",
        "FR1420041010050500013M02606",
    ],
)
@pytest.mark.parametrize("behind", ["", " is mine", " then pay it", ", please", " 12 days ago"])
def test_bank_accounts(account: str, behind: str) -> None:
    assert READER.read(f"refund to {account}{behind}") == f"refund to [iban]{behind}"


def test_two_bank_accounts() -> None:
    text = "from AT61 1904 3002 3457 3201 and GB82 WEST 1234 5698 7654 32 to"
    assert READER.read(text) == "from [iban] and [iban] to"


@pytest.mark.parametrize(
    "text",
    [
        "DE88 3704 0044 0532 0130 00",
        "GB99 WEST 1234 5698 7654 32",
        "model AB12 3456 7890 1234 5678",
        "XX12 1234 1234 1234 1234",
    ],
)
def test_letters_and_digits_that_are_no_account_stay(text: str) -> None:
    assert READER.read(text) == text


@pytest.mark.parametrize(
    "phone",
    [
        "(415) 555-2671",
        "415-555-2671",
        "415.555.2671",
        "4155552671",
        "+1 415 555 2671",
        "+44 20 7946 0958",
        "+4915112345678",
        "+33 6 12 34 56 78",
    ],
)
def test_phone_numbers(phone: str) -> None:
    assert READER.read(f"call me at {phone} today") == "call me at [phone] today"


@pytest.mark.parametrize(
    ("region", "phone"),
    [("GB", "020 7946 0958"), ("DE", "0151 12345678"), ("FR", "06 12 34 56 78")],
)
def test_phone_numbers_without_country_code_are_those_of_the_region(
    region: str, phone: str
) -> None:
    text = f"call me at {phone} today"
    assert mask(text, region) == "call me at [phone] today"
    assert mask(text, "US") == text


@pytest.mark.parametrize(
    "text",
    [
        "order 4155552671",
        "Order number: 4155552671 is late",
        "my tracking no. 4155552671",
        "#4155552671",
        "ref #4155552671",
        "invoice id 4155552671",
        "order 10452",
        "it cost $1,234.56 on 2024-01-02 at 10:30",
        "tracking 1Z999AA10123456784",
        "size 42, 3 for 2, page 404",
    ],
)
def test_purchases_dates_and_prices_stay(text: str) -> None:
    assert READER.read(text) == text


def test_a_phone_number_after_an_order_number_is_still_masked() -> None:
    text = "order 4155552671, call (415) 555-2671"
    assert READER.read(text) == "order 4155552671, call [phone]"


@pytest.mark.parametrize("address", ["192.168.0.12", "8.8.8.8", "255.255.255.255"])
def test_ip_addresses(address: str) -> None:
    assert READER.read(f"from {address}, blocked") == "from [ip], blocked"


def test_everything_at_once() -> None:
    text = "ann@example.com 4111111111111111 DE89370400440532013000 10.0.0.1 +1 415 555 2671"
    assert READER.read(text) == "[email] [card] [iban] [ip] [phone]"


def test_masking_twice_changes_nothing() -> None:
    once = READER.read("ann@example.com, 4111111111111111 and +1 415 555 2671")
    assert READER.read(once) == once


@pytest.mark.parametrize(
    ("unit", "limit"),
    [
        ("a", 100_000),
        ("a@b", 4000),
        ("1 ", 4000),
        ("1", 4000),
        ("AB12 3456 ", 4000),
        ("415-", 4000),
        ("order 415-555-2671 ", 4000),
    ],
)
def test_a_long_message_is_masked_in_time(unit: str, limit: int) -> None:
    start = time.process_time()
    Reader(limit, "US").read(unit * limit)
    # A pattern that looks again from every letter takes half a minute.
    assert time.process_time() - start < 2
