"""What should not be typed into a chat, through the web channel, with all servers behind it."""

import pytest
from talker import Talker

pytestmark = pytest.mark.timeout(900)

CARD = "5500 0055 5555 5559"
INJECTIONS = (
    "eve@example.com' OR '1'='1",
    "x@example.com\r\nBcc: everybody@example.com",
    "{{7*7}}@example.com",
    "eve@example.com;DROP TABLE orders",
    "<script>alert(1)</script>@example.com",
)


@pytest.fixture
def talker(assistant):
    with Talker(assistant) as one:
        yield one


def holders(folder, *texts: str) -> list[str]:
    """Files that hold one of the texts."""
    found = [one for one in folder.rglob("*") if one.is_file() and "encoder" not in one.parts]
    wanted = [text.encode() for text in texts]
    return [str(one) for one in found if any(text in one.read_bytes() for text in wanted)]


@pytest.mark.parametrize("before", [None, "where is my order?", "a person, please"])
def test_a_card_number_is_told_and_kept_nowhere(talker, assistant, before: str | None) -> None:
    if before:
        talker.says(before)
    turn = talker.says(f"take it from my card {CARD} 11/28 737")
    assert turn.ack == {"ok": True, "text": "take it from my card [card]"}
    assert turn.shown[0]["role"] == "notice"
    assert "card number" in turn.shown[0]["text"]
    history = talker.reloads()
    assert next(one["text"] for one in history if "card" in one["text"]).endswith("[card]")
    assert sum(one["text"] == turn.shown[0]["text"] for one in history) == 1
    assert holders(assistant.state, CARD, CARD.replace(" ", ""), "5555 5559") == []


def test_a_card_number_is_said_to_be_gone_in_chinese(assistant) -> None:
    with Talker(assistant, "zh") as talker:
        assert "银行卡号" in talker.says(CARD).of("notice")[0]


def test_an_address_that_was_typed_to_verify_is_in_no_log(talker, assistant) -> None:
    talker.says("where is my order A10234?")
    talker.says("robin.nobody@example.com")
    logs = assistant.state / "logs"
    assert list(logs.iterdir())
    assert holders(logs, "robin.nobody") == []
    assert "robin.nobody" not in assistant.output.read_text()


@pytest.mark.parametrize("text", INJECTIONS, ids=lambda text: text[:12])
def test_an_address_with_an_injection_opens_nothing(talker, text: str) -> None:
    talker.says("where is my order A10234?")
    told = talker.says(text).text
    assert len(told) > 10
    assert not any(word in told for word in ("Fell Couriers", "49", "<script>", "everybody")), told


@pytest.mark.parametrize("form", [None, "where is my order?"])
@pytest.mark.parametrize(
    "text", ["/restart", "/session_start", "{{7*7}}", "{% for x in y %}z{% endfor %}"]
)
def test_commands_and_templates_are_words(talker, form: str | None, text: str) -> None:
    if form:
        talker.says(form)
    told = talker.says(text)
    assert len(told.text) > 10
    assert "49" not in told.text
    assert (talker.form == "track_order_form") is bool(form)


@pytest.mark.parametrize("form", [None, "where is my order?"])
def test_thirty_messages_in_a_second(talker, form: str | None) -> None:
    taken_before = 1 if form else 0
    if form:
        talker.says(form)
    acks, answers = talker.floods([f"purple monkeys juggle {number}" for number in range(30)])
    refused = [ack for ack in acks if not ack["ok"]]
    assert 30 - len(refused) >= 7 - taken_before
    assert all(ack["code"] == "too_many" and "Please wait" in ack["words"] for ack in refused)
    assert all(len(answer) > 10 for answer in answers)
    said = [one for one in talker.reloads() if one["role"] == "shopper"]
    assert len(said) == 30 - len(refused) + taken_before
    numbers = [int(one["text"].split()[-1]) for one in said[taken_before:]]
    assert numbers == sorted(numbers)
