import csv

import numpy as np
import pytest

from assistant.tuning.measure import load, measure, over_seeds, read

REQUESTS = [("I need my cash returned", "get_refund"), ("refund me", "get_refund"),
            ("cancel it", "cancel_order"), ("drop order 12345", "cancel_order")]  # fmt: skip
TWEETS = [("what a goal", "0", "random_tweet"), ("nice shop", "0", "retail"),
          ("it broke", "1", "retail")]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    write(tmp_path / "support_intents.csv", ("text", "intent"), REQUESTS)
    write(tmp_path / "complaint_tweets.csv", ("text", "complaint", "domain"), TWEETS)
    return tmp_path


def write(path, columns, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def fake_parse(text):
    """Knows the word "refund"; takes what is short for nothing, as the fallback does."""
    first = "get_refund" if "refund" in text else "cancel_order"
    ranking = [{"name": first}, {"name": "greet"}]
    if text == "cancel it":
        ranking = [{"name": "nlu_fallback"}, *ranking]
    known = any(word in text for word in ("cancel", "refund", "order"))
    return {"intent": ranking[0], "intent_ranking": ranking, "in_scope": 0.9 if known else 0.1}


def test_figures_of_clean_requests(data):
    figures = measure(fake_parse, data)
    clean = figures["clean"]
    assert (clean["rows"], clean["accuracy"], clean["turned_away"]) == (4, 0.5, 0.25)
    assert clean["first_guess_accuracy"] == 0.75
    assert figures["recall"]["get_refund"]["clean"] == 0.5
    assert figures["confusions"] == [
        {"intent": "get_refund", "taken_for": "cancel_order", "rows": 1},
        {"intent": "cancel_order", "taken_for": "nlu_fallback", "rows": 1},
    ]


def test_scope_is_told_on_tweets_that_complain_of_nothing(data):
    figures = measure(fake_parse, data)["out_of_scope"]
    assert [figures[name]["tweets"] for name in ("random", "no_complaint")] == [1, 2]
    assert figures["random"]["auroc"] == 0.875


def test_sentences_are_not_told(data):
    told = str(measure(fake_parse, data))
    assert not any(text in told for text, *_ in [*REQUESTS, *TWEETS])


def test_seeds_are_summed_up_as_mean_and_spread():
    summed = over_seeds([{"accuracy": 0.8}, {"accuracy": 0.9}, {"accuracy": 0.85}])["accuracy"]
    assert summed["each"] == [0.8, 0.9, 0.85]
    assert np.allclose([summed["mean"], summed["spread"]], [0.85, 0.1])


def test_a_missing_file_or_column_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"found no such file\. Name its folder with --data"):
        read(tmp_path / "support_intents.csv", ("text",))
    write(tmp_path / "other.csv", ("text",), [("hi",)])
    with pytest.raises(SystemExit, match="expected rows with text, intent, found no intent"):
        read(tmp_path / "other.csv", ("text", "intent"))


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"expected a model at .*, found none"):
        load(tmp_path / "none.tar.gz")
