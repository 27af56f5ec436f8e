"""What the tests of takeovers say and read on the command line."""

from typer.testing import CliRunner

from amends.cli import app
from tickets.case import Case
from tickets.triage import Decision, Triage

CHAT = "web-0123456789abcdef0123456789abcdef"


def opened(store, category="delivery"):
    case = Case(
        conversation_id=CHAT,
        message_id=f"about {category}",
        text="Where is it?",
        category=category,
        triage=Triage(decision=Decision.ESCALATE, rule="person", detail="asked"),
    )
    return store.escalate(case).ticket.reference


def run(*arguments):
    return CliRunner().invoke(app, ["tickets", *arguments])


def said(result):
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(result):
    """The one line of an error, after checks that it is all there is: nothing was told as done."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert isinstance(result.exception, SystemExit)
    return result.stderr


def owner(store):
    found = store.conversations.owner(CHAT)
    return found.talking, found.agent
