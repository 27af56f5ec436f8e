"""Numbers and addresses as shoppers type them, and what is none."""

import time

import pytest

from amends.orders.numbers import email_in, normalised, order_number_in

WIDE = 0xFEE0
FULL_WIDTH = {ord(sign): ord(sign) + WIDE for sign in "Aa0123456789#@"}
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(
    "text",
    [
        "A10234",
        "a10234",
        " a10234. ",
        "#A10234",
        "# a 10 234",
        "A-10234",
        "A 10-234",
        "A.10.234",
        "“A10234”",
        "A10234!",
        "A10234".translate(FULL_WIDTH),
        "A10234".translate(ARABIC),
        "A10\u200b234",
        "A10\u201323\u20114",
        "order a10234",
        "My order is A10234, where is it?",
        "my order number is A10 234",
        "Order no. A10234",
        "order nr: A10234",
        "it's order #A10234 from 12 November 2026",
        "A10234 of 12/11/2026 for € 64.00",
        "Please cancel A10234 for me",
        "reference: A10234, call me on +44 20 7946 0018",
        "order A10234 went to 10115 Berlin",
        "A10234 anna@example.com",
        "我的订单号是A10234",
        "订单A10234还没到",
        "A10234 and again A10234",
    ],
)
def test_a_number_is_found_however_it_is_typed(text):
    assert order_number_in(text) == "A10234"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10 234", "10234"),
        ("order number is 10 234", "10234"),
        ("#727", "727"),
        ("727", "727"),
        ("It is 10234 from last week", "10234"),
        ("order no 12 please", "12"),
        ("order 1234 please", "1234"),
        ("no. 4711", "4711"),
        ("10234".translate(FULL_WIDTH), "10234"),
        ("Bestellnummer 10234", "10234"),
        ("order 2026", "2026"),
        ("the order of 2025 was 10234", "10234"),
    ],
)
def test_plain_digits_are_numbers_too(text, number):
    assert order_number_in(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "Where is my order?",
        "I ordered 2 mugs",
        "I paid € 1,234.56",
        "£1200 is a lot",
        "1200 euros are gone",
        "2026-11-28",
        "28.11.2026",
        "my order 5.11. never came",
        "an order of 12/11",
        "it was the 28th of November 2026",
        "Nov 28, 2026",
        "since 2025",
        "at 10:34",
        "+44 20 7946 0018",
        "(415) 555-0100",
        "020 7946 0018",
        "4111 1111 1111 1111",
        "my card is 4111111111111111",
        "SW1A 1AA",
        "my postcode is 10115",
        "10115 Berlin",
        "Springfield, IL 62704",
        "anna1234@example.com",
        "https://shop.example/track/123456",
        "it is 100% broken",
        "order A10234 or order A10235",
        "{{ 7*7 }}",
        "/order",
        "I want to order 2 mugs",
        "cancel the order with 2 mugs",
        "I ordered a 10 cm pan",
    ],
)
def test_what_is_no_number_or_not_one_alone_is_none(text):
    assert order_number_in(text) is None


def test_an_injection_leaves_the_bare_number():
    assert order_number_in("A10234' OR 1=1 --") == "A10234"


@pytest.mark.parametrize("part", ["1 ", "a", "order ", "@", "order ,,", "+1 (", "number is ("])
def test_long_nonsense_is_read_fast(part):
    text = part * 20_000
    start = time.perf_counter()
    assert order_number_in(text) is None
    assert email_in(text) is None
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "text", ["#a 10-234", "A10234", "a10234".translate(FULL_WIDTH), "a10\u00a0234"]
)
def test_normalised_is_digits_and_capitals_alone(text):
    assert normalised(text) == "A10234"


@pytest.mark.parametrize(
    "text",
    [
        "robin@example.com",
        "It is robin@example.com.",
        "robin@EXAMPLE.com",
        "<robin@example.com>",
        "mailto:robin@example.com",
        "“robin@example.com”, thanks",
        "robin@example.com robin@example.com",
        "robin@example.com".translate(FULL_WIDTH),
        "robin\u200b@example.com",
        "robin@example.com' OR 1=1",
        "A10234, robin@example.com",
    ],
)
def test_one_address_is_found(text):
    assert email_in(text) == "robin@example.com"


def test_capitals_before_the_at_are_kept_for_the_shop_to_compare():
    assert email_in("Robin.Tarn@Example.com") == "Robin.Tarn@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no address",
        "robin@",
        "@example.com",
        "robin at example.com",
        "robin@example",
        "robin@@example.com",
        "robin@example.com, alex@example.com",
        "robin@example.com\nBcc: alex@example.com",
        "robin@example.com%0aBcc:alex@example.com",
        "robin@example.com'OR'1'='1",
        "robin@example.com;DROP TABLE orders",
        "robin@localhost",
        "robin@127.0.0.1",
        f"{'r' * 65}@example.com",
        f"robin@{'e' * 250}.com",
        "{{robin}}@{{example}}.com",
        '"<script>"@example.com',
    ],
)
def test_no_false_address_and_not_one_of_several(text):
    assert email_in(text) is None
