"""Rasa's side of the action server, alone and behind the channel without guarantees of its own."""

import asyncio
import json
import time

import pytest
from bench import HELLO, HELLO_ANSWERED, RUDE, SLACK_S, WORDS, Bench
from faults import MODES, faults
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from assistant.web_channel.actions_endpoint import (
    CONNECT_S,
    Answer,
    Budgets,
    ResilientEndpoint,
    protect,
)
from assistant.web_channel.circuit import Circuit

FAILED = WORDS.say("action_failed", "en")
NOTHING = {"events": [], "responses": []}
NEVER_OPEN = Circuit(failures=10**6)


@pytest.fixture
def server():
    with faults() as server:
        yield server


def endpoint_of(url, turn_s=0.4, circuit=NEVER_OPEN):
    return ResilientEndpoint(EndpointConfig(f"{url}/webhook"), WORDS, turn_s, circuit)


def body_of(action="action_answer_intent", message_id="m1", **metadata):
    latest = {"message_id": message_id, "metadata": metadata}
    return {"next_action": action, "sender_id": "web-1", "tracker": {"latest_message": latest}}


def call(endpoint, loop, **body):
    return loop.run_until_complete(endpoint.request(json=body_of(**body), method="post"))


def texts(answer):
    return [response["text"] for response in answer["responses"]]


def test_a_good_answer_is_passed_on_with_an_id_in_each_response(server, loop):
    events = [{"event": "slot", "name": "last_reply", "value": "x"}]
    responses = [{"text": "one", "buttons": []}, {"text": None, "custom": {"a": 1}}]
    server.answer = lambda _: {"events": events, "responses": responses}
    answer = call(endpoint_of(server.url), loop)
    ids = [response.pop("id") for response in answer["responses"]]
    assert answer == {"events": events, "responses": responses}
    assert len(set(ids)) == 2
    assert all(len(one) == 32 for one in ids)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "slow"])
def test_every_fault_is_words_of_the_action_that_has_some(server, loop, mode):
    server.break_it(mode)
    began = time.monotonic()
    answer = call(endpoint_of(server.url), loop)
    assert time.monotonic() - began < 0.4 + SLACK_S
    assert texts(answer) == [FAILED]
    assert answer["responses"][0]["id"]
    assert call(endpoint_of(server.url), loop, action="action_assess_message") == NOTHING


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "words",
        {"events": []},
        {"responses": []},
        {"events": {}, "responses": []},
        {"events": [{"event": "slot"}], "responses": []},
        {"events": [{"event": "no such event"}], "responses": []},
        {"events": [], "responses": ["words"]},
        {"events": [], "responses": [{"text": 5}]},
        {"events": [], "responses": [{"text": "x", "buttons": ["y"]}]},
    ],
    ids=json.dumps,
)
def test_what_is_no_answer_is_words(server, loop, answer):
    server.answer = lambda _: answer
    assert texts(call(endpoint_of(server.url), loop)) == [FAILED]


def rejecting(server, body):
    server.healthy = lambda *_: (400, "application/json", body)
    return endpoint_of(server.url, circuit=Circuit(failures=1))


def test_a_rejection_is_passed_on_and_is_no_failure(server, loop):
    endpoint = rejecting(server, b'{"error": "not now", "action_name": "action_escalate"}')
    for _ in range(3):
        with pytest.raises(ClientResponseError, match="not now"):
            call(endpoint, loop)


@pytest.mark.parametrize("body", [b"", b"Bad Request", b"[]", b'{"error": "x"}', b"\xff"])
def test_a_400_that_is_no_rejection_is_words(server, loop, body):
    assert texts(call(rejecting(server, body), loop)) == [FAILED]


def test_an_address_where_nobody_answers_costs_a_second(loop):
    endpoint = endpoint_of("http://192.0.2.1:9", turn_s=8.0)
    began = time.monotonic()
    assert texts(call(endpoint, loop)) == [FAILED]
    assert time.monotonic() - began < CONNECT_S + SLACK_S


def test_the_calls_of_one_turn_share_its_time(server, loop):
    server.break_it("hung")
    endpoint = endpoint_of(server.url)
    began = time.monotonic()
    assert call(endpoint, loop, action="action_assess_message") == NOTHING
    assert texts(call(endpoint, loop)) == [FAILED]
    assert texts(call(endpoint, loop)) == [FAILED]
    assert time.monotonic() - began < 0.4 + SLACK_S
    server.heal()
    assert texts(call(endpoint, loop, message_id="m2")) == [HELLO_ANSWERED]


def test_a_silent_action_that_hangs_leaves_time_for_the_one_with_the_words(server, loop):
    server.break_it("hung", only={"action_assess_message"})
    endpoint = endpoint_of(server.url)
    assert call(endpoint, loop, action="action_assess_message") == NOTHING
    assert texts(call(endpoint, loop)) == [HELLO_ANSWERED]


def test_budgets_do_not_pile_up(monkeypatch):
    monkeypatch.setattr("assistant.web_channel.actions_endpoint.TURNS_REMEMBERED", 3)
    budgets = Budgets(8.0)
    for turn in range(10):
        assert 7.9 < budgets.left(str(turn)) <= 8.0
    assert len(budgets._began) == 3


def test_an_open_circuit_answers_at_once_and_closes_when_the_server_is_back(server, loop):
    endpoint = endpoint_of(server.url, circuit=Circuit(failures=2, open_s=2.0))
    server.break_it("hung")
    for number in range(2):
        call(endpoint, loop, message_id=f"slow{number}")
    began = time.monotonic()
    for number in range(50):
        assert texts(call(endpoint, loop, message_id=f"quick{number}")) == [FAILED]
    assert time.monotonic() - began < SLACK_S
    assert len(server.calls) == 2
    server.heal()
    assert texts(call(endpoint, loop, message_id="early")) == [FAILED]
    time.sleep(2.0)
    assert texts(call(endpoint, loop, message_id="late")) == [HELLO_ANSWERED]
    assert texts(call(endpoint, loop, message_id="later")) == [HELLO_ANSWERED]


def test_a_call_that_is_cancelled_counts_as_a_failure(server, loop):
    circuit = Circuit(failures=1)
    endpoint = endpoint_of(server.url, turn_s=60, circuit=circuit)
    server.break_it("hung")

    async def cancelled():
        calling = asyncio.ensure_future(endpoint.request(json=body_of()))
        await asyncio.sleep(0.1)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling

    loop.run_until_complete(cancelled())
    assert circuit.is_open


def test_settings_of_the_configured_endpoint_are_kept(server, loop):
    seen = []
    healthy = server.healthy

    def look(request, body):
        seen.append((request.path, request.headers["X-Shop"], request.headers["Authorization"]))
        return healthy(request, body)

    server.healthy = look
    config = EndpointConfig(
        f"{server.url}/webhook", headers={"X-Shop": "7"}, token="t",
        basic_auth={"username": "u", "password": "p"},
    )  # fmt: skip
    call(ResilientEndpoint(config, WORDS), loop)
    assert seen == [("/webhook?token=t", "7", "Basic dTpw")]


@pytest.fixture
def bench(agent, tmp_path, loop):
    bench = Bench(agent, tmp_path, loop)
    yield bench
    bench.close()


def rest(bench, text):
    """What Rasa's own REST channel would answer."""
    output = CollectingOutputChannel()
    bench.wait(bench.agent.handle_message(UserMessage(text, output, "rest-1")))
    return [message["text"] for message in output.messages]


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "slow"])
def test_the_rest_channel_has_words_too(bench, mode):
    bench.app.break_it(mode)
    assert rest(bench, HELLO) == [FAILED]
    bench.app.heal()
    assert rest(bench, RUDE) == ["action_answer_complaint"]


def test_protect_is_done_once_and_after_a_reload_again(bench):
    config = EndpointConfig(f"{bench.app.url}/webhook")
    bench.agent.action_endpoint = config
    protect(bench.agent, WORDS)
    endpoint = bench.agent.action_endpoint
    assert isinstance(endpoint, ResilientEndpoint)
    assert endpoint.url == config.url
    bench.agent.processor.action_endpoint = config
    protect(bench.agent, WORDS)
    assert bench.agent.action_endpoint is endpoint is bench.agent.processor.action_endpoint


def test_rasa_checks_what_was_not_checked(bench):
    protect(bench.agent, WORDS)
    action = RemoteAction("action_answer_intent", bench.agent.action_endpoint)
    assert action._validate_action_result(Answer({"events": "checked before"}))
    with pytest.raises(ValidationError, match="is not of type 'array'"):
        action._validate_action_result({"events": "not checked"})
