"""The scripted conversations, and the messages that are drawn for them."""

import re
from collections import Counter
from itertools import product

import pytest

from amends.settings import ROOT
from nlu.policy_file import read_policy_file

ORDER_FACTS = {"number", "email", "spaced", "city", "street", "article", "stranger"}
OTHER = {"tweet", "lines", "braces"}


@pytest.fixture
def scripts(script):
    return script("bench_dialogue_scripts")


@pytest.fixture
def tweets(script):
    """Every combination of labels, and as many messages that have none."""
    rows = [
        {"id": f"{n}", "text": f"text {n}", "complaint": c, "polarity": p, "intensity": i}
        | {"escalate": e}
        for n, (c, p, i, e) in enumerate(
            product(
                "01",
                ("negative", "neutral", "positive"),
                ("weak", "medium", "strong", "extreme"),
                ("yes", "no"),
            )
        )
    ]
    rows += [{"id": f"u{n}", "text": f"bare {n}", "complaint": f"{n % 2}"} for n in range(10)]
    return script("bench_dialogue_tweets").Tweets(rows)


def test_there_are_enough_conversations_of_each_group(scripts):
    found = Counter(one.group for one in scripts.read_scripts())
    assert found["calm"] >= 30
    assert found["angry"] >= 30
    assert found["unhappy"] >= 12
    assert found.total() >= 66


def test_both_groups_have_other_peoples_messages_in_them(scripts):
    drawing = Counter(one.group for one in scripts.read_scripts() if one.draws)
    assert drawing["calm"] >= 8
    assert drawing["angry"] >= 12


def test_every_angry_conversation_says_by_when_and_no_calm_one_calls_a_person(scripts):
    for one in scripts.read_scripts():
        if one.group == "angry":
            assert one.escalated, one.name
            assert one.escalated <= len(one.says), one.name
        if one.group == "calm":
            assert one.escalated is None, one.name
            assert not one.goes_on, one.name


def test_who_is_furious_in_other_peoples_words_goes_on_in_them_alone(scripts):
    furious = [
        one
        for one in scripts.read_scripts()
        if one.group == "angry"
        and re.search(r"escalate=1|intensity=(strong|extreme)", " ".join(one.says))
    ]
    assert len(furious) >= 18
    for one in furious:
        assert len(one.goes_on) == 2, one.name
        assert all(re.fullmatch(r"\{tweet: [^{}]+\}", text) for text in one.goes_on), one.name


def test_what_is_gone_on_with_is_drawn_when_it_is_planned(script, scripts, tweets):
    fields = {"name": "one", "about": "x", "group": "angry", "says": ["hi"], "escalated": 1}
    planned = script("bench_dialogue_talk")._planned
    one = scripts.Script.model_validate(fields | {"goes_on": ["{tweet: complaint=1}"] * 2})
    drawn = [planned(one, tweets, None).goes_on for _ in range(2)]
    again = script("bench_dialogue_tweets").Tweets(tweets.rows)
    assert [planned(one, again, None).goes_on for _ in range(2)] == drawn
    assert len({text for texts in drawn for text in texts}) == 4
    assert one.draws


def test_every_placeholder_is_known_and_every_wish_finds_messages(scripts, tweets):
    for one in scripts.read_scripts():
        for name, argument in one.placeholders():
            assert name in ORDER_FACTS | OTHER, one.name
            assert name not in ORDER_FACTS or one.order is not None, one.name
            if name == "tweet":
                assert tweets.draw(argument)


def test_every_heading_stands_in_the_shops_policies(scripts):
    file = read_policy_file(ROOT / "templates" / "policies" / "en.md")
    known = {section.heading for section in file.sections}
    wanted = {head for one in scripts.read_scripts() if one.solved for head in one.solved.policy}
    assert wanted
    assert wanted <= known


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("group: calm\n", "'conversations'"),
        ("group: cheerful\nconversations:\n- {name: a, says: [hi]}\n", "Input should be 'calm'"),
        ("group: calm\nconversations:\n- {name: a, says: [hi], solvd: {}}\n", "solvd"),
        ("group: calm\nconversations:\n- {name: a, says: [hi], solved: {}}\n", "one of deed"),
        ("group: [", "expected"),
    ],
)
def test_a_script_that_is_not_as_expected_is_refused(script, scripts, tmp_path, text, found):
    (tmp_path / "mine.yml").write_text(text)
    with pytest.raises(script("bench_servers").BenchError) as caught:
        scripts.read_scripts(tmp_path)
    assert "mine.yml: expected `group` and `conversations`" in str(caught.value)
    assert found in str(caught.value)


def test_two_conversations_of_one_name_are_refused(script, scripts, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(
            "group: calm\nconversations: [{name: hello, says: [hi]}]"
        )
    with pytest.raises(script("bench_servers").BenchError, match="found twice: hello"):
        scripts.read_scripts(tmp_path)


def test_a_message_comes_again_only_after_all_others(tweets):
    drawn = [tweets.draw("intensity=extreme, escalate=1") for _ in range(6)]
    assert len(set(drawn)) == 6
    assert tweets.draw("intensity=extreme, escalate=1") in drawn


def test_one_seed_draws_the_same_and_another_one_others(script, tweets):
    kind = script("bench_dialogue_tweets").Tweets
    same, other = kind(tweets.rows), kind(tweets.rows, seed=1)
    drawn = [tweets.draw("complaint=1") for _ in range(20)]
    assert [same.draw("complaint=1") for _ in range(20)] == drawn
    assert [other.draw("complaint=1") for _ in range(20)] != drawn


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("mood=bad", "expected a wish such as"),
        ("complaint", "expected a wish such as"),
        ("complaint=7", "expected messages with 'complaint=7', found none"),
    ],
)
def test_a_wish_that_nothing_fits_is_an_error(script, tweets, wish, message):
    with pytest.raises(script("bench_servers").BenchError, match=message):
        tweets.draw(wish)


def test_the_label_files_are_put_together(script, tmp_path):
    (tmp_path / "complaint_labels.csv").write_text(
        "id,text,category,polarity,intensity,escalate\n7,mine is late,,negative,strong,yes\n"
    )
    (tmp_path / "complaint_tweets.csv").write_text(
        "id,text,complaint,domain\n7,mine is late,1,food\n8,good morning,0,food\n"
    )
    tweets = script("bench_dialogue_tweets").Tweets.of(tmp_path)
    assert tweets.draw("complaint=1, escalate=1") == "mine is late"
    assert tweets.draw("complaint=0") == "good morning"


@pytest.mark.parametrize(
    ("said", "titles", "answer"),
    [
        ("Cancel it?", ["Yes", "No"], "Yes"),
        ("Which one?", ["1. 2 × Harbour mug", "2. 1 × Oak board", "Stop"], "1. 2 × Harbour mug"),
        ("What is the order number?", [], "20417"),
        ("Thank you. And which e-mail address did you order with?", [], "kim@example.com"),
        ("I have your order number. Which article is it?", [], "Harbour mug"),
        ("How many would you like?", [], "2"),
        ("Where should it go? Please send the street.", [], "Lindenweg 7, 10115 Berlin"),
        ("Would you like a person to look at it?", ["Yes", "No"], None),
        ("What colour is it?", [], "red"),
        ("Have a nice day.", [], None),
    ],
)
def test_a_shopper_answers_what_is_asked(script, scripts, said, titles, answer):
    talk, shopper = script("bench_dialogue_talk"), script("bench_shopper")
    facts = {"number": "20417", "email": "kim@example.com", "article": "Harbour mug"}
    on = scripts.GoOn(answers={"colour": "red"})
    turn = shopper.Turn("id", 0.1, [said], titles=titles)
    assert talk.answer(on, turn, facts) == answer


def test_conversations_that_draw_are_spoken_until_there_are_enough(script, scripts):
    def one(name, group, text):
        fields = {"name": name, "about": "x", "group": group, "says": [text]}
        return scripts.Script.model_validate(fields)

    known = [
        one("plain", "calm", "hi"),
        one("drawn", "calm", "{tweet: complaint=0}"),
        one("angry", "angry", "{tweet: escalate=1}"),
        one("odd", "unhappy", "{tweet: complaint=0}"),
    ]
    spoken = script("bench_dialogue").often_enough(known, rounds=2, least=7)
    count = Counter(found.name for found in spoken)
    assert count == {"plain": 1, "drawn": 6, "angry": 7, "odd": 2}
