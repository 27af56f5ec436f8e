"""The figures of the conversations and of the intents, and the page that they come to."""

import json
import sqlite3
from contextlib import closing

import pytest

from amends.settings import Settings

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


def test_messages_that_only_the_lexicon_scored_are_counted(script, tmp_path):
    scores = [None, {"valence": -1, "degraded": False}, {"valence": 0, "degraded": True}]
    events = [{"event": "slot", "name": "assessment", "value": value} for value in scores]
    events.append({"event": "slot", "name": "asked", "value": "assessment"})
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as database, database:
        database.execute("CREATE TABLE events (type_name TEXT, data TEXT)")
        rows = [("slot", json.dumps(one)) for one in events]
        database.executemany("INSERT INTO events VALUES (?, ?)", rows)
    assert script("bench_dialogue_scored").scored(Settings(state_dir=tmp_path)) == (2, 1)


@pytest.fixture
def spoken_page(script):
    """The page of a few conversations that went in several ways."""
    scripts = script("bench_dialogue_scripts")
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
        verdict("furious", "angry", 3, 2),
        verdict("grumbling", "angry", 3, 2),
        verdict("pleased", "calm", None, None, solution={"deed": "cancel"}, solved=4),
        verdict("pleased", "calm", 1, None, solution={"deed": "cancel"}, wrong=("not solved",)),
        verdict("stops", "unhappy", None, 0, untrue=("cancelled",), silent=(2,)),
    ]
    return paging.page(
        paging.Results(verdicts=verdicts, scored=(12, 3), seed=3, rounds=5), ["--only", "x"]
    )


@pytest.mark.parametrize(
    "line",
    [
        "by `.venv/bin/python scripts/bench_dialogue.py --only x` on ",
        "| missed escalations, angry conversations | ≤ 5 % | 25.0 % | **missed** |\n"
        "| angry, not called at the furious message itself | – | 75.0 % |  |",
        "| angry, a person never called | 4 | 1 | 25.0 | 4.6–69.9 |",
        "| angry, a person never called: with other people's messages | 3 | 1 | 33.3 | 6.1–79.2 |",
        "| angry, a person never called: in words of our own | 1 | 0 | 0.0 | 0.0–79.3 |",
        "| angry, not called at the furious message itself | 4 | 3 | 75.0 | 30.1–95.4 |",
        "| angry, not called at the furious message itself: with other people's messages | 3 | 2 |",
        "| angry, not called at the furious message itself: in words of our own | 1 | 1 |",
        "| calm, a person called for nothing | 2 | 1 | 50.0 | 9.5–90.5 |",
        "| form: cancel | 1 of 2 | 4 | 4 |",
        "| angry, x | 4 | 3 |",
        "| calm, a person called for nothing: with other people's messages | 0 | 0 | – |",
        "round by round: never called 0 of 1, 1 of 1, 0 of 1; not called at\n"
        "the furious message itself 0 of 1, 1 of 1, 1 of 1; called for nothing\nnone spoken.",
        "go on with up to two further complaints of other people's,\nspoken only where no person",
        "| sent | 21 |",
        "| of these by the lexicon, because the model was too slow | 3 |",
        "| answered, or kept for the person who is waited for | 20 |",
        "| furious | 1 | 3 | a person never called |",
        "| furious | 1 | 3 | a person called late (message 3 instead of 2) |",
        "| grumbling | 1 | 1 | a person called late (message 3 instead of 2) |",
        "| pleased | 1 | 2 | a person called for nothing |",
        "| stops | 1 | 1 | says what is not so: cancelled |",
        "| 14 | 150 | 200 | 200 |",
        "Not measured: not measured",
    ],
)
def test_the_page_names_what_went_wrong_by_conversation(spoken_page, line):
    assert line in spoken_page


def test_the_page_has_no_row_cut_off(spoken_page):
    for line in spoken_page.splitlines():
        assert not line.startswith("|") or line.endswith("|")
    assert "\n\n\n" not in spoken_page
