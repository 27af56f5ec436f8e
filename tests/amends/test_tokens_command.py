"""`amends desk token` makes, lists and revokes tokens."""

import re

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import get_settings
from desk.api.tokens import NoEntryError, TokenStore
from tickets.database import open_engine
from tickets.store import migrate


@pytest.fixture
def tokens():
    url = get_settings().ticket_database_url
    migrate(url)
    engine = open_engine(url)
    yield TokenStore(engine)
    engine.dispose()


def run(*arguments):
    return CliRunner().invoke(app, ["desk", "token", *arguments])


def test_a_token_is_printed_and_nothing_else(tokens):
    result = run("create", "helpdesk", "--scope", "tickets:read", "--scope", "labels:read")
    assert re.fullmatch(r"amends_[\w-]{43}\n", result.stdout), result.output
    assert tokens.admit(result.stdout.strip()).scopes == {"tickets:read", "labels:read"}
    assert tokens.list()[0].expires_at is None


def test_the_list_has_a_line_a_token_and_no_secret(tokens):
    secret = run("create", "helpdesk", "--scope", "tickets:read", "--days", "9").stdout.strip()
    cells = run("list").stdout.rstrip("\n").split("\t")
    assert cells[1:5] == ["helpdesk", "active", "tickets:read", "command line"]
    assert [bool(cell) for cell in cells[5:]] == [True, True, False]
    assert secret[7:] not in "\t".join(cells)


def test_a_revoked_token_lets_nobody_in(tokens):
    secret = run("create", "helpdesk", "--scope", "tickets:read").stdout.strip()
    result = run("revoke", str(tokens.list()[0].id))
    assert result.stdout == "The token of helpdesk lets nobody in any more.\n"
    with pytest.raises(NoEntryError):
        tokens.admit(secret)
    assert "\trevoked\t" in run("list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "x", "--scope", "all"), "Expected scopes out of tickets:read"),
        (("create", " ", "--scope", "tickets:read"), "Expected the name of the program"),
        (("create", "x", "--scope", "tickets:read", "--days", "9999"), "found 9999"),
        (("revoke", "99999999999999999999"), "which none has. See `amends desk token list`."),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(tokens, arguments, words):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert tokens.list() == ()


def test_a_token_needs_a_scope():
    assert run("create", "x").exit_code == 2
