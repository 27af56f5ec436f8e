"""Payment card numbers are taken out of a text; other numbers stay."""

import time

import pytest

from assistant.web_channel.cards import without_cards

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        CARD,
        "4111-1111-1111-1111",
        "4111 - 1111 - 1111 - 1111",
        "4111.1111.1111.1111",
        "4111\u20131111\u20131111\u20131111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u200b1111\u200b1111\u200b1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "\uff14\uff11\uff11\uff11\u3000"
        + "\uff11\uff11\uff11\uff11\u3000" * 2
        + "\uff11\uff11\uff11\uff11",
        "\u0664" + "\u0661" * 15,
        "\u096a" + "\u0967" * 15,
        "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15,
        "378282246310005",
        "3782 822463 10005",
        "3056 930902 5904",
        "5500000000000004",
        "2223 0031 2200 3222",
        "6759649826438453",
        "6304000000000000000",
        "4222222222222",
    ],
)
@pytest.mark.parametrize("around", ["{}", "my card is {}, thanks", "card{}!", "卡号{}。", "({})"])
def test_a_card_in_any_writing(number, around):
    assert without_cards(around.format(number)) == around.format("[card]")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{CARD} and 5500 0000 0000 0004", "[card] and [card]"),
        (f"{CARD} 5500000000000004", "[card] [card]"),
        (f"{CARD}\n{CARD}", "[card]\n[card]"),
        (f"order 77 {CARD}", "order 77 [card]"),
        (f"{CARD} 12/27 123", "[card]"),
        (f"{CARD}, exp 12/2027, CVC: 123 please", "[card] please"),
        (f"{CARD} cvv 1234", "[card]"),
        (f"{CARD} valid thru 01/30", "[card]"),
        (f"{CARD} for order 10342", "[card] for order 10342"),
        (f"{CARD}; I bought 2 of them", "[card]; I bought 2 of them"),
    ],
)
def test_several_and_what_stands_beside_them(text, kept):
    assert without_cards(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "order 10342",
        "order number 1034-2211-9",
        "4111 1111 1111 1112",
        "+44 20 7946 0958",
        "call me: 0049 (0)30 901820 or 020 7946 0018",
        "tracking 1Z999AA10123456784",
        "tracking 00340434161094042557",
        "10342\n10343\n10344\n10345",
        "DE89370400440532013001",
        "1" * 40,
        "on 2026-11-28 at 10:15:22",
        "{{7*7}} {% raw %}",
        "[card]",
        "cvc 123",
    ],
)
def test_other_numbers_stay(text):
    assert without_cards(text) == text


def test_what_passes_the_check_by_chance_is_taken_for_a_card():
    """One in ten numbers: rather one too many taken out than a card kept."""
    taken = sum(without_cards(f"{number:016d}") == "[card]" for number in range(1000))
    assert taken == 100


@pytest.mark.parametrize(
    "text",
    ["1 " * 2000, "4111" * 1000, f"{CARD} " * 200],
    ids=["ones", "one long", "many"],
)
def test_the_longest_message_is_read_in_no_time(text):
    began = time.perf_counter()
    without_cards(text)
    assert time.perf_counter() - began < 0.2
