"""The stories of tests/assistant/stories that are about mood, told to the real assessment."""

import re

import pytest
import yaml
from talker import Talker

from amends.settings import ROOT

pytestmark = pytest.mark.timeout(900)

REFERENCE = re.compile(r"\bAM-[A-Z0-9]{6}\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STORIES = yaml.safe_load(
    (ROOT / "tests" / "assistant" / "stories" / "mood.yml").read_text(encoding="utf-8")
)["stories"]


@pytest.fixture
def talker(assistant):
    with Talker(assistant) as one:
        yield one


def turns(steps):
    found: list[list[dict]] = []
    for step in steps:
        if "user" in step:
            found.append([])
        found[-1].append(step)
    return found


@pytest.mark.parametrize("story", [pytest.param(one, id=one["story"]) for one in STORIES])
def test_story_holds_with_what_was_really_felt(talker, story) -> None:
    for turn in turns(story["steps"]):
        text = turn[0]["user"].strip()
        wanted = [step["action"] for step in turn if "action" in step]
        # The web channel does not come to Rasa while somebody waits.
        expected = [action for action in wanted if action != "action_wait"]
        told = talker.says(text)
        assert told.actions == expected, (text, talker.slot("triage"), told.text)


@pytest.mark.parametrize(
    "text",
    [
        "THIS IS A DISGRACE, I HAVE WAITED FOR SIX WEEKS AND YOU KEEP LYING TO ME",
        "You people are the worst, I am beyond furious and will never buy here again",
    ],
)
def test_anger_reaches_a_person_with_a_reference(talker, assistant, text: str) -> None:
    told = talker.says(text)
    assert told.actions == ["action_escalate"], (talker.slot("triage"), told.text)
    (reference,) = assistant.tickets(talker.sender)
    assert reference in told.text
    assert "!" not in told.text


@pytest.mark.parametrize("sarcasm", ["Oh lovely, a whole month of waiting. You must be so proud."])
def test_sarcasm_is_not_taken_for_praise(talker, sarcasm: str) -> None:
    told = talker.says(sarcasm)
    assert told.actions in (["action_answer_complaint"], ["action_escalate"]), told.text


def test_two_close_categories_are_asked_about_with_buttons(talker, assistant) -> None:
    asked = talker.says("the lamp was not in the box although the box was crushed")
    assert asked.actions == ["action_clarify"], (talker.slot("triage"), asked.text)
    assert len(asked.buttons) >= 2
    told = talker.presses(asked.buttons[0], asked)
    assert told.actions != ["action_clarify"]
    assert len(told.text) > 10
    assert assistant.tickets(talker.sender) == []


def test_not_understood_is_helped_and_then_a_person(talker, assistant) -> None:
    first = talker.says("that thing over there, with the other one")
    second = talker.says("well, you know the one, that one there")
    assert first.text != second.text
    assert second.buttons, "what the assistant can do, to choose from"
    third = talker.says("that thing over there, with the other one")
    assert assistant.tickets(talker.sender), (talker.slot("triage"), third.text)
    assert assistant.tickets(talker.sender)[0] in third.text


def test_chinese_is_handed_over_in_chinese(assistant) -> None:
    with Talker(assistant, "zh") as talker:
        told = talker.says("我的包裹三个星期了还没有到 请帮我查一下")
        assert told.actions == ["action_escalate"]
        (reference,) = assistant.tickets(talker.sender)
        assert reference in told.text
        assert CHINESE.search(told.text), told.text


def test_a_language_that_nobody_here_speaks_reaches_a_person(talker, assistant) -> None:
    told = talker.says("Hol marad a csomagom? Három hete várok rá, és senki sem válaszol.")
    assert told.actions == ["action_escalate"], (talker.slot("triage"), told.text)
    assert len(assistant.tickets(talker.sender)) == 1


def test_a_policy_is_quoted_with_its_line_and_nothing_is_invented(talker) -> None:
    told = talker.says("how long does standard delivery take?")
    assert re.search(r'"[^"]+" \([^,]+,\s+line\s+\d+\)', told.text), told.text
    unknown = talker.says("which ways to pay do you accept, can I pay with sea shells?")
    assert "sea shells" not in unknown.text
