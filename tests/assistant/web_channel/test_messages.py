"""What a browser sends is read strictly."""

import pytest

from assistant.web_channel.messages import rated, typed
from assistant.web_channel.refusals import RefusedError

ID = "0b7a1c52-5c5e-4b6e-9d0a-0123456789ab"


def data(**changes):
    return {"id": ID, "text": "hello", "attachment": None, **changes}


def test_a_message_is_read():
    assert typed(data(), 4000).text == "hello"
    assert typed({"id": ID, "text": "hello"}, 4000).attachment is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("/restart", "restart"),
        (' / //\n /complaint{"a": 1}', 'complaint{"a": 1}'),
        ("\x00/restart", "restart"),
        ("a\x00b\x1bc\x7f", "abc"),
        ("one\n\ttwo  ", "one\n\ttwo"),
        ("half \ud83d of a pair", "half ? of a pair"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("مرحبا 👋", "مرحبا 👋"),
        ("50 / 50", "50 / 50"),
    ],
)
def test_a_text_is_what_a_person_wrote(said, read):
    found = typed(data(text=said), 4000).text
    assert found == read
    found.encode()


BAD = {
    "nothing": None,
    "a text": "hello",
    "a list": ["hello"],
    "no text": {"id": ID},
    "text that is none": data(text=["hello"]),
    "bytes": data(text=b"hello"),
    "empty": data(text=""),
    "only blanks": data(text=" \n "),
    "only slashes": data(text=" // / "),
    "no id": {"text": "hello"},
    "a number as id": data(id=7),
    "an empty id": data(id=""),
    "a long id": data(id="a" * 65),
    "markup as id": data(id="<script>alert"),
    "an id with a new line": data(id=ID + "\n"),
    "an attachment that is none": data(attachment={"id": "x"}),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_what_is_no_message_is_refused(given):
    with pytest.raises(RefusedError, match="bad_message"):
        typed(given, 4000)


def test_a_long_one_is_refused_as_long():
    assert len(typed(data(text="é" * 4000), 4000).text) == 4000
    with pytest.raises(RefusedError, match="too_long"):
        typed(data(text="é" * 4001), 4000)


def test_a_file_needs_no_words():
    assert typed(data(text="", attachment="f1"), 4000).attachment == "f1"


@pytest.mark.parametrize("score", [1, 5])
def test_a_rating_is_read(score):
    assert rated({"id": ID, "score": score}).score == score


@pytest.mark.parametrize("score", [0, 6, -1, True, 3.0, "3", None, [3]])
def test_another_score_is_refused(score):
    with pytest.raises(RefusedError, match="bad_message"):
        rated({"id": ID, "score": score})


@pytest.mark.parametrize("given", [None, "5", {"score": 5}, {"id": "", "score": 5}])
def test_what_is_no_rating_is_refused(given):
    with pytest.raises(RefusedError, match="bad_message"):
        rated(given)


def test_a_card_number_is_never_in_what_was_read():
    found = typed(data(text="/pay 4111111111111111"), 4000)
    assert (found.text, found.had_card) == ("pay [card]", True)
    assert not typed(data(text="[card]"), 4000).had_card
