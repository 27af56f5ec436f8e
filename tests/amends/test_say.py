"""`amends say` and `amends chat` against a server on this machine that fails in every way."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest
import typer
from typer.testing import CliRunner

from amends.commands.say import chat, say
from amends.serve.conversation import NoAnswerError, ask
from amends.settings import get_settings
from tickets.case import Case
from tickets.store import TicketStore, migrate
from tickets.triage import Decision, Triage

runner = CliRunner()
app = typer.Typer()
app.command()(say)
app.command()(chat)


@pytest.fixture(autouse=True)
def _settings(fake_rasa, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AMENDS_RASA_PORT", str(fake_rasa.port))
    # A proxy for the web must not be asked for a server on this machine.
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def sender(request: bytes) -> str:
    return json.loads(request)["sender"]


def test_each_reply_is_a_line_and_nothing_else_is_printed(fake_rasa) -> None:
    fake_rasa.body = json.dumps(
        [{"text": "I am sorry."}, {"image": "x"}, {"text": "AM-1"}]
    ).encode()
    result = runner.invoke(app, ["say", "my parcel is late"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "I am sorry.\nAM-1\n", "")
    assert json.loads(fake_rasa.asked[0])["message"] == "my parcel is late"


def test_a_new_conversation_each_time_unless_one_is_named(fake_rasa) -> None:
    for _ in range(2):
        runner.invoke(app, ["say", "hi"])
        runner.invoke(app, ["say", "hi", "--conversation", "anna"])
    first, anna, second, anna_again = map(sender, fake_rasa.asked)
    assert first != second
    assert (anna, anna_again) == ("anna", "anna")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", ""),
        ("😡 мой заказ", "😡 мой заказ"),
        ("tab\there \x07", "tab\there \x07"),
        ("bad \udcff byte", "bad ? byte"),
        ("x" * 100_000, "x" * 100_000),
    ],
    ids=["empty", "other scripts", "control characters", "no UTF-8", "100 kB"],
)
def test_any_text_arrives(fake_rasa, text: str, sent: str) -> None:
    assert ask(fake_rasa.url, "anna", text) == ["Hello there."]
    assert json.loads(fake_rasa.asked[0])["message"] == sent


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, "found HTTP 500"),
        ({"status": 404}, "found HTTP 404; is it another program's port"),
        ({"body": b"<html>hi</html>", "content_type": "text/html"}, "something else (text/html)"),
        ({"body": b"[{"}, "something else (application/json)"),
        ({"body": b"\xff\xfe"}, "something else (application/json)"),
        ({"body": b'{"text": "hi"}'}, "expected the assistant's JSON list"),
        ({"body": b""}, "something else"),
        ({"body": b"[]"}, "found an empty answer"),
        ({"body": b'[{"text": "  "}, {"text": null}, "words", 3]'}, "found an empty answer"),
    ],
    ids=["500", "404", "html", "cut json", "no text", "object", "no body", "silence", "no words"],
)
def test_a_fault_is_one_honest_line_on_stderr(fake_rasa, fault: dict, expected: str) -> None:
    for name, value in fault.items():
        setattr(fake_rasa, name, value)
    result = runner.invoke(app, ["say", "hi"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert expected in result.stderr
    assert fake_rasa.url in result.stderr
    assert result.stderr.count("\n") == 1


def test_nothing_running_says_how_to_start_it(monkeypatch, free_port) -> None:
    port = free_port()
    monkeypatch.setenv("AMENDS_RASA_PORT", str(port))
    get_settings.cache_clear()
    result = runner.invoke(app, ["say", "hi"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"expected the assistant at http://127.0.0.1:{port}, found nothing" in result.stderr
    assert "`make run`" in result.stderr


def test_a_hang_ends_at_the_deadline(fake_rasa) -> None:
    fake_rasa.hangs = True
    with pytest.raises(NoAnswerError, match=r"within 0\.3 seconds, found none"):
        ask(fake_rasa.url, "anna", "hi", timeout_s=0.3)


def test_a_connection_closed_without_an_answer_is_told(fake_rasa) -> None:
    fake_rasa.hangs = True
    fake_rasa.release.set()
    with pytest.raises(NoAnswerError, match="found a broken connection"):
        ask(fake_rasa.url, "anna", "hi")


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(NoAnswerError, match="expected"):
        ask("http://no such host:1", "anna", "hi")


@pytest.mark.parametrize("end", ["quit\n", "EXIT\n", ""], ids=["quit", "exit", "Ctrl-D"])
def test_chat_keeps_one_conversation_until_left(fake_rasa, end: str) -> None:
    result = runner.invoke(app, ["chat"], input=f"hi\n\n  \nthanks\n{end}")
    assert result.exit_code == 0
    assert result.stdout.count("Hello there.") == 2
    first, second = map(sender, fake_rasa.asked)
    assert first == second


def test_chat_goes_on_after_a_fault(fake_rasa) -> None:
    fake_rasa.body = b"[]"
    result = runner.invoke(app, ["chat"], input="hi\nhello\n")
    assert result.exit_code == 0
    assert result.stderr.count("found an empty answer") == 2
    assert len(fake_rasa.asked) == 2


@pytest.fixture
def waiting() -> Iterator[TicketStore]:
    """A ticket store in which Anna waits for a person."""
    url = get_settings().ticket_database_url
    migrate(url)
    triage = Triage(decision=Decision.ESCALATE, rule="person", detail="asked")
    case = Case(
        conversation_id="anna", message_id="m1", text="help", category="other", triage=triage
    )
    with closing(TicketStore.open(url)) as store:
        store.escalate(case)
        yield store


@pytest.mark.parametrize("talking", ["waiting", "agent"])
def test_silence_while_a_person_is_there_is_no_error(fake_rasa, waiting, talking: str) -> None:
    if talking == "agent":
        waiting.takeover.claim(waiting.list()[0].reference, "Mia")
    fake_rasa.body = b"[]"
    result = runner.invoke(app, ["say", "hello?", "--conversation", "anna"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "(a person will answer; the assistant is silent)\n"


def test_silence_in_a_conversation_of_the_bots_is_one(fake_rasa, waiting) -> None:
    waiting.takeover.hand_back(waiting.list()[0].reference)
    fake_rasa.body = b"[]"
    for conversation in ("anna", "bob"):
        result = runner.invoke(app, ["say", "hello?", "--conversation", conversation])
        assert result.exit_code == 1
        assert "found an empty answer" in result.stderr
