"""A configuration is validated as a whole, and each error names the value."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from finetune.config import DEFAULT_CONFIG, ConfigError, load_config, parse_config
from nlu.heads import SERVED_HEADS

END = "Correct it, or see finetune/README.md."


def test_the_default_makes_an_adapter_that_serves() -> None:
    config = load_config()
    assert {name: config.specs[name] for name in SERVED_HEADS} == SERVED_HEADS
    assert all(source.about for source in config.sources)


def test_a_file_is_read_and_changes_go_before_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(DEFAULT_CONFIG.read_text() + "\n[adapter]\nrank = 8\ndropout = 0.1\n")
    config = load_config(path, {"adapter.rank": 16, "batch_size": 4})
    assert (config.adapter.rank, config.adapter.dropout, config.batch_size) == (16, 0.1, 4)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"learning_rat": 1e-3}, "learning_rat: Extra inputs are not permitted; found 0.001."),
        ({"adapter.rnk": 8}, "adapter.rnk: Extra inputs are not permitted; found 8."),
        ({"adapter.rank": 0}, "adapter.rank: Input should be greater than or equal to 1; found 0."),
        ({"adapter.method": "qlora"}, "adapter.method: Input should be 'lora', 'rslora', 'dora', "),
        ({"learning_rate": 0}, "learning_rate: Input should be greater than 0; found 0."),
        ({"learning_rate": 1}, "learning_rate: Input should be less than or equal to 0.1; found 1"),
        ({"learning_rate": "fast"}, "learning_rate: Input should be a valid number, "),
        ({"batch_size": 0}, "batch_size: Input should be greater than or equal to 1; found 0."),
        ({"dropout": 1}, "dropout: Input should be less than 1; found 1."),
        ({"warmup_share": -0.1}, "warmup_share: Input should be greater than or equal to 0; found"),
        ({"seed": 2**32}, f"seed: Input should be less than {2**32}; found {2**32}."),
        ({"max_samples": 0}, "max_samples: Input should be greater than or equal to 1; found 0."),
        ({"leaks": "keep"}, "leaks: Input should be 'refuse' or 'drop'; found 'keep'."),
        (
            {"augment": ["typoes"]},
            "the whole: augment: expected names among ['synonyms', 'elongation', ",
        ),
        ({"stages": []}, "stages: Tuple should have at least 1 item after validation, not 0"),
        ({"heads": {}}, "heads: Dictionary should have at least 1 item after validation, not 0"),
        (
            {"stages": [{"sources": {"mine": 1}, "epochs": 1}]},
            "the whole: stages: sources: expected names among ['valence_amazon', ",
        ),
        (
            {"stages": [{"sources": {"own_messages": 0}, "epochs": 1}]},
            "stages.0.sources.own_messages: Input should be greater than or equal to 1; found 0.",
        ),
        (
            {"stages": [{"sources": {"own_messages": 1}, "epochs": 0}]},
            "stages.0.epochs: Input should be greater than or equal to 1; found 0.",
        ),
        (
            {"heads.mood": {"kind": "classes", "labels": ["one"]}},
            "heads.mood: a head of kind classes expects two or more labels, each once, found",
        ),
        (
            {"heads.mood": {"kind": "guess"}},
            "heads.mood.kind: Input should be 'classes', 'ordinal', 'regression' or 'probability'",
        ),
        (
            {"heads.valence.weight": 0},
            "heads.valence.weight: Input should be greater than 0; found 0.",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_named(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(changes=changes)
    assert str(error.value).startswith(f"{DEFAULT_CONFIG}: {told}")
    assert str(error.value).endswith(END)


def source(**changes: Any) -> dict[str, Any]:
    return {"name": "mine", "path": "mine.csv", "labels": {"mood": {}}, **changes}


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (
            [source(labels={"anger": {}})],
            "the whole: sources: labels of mine: expected names among ['mood'], found anger.",
        ),
        ([source(), source()], "the whole: sources: expected each name once, found ['mine', 'mine"),
        ([source(dataset="a/b")], "sources.0: expected either path or dataset, found both or"),
        ([source(test_share=101)], "sources.0.test_share: Input should be less than or equal to"),
        ([source(labels={})], "sources.0.labels: Dictionary should have at least 1 item"),
        (
            [source(labels={"mood": {"cuts": [1]}})],
            "the whole: mine: mood: expected 2 cuts, one fewer than labels, found 1.",
        ),
    ],
)
def test_a_source_that_cannot_be_used_is_named(sources: list[dict[str, Any]], told: str) -> None:
    values = {
        "heads": {"mood": {"kind": "ordinal", "labels": ["calm", "cross", "furious"]}},
        "sources": sources,
        "stages": [{"sources": {"mine": 1}, "epochs": 1}],
    }
    with pytest.raises(ConfigError) as error:
        parse_config(values, "mine.toml")
    assert str(error.value).startswith(f"mine.toml: {told}")
    assert str(error.value).endswith(END)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"batch_size = \n", "Invalid value"),
        (b"batch_size 8\n", "Expected '='"),
        (b"seed = 1\nseed = 2\n", "Cannot overwrite a value"),
        (b'about = "caf\xe9"\n', "codec can't decode"),
        (None, "No such file"),
    ],
)
def test_what_is_no_toml_is_refused(raw: bytes | None, found: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert str(error.value).startswith(f"--config {path}: expected a TOML file in UTF-8, found: ")
    assert found in str(error.value)
    assert str(error.value).endswith(f"Start from a copy of {DEFAULT_CONFIG}.")


@pytest.mark.skipif(bool(importlib.util.find_spec("wandb")), reason="it is installed here")
def test_wandb_that_is_not_installed_is_told() -> None:
    with pytest.raises(ConfigError) as error:
        load_config(changes={"report_to": ["tensorboard", "wandb"]})
    assert str(error.value) == (
        f"{DEFAULT_CONFIG}: the whole: report_to: expected the package wandb, found it missing. "
        f"Install it: uv pip install wandb. {END}"
    )
