"""What the action server needs of this package."""

import asyncio
import json
import pickle
import subprocess
import sys

import yaml
from rasa_sdk.executor import ActionExecutor

import rasa_sdk_plugins
from actions import services
from actions.answer_complaint import AnswerComplaint
from actions.answer_intent import AnswerIntent
from actions.assess_message import AssessMessage
from actions.escalate import Escalate
from amends.settings import ROOT


def test_the_sdk_finds_every_action_and_nothing_else():
    executor = ActionExecutor()
    executor.register_package("actions")

    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(executor.actions) == set(domain["actions"])


def test_actions_survive_the_pickling_of_worker_processes():
    for action in (AssessMessage(), AnswerComplaint(), AnswerIntent(), Escalate()):
        assert pickle.loads(pickle.dumps(action)).name() == action.name()


def test_importing_the_actions_imports_no_torch():
    check = (
        "import sys, actions.assess_message, actions.escalate, actions.answer_intent, "
        "actions.answer_complaint; sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def ready():
    response = asyncio.run(rasa_sdk_plugins.ready(None))
    return response.status, json.loads(response.body)


def test_ready_once_a_known_sentence_is_scored(model, store):
    assert ready() == (200, {"ready": True, "model": "test-1"})


def test_not_ready_without_the_ticket_database(model):
    status, body = ready()

    assert status == 503
    assert "amends tickets migrate" in body["reason"]


def test_not_ready_without_a_model(model, store):
    model.error = RuntimeError("weights are missing")

    assert ready() == (503, {"ready": False, "reason": "RuntimeError: weights are missing"})
    assert services.categories().categories
