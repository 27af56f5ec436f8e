"""Measures the intents on other people's requests, which nothing was trained or chosen on.

Run in Rasa's environment, in the project's root, with the encoder exported:

    python -m assistant.tuning.measure --data ../shared/data [--model .amends/models/amends.tar.gz]

Without `--model` it trains one by `rasa train`, as `make run` does, and times that. It prints one
JSON object; names and figures only, none of the sentences:

    model           file that was measured
    train_seconds   wall seconds of `rasa train`; null with --model
    clean           on support_intents.csv: rows, accuracy, macro_f1 (what the pipeline says, where
                    a request that is turned away counts as wrong), first_guess_accuracy (before
                    the fallback), turned_away (share of the requests)
    noisy           the same requests with typos and slang (assistant/tuning/noise.py), a noise for
                    each of `seeds`: accuracy, macro_f1, first_guess_accuracy, turned_away, each as
                    {mean, spread (greatest less least), each}
    recall          by intent: rows, clean, noisy (mean of the seeds)
    confusions      of the clean requests, most frequent first: intent, taken_for, rows
    out_of_scope    how well `in_scope` of the parse output tells the requests from tweets to nobody
                    of complaint_tweets.csv: tweets, auroc, turned_away (share of the tweets that
                    get out_of_scope or the fallback); `random` are the tweets and replies drawn at
                    random, `no_complaint` adds messages to brands that are no complaint
    parse_ms        p50, p95 of one parse of a clean request, on one thread
"""

import argparse
import asyncio
import csv
import json
import logging
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from assistant.tuning.noise import noisy

SEEDS = (1, 2, 3)
TRAINING_DATA = ("assistant/data/nlu/en", "assistant/data/rules", "assistant/data/stories")
TURNED_AWAY = ("out_of_scope", "nlu_fallback")
MOST_CONFUSIONS = 40
Parse = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Parsed:
    """What the pipeline made of many texts.

    Attributes:
        names: The intent after the fallback.
        guesses: The intent before it.
        in_scope: How sure it is that the text asks for something that the assistant knows.
        ms: Milliseconds of each parse.
    """

    names: np.ndarray
    guesses: np.ndarray
    in_scope: np.ndarray
    ms: np.ndarray

    def of(self, rows: np.ndarray) -> "Parsed":
        """Of some of the texts."""
        return Parsed(self.names[rows], self.guesses[rows], self.in_scope[rows], self.ms[rows])

    @property
    def turned_away(self) -> float:
        """Share of the texts that are said to be not understood or out of scope."""
        return float(np.isin(self.names, TURNED_AWAY).mean())


def read(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV file.

    Raises:
        SystemExit: no such file, or a column is missing; the message says what to do.
    """
    if not path.is_file():
        raise SystemExit(f"expected {path}, found no such file. Name its folder with --data.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise SystemExit(
            f"{path}: expected rows with {', '.join(columns)}, found no {', '.join(missing)}. "
            "Is it the file that the folder's README describes?"
        )
    return rows


def parse_all(parse: Parse, texts: Sequence[str]) -> Parsed:
    """Parse texts one after the other, as messages come."""
    outputs, times = [], []
    for text in texts:
        start = time.perf_counter()
        outputs.append(parse(text))
        times.append((time.perf_counter() - start) * 1000)
    return Parsed(
        np.array([output["intent"]["name"] for output in outputs]),
        np.array([_first_guess(output["intent_ranking"]) for output in outputs]),
        np.array([output["in_scope"] for output in outputs]),
        np.array(times),
    )


def _first_guess(ranking: list[dict[str, Any]]) -> str:
    # The fallback puts itself before the classifier's ranking.
    names = [guess["name"] for guess in ranking if guess["name"] != "nlu_fallback"]
    return names[0] if names else "nlu_fallback"


def scores(truth: np.ndarray, parsed: Parsed) -> dict[str, float]:
    """Accuracy and macro-F1 over the intents that occur in the truth."""
    f1 = f1_score(truth, parsed.names, labels=sorted(set(truth)), average="macro", zero_division=0)
    return {
        "accuracy": _share(truth == parsed.names),
        "macro_f1": round(float(f1), 4),
        "first_guess_accuracy": _share(truth == parsed.guesses),
        "turned_away": round(parsed.turned_away, 4),
    }


def _share(hits: np.ndarray) -> float:
    return round(float(hits.mean()), 4)


def over_seeds(each: list[dict[str, float]]) -> dict[str, dict[str, Any]]:
    """Mean and spread of every figure over the seeds."""
    figures = {}
    for name in each[0]:
        values = [scored[name] for scored in each]
        mean, spread = float(np.mean(values)), max(values) - min(values)
        figures[name] = {"mean": round(mean, 4), "spread": round(spread, 4), "each": values}
    return figures


def recalls(truth: np.ndarray, clean: Parsed, noise: list[Parsed]) -> dict[str, dict[str, float]]:
    """Of each intent's requests, the share that is recognised."""
    table = {}
    for intent in sorted(set(truth)):
        rows = truth == intent
        shares = [_share(parsed.names[rows] == intent) for parsed in noise]
        table[str(intent)] = {
            "rows": int(rows.sum()),
            "clean": _share(clean.names[rows] == intent),
            "noisy": round(float(np.mean(shares)), 4),
        }
    return table


def confusions(truth: np.ndarray, parsed: Parsed) -> list[dict[str, Any]]:
    """Which intents are taken for which, by name."""
    pairs = zip(truth.tolist(), parsed.names.tolist(), strict=True)
    counts = Counter(pair for pair in pairs if pair[0] != pair[1])
    return [
        {"intent": intent, "taken_for": name, "rows": count}
        for (intent, name), count in counts.most_common(MOST_CONFUSIONS)
    ]


def scope(requests: Parsed, tweets: Parsed) -> dict[str, float]:
    """How well requests are told from tweets; `auroc` 1 is perfect, 0.5 a coin."""
    truth = np.repeat([1, 0], [len(requests.names), len(tweets.names)])
    auroc = roc_auc_score(truth, np.concatenate([requests.in_scope, tweets.in_scope]))
    return {
        "tweets": len(tweets.names),
        "auroc": round(float(auroc), 4),
        "turned_away": round(tweets.turned_away, 4),
    }


def measure(parse: Parse, data: Path) -> dict[str, Any]:
    """All figures but the training's; see the module's words for the keys."""
    rows = read(data / "support_intents.csv", ("text", "intent"))
    tweets = read(data / "complaint_tweets.csv", ("text", "complaint", "domain"))
    calm = [row for row in tweets if row["complaint"] == "0"]
    drawn = np.array([row["domain"].startswith("random") for row in calm])
    truth = np.array([row["intent"] for row in rows])
    clean = parse_all(parse, [row["text"] for row in rows])
    noise = [parse_all(parse, _noisy_texts(rows, seed)) for seed in SEEDS]
    tweeted = parse_all(parse, [row["text"] for row in calm])
    return {
        "clean": {"rows": len(rows), **scores(truth, clean)},
        "noisy": {"seeds": SEEDS, **over_seeds([scores(truth, parsed) for parsed in noise])},
        "recall": recalls(truth, clean, noise),
        "confusions": confusions(truth, clean),
        "out_of_scope": {
            "random": scope(clean, tweeted.of(drawn)),
            "no_complaint": scope(clean, tweeted),
        },
        "parse_ms": {
            name: round(float(np.percentile(clean.ms, share)), 2)
            for name, share in (("p50", 50), ("p95", 95))
        },
    }


def _noisy_texts(rows: list[dict[str, str]], seed: int) -> list[str]:
    rng = random.Random(seed)  # noqa: S311, chance and no secret
    return [noisy(row["text"], rng) for row in rows]


def train(folder: Path) -> tuple[Path, float]:
    """Train as `make run` does; the file, and the wall seconds that it took.

    Raises:
        SystemExit: `rasa train` failed; the message holds the end of what it said.
    """
    where = ["--config", "config.yml", "--domain", "domain.yml", "--data", *TRAINING_DATA]
    target = ["--out", str(folder), "--fixed-model-name", "measured", "--force"]
    command = [sys.executable, "-m", "rasa", "train", *where, *target]
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603, no word of it comes from outside
        command, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"expected `rasa train` to end well, found:\n{done.stderr[-2000:]}")
    return folder / "measured.tar.gz", seconds


def load(model: Path) -> Parse:
    """Rasa's own parse, with the model loaded.

    Raises:
        SystemExit: there is no such model.
    """
    # Rasa would load another model of the folder, and say nothing.
    if not model.is_file():
        raise SystemExit(f"expected a model at {model}, found none. `make run` trains one there.")
    # Here, so that the help and the tests of the figures need not wait ten seconds for TensorFlow.
    from rasa.core.agent import Agent  # noqa: PLC0415
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    # Otherwise Rasa prints every message that it parses.
    configure_structlog(logging.WARNING)
    agent, loop = Agent.load(str(model)), asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the CSV files")
    parser.add_argument("--model", type=Path, help="a trained model; without it one is trained")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model, seconds = (options.model, None) if options.model else train(Path(folder))
        figures = measure(load(model), options.data)
    about = {"model": str(model), "train_seconds": seconds and round(seconds, 1)}
    sys.stdout.write(json.dumps({**about, **figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
