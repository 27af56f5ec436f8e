"""Rasa's own files at the project's root."""

import sys

import pytest
import yaml
from conftest import ROOT, run
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException


def test_endpoints_follow_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("AMENDS_ACTIONS_URL", "http://127.0.0.1:9999")
    monkeypatch.setenv("AMENDS_STATE_DIR", str(tmp_path))
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    assert endpoints.action.url == "http://127.0.0.1:9999/webhook"
    TrackerStore.create(endpoints.tracker_store, Domain.load("domain.yml"))
    assert (tmp_path / "conversations.db").is_file()


@pytest.mark.parametrize("variable", ["AMENDS_ACTIONS_URL", "AMENDS_STATE_DIR"])
def test_a_variable_that_is_not_set_is_named(monkeypatch, variable):
    monkeypatch.setenv("AMENDS_ACTIONS_URL", "http://127.0.0.1:9999")
    monkeypatch.delenv(variable)
    with pytest.raises(RasaException, match=variable):
        AvailableEndpoints.read_endpoints("endpoints.yml")


def test_the_channels_are_the_web_one_and_the_one_for_development():
    named = list(yaml.safe_load((ROOT / "credentials.yml").read_text()))
    assert named == ["assistant.web_channel.channel.WebChannel", "rest"]


def test_a_session_never_ends_by_itself():
    assert Domain.load("domain.yml").session_config.session_expiration_time == 0


def test_training_leaves_the_configuration_as_it_is(model):
    assert yaml.safe_load((ROOT / "config.yml").read_text())["assistant_id"] == "amends"


def test_rasa_finds_nothing_to_warn_of():
    where = ["--config", "config.yml", "--domain", "domain.yml", "--data", "assistant/data"]
    run(sys.executable, "-m", "rasa", "data", "validate", *where, "--fail-on-warnings")
