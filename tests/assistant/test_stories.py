"""Every story is spoken, through the real trained model; and there is one for every rule."""

import pytest
import yaml
from conftest import ROOT
from fake_actions import ASSESS, FORMS
from said import NOT_UNDERSTOOD, SAID

DATA = ROOT / "assistant" / "data"
TRAINED = sorted((DATA / "stories").glob("*.yml"))
ONLY_SPOKEN = sorted((ROOT / "tests" / "assistant" / "stories").glob("*.yml"))
TEXTS = SAID | {"nlu_fallback": NOT_UNDERSTOOD}
CALM = {"decision": "answer", "rule": "no_complaint"}


def read(files, kind):
    return [one for file in files for one in yaml.safe_load(file.read_text())[kind]]


def turns(steps):
    """The steps before the first message, then each message's with it in front."""
    found = [[]]
    for step in steps:
        if "intent" in step or "user" in step:
            found.append([])
        found[-1].append(step)
    return found


def of(turn, name):
    return [step[name] for step in turn if name in step]


def slots(turn):
    return {
        name: value
        for some in of(turn, "slot_was_set")
        for one in some
        for name, value in one.items()
    }


def prepare(actions, turn):
    """Tell the action server what to say of this message, and how each form goes on."""
    told = slots(turn)
    actions.triage = {"detail": "told by a story", **told.get("triage", CALM)}
    loops = of(turn, "active_loop")
    actions.next_form = dict.fromkeys(set(of(turn, "action")) & FORMS, *loops) if loops else {}


@pytest.mark.parametrize(
    "story",
    [pytest.param(one, id=one["story"]) for one in read(TRAINED + ONLY_SPOKEN, "stories")],
)
def test_story_holds_when_it_is_spoken(conversation, actions, parse, story):
    _, *spoken = turns(story["steps"])
    for turn in spoken:
        text = turn[0].get("user") or TEXTS[turn[0]["intent"]]
        if "intent" in turn[0]:
            assert parse(text)["intent"]["name"] == turn[0]["intent"]
        prepare(actions, turn)
        assert conversation.say(text) == [ASSESS, *of(turn, "action")], text
        for form in of(turn, "active_loop"):
            assert conversation.tracker().active_loop_name == form
        actions.talking = slots(turn).get("talking", actions.talking)


def pairs(steps):
    """Which action follows which intent."""
    _, *spoken = turns(steps)
    return {(turn[0].get("intent"), action) for turn in spoken for action in of(turn, "action")[:1]}


def test_every_rule_has_a_story():
    told = set().union(*(pairs(story["steps"]) for story in read(TRAINED, "stories")))
    rules = read(sorted((DATA / "rules").glob("*.yml")), "rules")
    assert rules
    lonely = [rule["rule"] for rule in rules if not pairs(rule["steps"]) <= told]
    assert lonely == [], "rules that no story of assistant/data/stories goes along"


def test_every_intent_has_one_rule():
    rules = read(sorted((DATA / "rules").glob("*.yml")), "rules")
    named = sorted(intent for rule in rules for intent, _ in pairs(rule["steps"]))
    intents = yaml.safe_load((ROOT / "domain.yml").read_text())["intents"]
    assert named == sorted([*intents, "nlu_fallback"])


def test_no_two_stories_have_one_name():
    names = [story["story"] for story in read(TRAINED + ONLY_SPOKEN, "stories")]
    assert len(names) == len(set(names))
