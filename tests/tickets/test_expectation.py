"""What a shopper who waits is told of the time, and by which words they get out."""

from datetime import datetime

import pytest

from amends.settings import get_settings
from tickets.expectation import expectation
from tickets.notices import asks_for_assistant, notice, waiting_notice, wording

WEEK = "Mo-Fr 09:00-17:00; Sa 10:00-13:00"
FRIDAY, SATURDAY = "2026-11-27", "2026-11-28"


def said(at, before=0, hours=WEEK, zone="Europe/Rome", language="en"):
    changes = {"opening_hours": hours, "time_zone": zone, "language": language}
    settings = get_settings().model_copy(update=changes)
    return expectation(settings, before, datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (f"{FRIDAY}T10:00+01:00", "Our team is there until 17:00 today."),
        (f"{FRIDAY}T08:00+01:00", "Our team is back today at 09:00."),
        (f"{FRIDAY}T17:00+01:00", "Our team is back tomorrow at 10:00."),
        (f"{SATURDAY}T13:30+01:00", "Our team is back on Monday at 09:00."),
        # The same moment, as a server in another time zone has it.
        (f"{FRIDAY}T15:59+00:00", "Our team is there until 17:00 today."),
        (f"{FRIDAY}T23:30+00:00", "Our team is back today at 10:00."),
    ],
)
def test_hours_are_said_in_the_shops_time_zone(at, words):
    assert said(at) == f"{words} Nobody is waiting before you."


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("24/7", ""),
        ("24/7 off", "Our team is not there at the moment. "),
        ("2026 Dec 22-31 09:00-17:00", "Our team is back on 22 December at 09:00. "),
        ("22:00-02:00", "Our team is back today at 22:00. "),
        ("Mo-Su 00:00-24:00", ""),
        ('Mo-Fr 09:00-12:00 "phone", Mo-Fr 12:00-17:00', "Our team is there until 17:00 today. "),
    ],
)
def test_hours_of_every_shape(hours, words):
    assert said(f"{FRIDAY}T10:00+01:00", hours=hours) == f"{words}Nobody is waiting before you."


def test_summer_time_moves_the_clock_and_not_the_hours():
    """The clocks go back in the night to Sunday, 25 October."""
    assert said("2026-10-24T20:00+02:00", hours="Su 09:00-17:00").startswith(
        "Our team is back tomorrow at 09:00."
    )
    assert said("2026-10-25T08:59+01:00", hours="Su 09:00-17:00").startswith(
        "Our team is back today at 09:00."
    )


def test_utc_is_named_because_no_clock_on_a_wall_shows_it():
    assert "until 17:00 UTC today" in said(f"{FRIDAY}T10:00+00:00", zone="UTC")


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (0, "Nobody is waiting before you."),
        (1, "One person wrote before you."),
        (12, "12 people wrote before you."),
    ],
)
def test_queue_is_counted(before, words):
    assert said(f"{FRIDAY}T10:00+01:00", before).endswith(f"today. {words}")


def test_chinese_and_a_language_without_words():
    assert said(f"{SATURDAY}T14:00+01:00", 2, language="zh") == (
        "客服周一09:00上线。您前面还有2位顾客在等候。"
    )
    assert said(f"{FRIDAY}T10:00+01:00", language="fi").startswith("Our team is there")


def test_every_language_has_every_key():
    english, chinese = wording("en"), wording("zh")
    assert english.keys() == chinese.keys()
    assert english["expectation"].keys() == chinese["expectation"].keys()
    assert len(chinese["expectation"]["weekdays"]) == 7
    assert len(chinese["expectation"]["months"]) == 12


@pytest.mark.parametrize(
    "text", ["assistant, please", " ASSISTANT please!! ", "Assistant,please.", "请助手回答。"]
)
def test_the_phrase_gets_out_however_it_is_typed(text):
    assert asks_for_assistant(text)


@pytest.mark.parametrize(
    "text",
    ["", "assistant", "no assistant, please", "assistant, please help me", "a person, please", "!"],
)
def test_other_words_do_not_get_out(text):
    assert not asks_for_assistant(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_notice_of_waiting_says_the_way_out(language):
    said = waiting_notice("Ours are {back} soon.", language)
    assert wording(language)["back_phrase"] in said
    assert "Ours are {back} soon." in said


@pytest.mark.parametrize("kind", ["joined", "left", "released", "back"])
def test_a_name_is_never_a_pattern_and_may_be_unknown(kind):
    named = notice(kind, "{0} {x} Anna", "en")
    assert ("{0} {x} Anna" in named) == (kind != "back")
    if kind != "joined":
        assert "{" not in notice(kind, None, "en")
