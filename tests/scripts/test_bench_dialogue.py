"""The scripted conversations and what the benchmark makes of them."""

import json
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


MEASURED = {
    "train_seconds": 41.0,
    "clean": {"rows": 10, "accuracy": 0.93, "macro_f1": 0.9, "first_guess_accuracy": 0.94},
    "noisy": {"accuracy": {"mean": 0.87, "spread": 0.01}, "macro_f1": {"mean": 0.8}},
    "out_of_scope": {
        "random": {"auroc": 0.95, "turned_away": 0.9},
        "no_complaint": {"auroc": 0.91},
    },
    "parse_ms": {"p50": 5.1, "p95": 6.0},
    "confusions": [{"intent": "review", "taken_for": "praise", "rows": 3}],
}


@pytest.fixture
def measured(script, program, tmp_path, monkeypatch):
    """Run the part on intents with a measuring program that prints this."""

    def run(body):
        intents = script("bench_dialogue_intents")
        monkeypatch.setattr(intents, "RASA_PYTHON", program(tmp_path / "python", body))
        results = script("bench_dialogue_page").Results()
        intents.add_intents(results, tmp_path)
        return results

    return run


def test_the_page_has_the_intents_and_says_what_misses_its_aim(script, measured, tmp_path):
    (tmp_path / "found.json").write_text("Rasa says hello\n" + json.dumps(MEASURED, indent=2))
    results = measured(f"cat {tmp_path / 'found.json'}")
    page = script("bench_dialogue_page").page(results, ["--data", "../shared/data"])
    assert "by `make bench-dialogue` on " in page
    assert "| intents, accuracy | ≥ 0.92 | 0.930 | met |" in page
    assert "| intents, accuracy with typos and slang | ≥ 0.88 | 0.870 | **missed** |" in page
    assert "| Rasa trains | ≤ 60 s | 41 s | met |" in page
    assert "| missed escalations, angry conversations | ≤ 5 % | not measured |  |" in page
    assert "review taken for praise: 3." in page


def test_intents_that_cannot_be_measured_are_an_error_that_says_why(script, measured):
    with pytest.raises(script("bench_servers").BenchError) as caught:
        measured("echo 'no encoder' >&2; exit 1")
    assert "assistant.tuning.measure to print figures, found: no encoder" in str(caught.value)


def test_figures_that_are_missing_are_an_error(script, measured):
    with pytest.raises(script("bench_servers").BenchError, match="found no clean"):
        measured("printf '{\\n}'")


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 100, 0.0, 3.7), (5, 100, 2.2, 11.2), (0, 0, 0.0, 100.0)]
)
def test_the_interval_is_wilsons(script, count, of, low, high):
    found = script("bench_dialogue_page").wilson(count, of)
    assert found == pytest.approx((low, high), abs=0.05)


@pytest.fixture
def spoken_page(script, scripts):
    """The page of a few conversations that went in several ways."""
    judging, paging = script("bench_dialogue_judge"), script("bench_dialogue_page")

    def verdict(name, group, at, by, **more):
        says = ["hi", "{tweet: escalate=1}", "hi"] if name == "furious" else ["hi"] * 3
        fields = {"name": name, "about": f"{group}_x", "group": group, "says": says}
        fields |= {"escalated": by, "solved": more.pop("solution", None)}
        defaults = {"solved": None, "wrong": (), "untrue": (), "silent": (), "sorry": ()}
        known = {"seconds": (0.1, 0.2), "turns": 3, "escalated": at}
        return judging.Verdict(scripts.Script.model_validate(fields), **defaults | known | more)

    verdicts = [
        verdict("furious", "angry", 2, 2),
        verdict("furious", "angry", None, 2),
        verdict("pleased", "calm", None, None, solution={"deed": "cancel"}, solved=4),
        verdict("pleased", "calm", 1, None, solution={"deed": "cancel"}, wrong=("not solved",)),
        verdict("stops", "unhappy", None, 0, untrue=("cancelled",), silent=(2,)),
    ]
    return paging.page(paging.Results(verdicts=verdicts, seed=3, rounds=5), ["--only", "x"])


@pytest.mark.parametrize(
    "line",
    [
        "by `.venv/bin/python scripts/bench_dialogue.py --only x` on ",
        "| missed escalations, angry conversations | ≤ 5 % | 50.0 % | **missed** |",
        "| angry, a person not called in time | 2 | 1 | 50.0 | 9.5–90.5 |",
        "| calm, a person called for nothing | 2 | 1 | 50.0 | 9.5–90.5 |",
        "| form: cancel | 1 of 2 | 4 | 4 |",
        "| angry, x | 2 | 1 |",
        "| angry with other people's messages | 2 | 1 | 50.0 | 9.5–90.5 |",
        "| angry in words of our own | 0 | 0 | – | 0.0–100.0 |",
        "round by round: missed 0 of 1, 1 of 1; for nothing",
        "| sent | 15 |",
        "| answered, or kept for the person who is waited for | 14 |",
        "| furious | 1 | 2 | a person not called by message 2 |",
        "| pleased | 1 | 2 | a person called for nothing |",
        "| stops | 1 | 1 | says what is not so: cancelled |",
        "| 10 | 150 | 200 | 200 |",
        "Not measured: not measured",
    ],
)
def test_the_page_names_what_went_wrong_by_conversation(spoken_page, line):
    assert line in spoken_page


def test_the_page_has_no_row_cut_off(spoken_page):
    for line in spoken_page.splitlines():
        assert not line.startswith("|") or line.endswith("|")
    assert "\n\n\n" not in spoken_page
