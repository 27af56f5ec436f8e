"""Tokens on both databases: made once, kept as a hash, ended for good."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from desk.api.scopes import Scope
from desk.api.tokens import SHAPE, NoEntryError, TokenError, TokenStore
from desk.models import ApiTokenRow


@pytest.fixture
def tokens(any_engine):
    return TokenStore(any_engine)


def test_a_token_lets_in_whoever_holds_its_secret(tokens):
    secret, token = tokens.create("  help\tdesk ", ["labels:read", "tickets:read"], "ada", 30)
    assert SHAPE.fullmatch(secret)
    caller = tokens.admit(secret)
    assert (caller.token_id, caller.login) == (token.id, "token:help desk")
    assert caller.scopes == {"tickets:read", "labels:read"}
    assert token.expires_at - token.created_at == timedelta(days=30)
    assert (token.created_by, token.state) == ("ada", "active")


def test_the_secret_is_nowhere_in_the_database(tokens, any_engine):
    secret, _ = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    with Session(any_engine) as session:
        row = session.scalar(select(ApiTokenRow))
        columns = [str(getattr(row, column.key)) for column in ApiTokenRow.__table__.columns]
    assert not any(secret in value or secret[7:] in value for value in columns)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "words"),
    [
        ("", ["tickets:read"], None, "Expected the name of the program"),
        (" \0\n", ["tickets:read"], None, "found 0. Name it."),
        ("a" * 101, ["tickets:read"], None, "1 to 100 characters, found 101"),
        ("helpdesk", [], None, "Expected scopes out of tickets:read, tickets:write"),
        ("helpdesk", ["tickets:*"], None, "found 'tickets:*'. Name at least one of them."),
        ("helpdesk", ["tickets:read", "admin"], None, "found 'admin'"),
        ("helpdesk", ["tickets:read"], 0, "Expected 1 to 3650 days, found 0."),
        ("helpdesk", ["tickets:read"], -(10**30), "Expected 1 to 3650 days"),
        ("helpdesk", ["tickets:read"], 10**30, "Expected 1 to 3650 days"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(tokens, name, scopes, days, words):
    with pytest.raises(TokenError) as refused:
        tokens.create(name, scopes, "ada", days)
    assert words in str(refused.value)
    assert tokens.list() == ()


def test_two_that_share_a_name_could_not_be_told_apart(tokens):
    _, first = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    with pytest.raises(TokenError, match="Expected a name that no other token has, found 'helpd"):
        tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    tokens.revoke(first.id)
    secret, second = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    assert tokens.admit(secret).token_id == second.id
    assert [token.state for token in tokens.list()] == ["active", "revoked"]


def test_a_revoked_token_stays_revoked(tokens):
    secret, token = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    first = tokens.revoke(token.id).revoked_at
    assert tokens.revoke(token.id).revoked_at == first
    with pytest.raises(NoEntryError, match="found one that is revoked"):
        tokens.admit(secret)


@pytest.mark.parametrize("number", [0, -1, 7, 2**31, 2**63, 10**40])
def test_a_number_that_no_token_has_is_told(tokens, number):
    with pytest.raises(TokenError, match="Expected the number of a token, found"):
        tokens.revoke(number)


def test_it_is_known_to_the_minute_when_a_token_was_last_used(tokens, any_engine):
    secret, _ = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    assert tokens.list()[0].seen_at is None
    tokens.admit(secret)
    first = tokens.list()[0].seen_at
    assert datetime.now(UTC) - first < timedelta(seconds=30)
    tokens.admit(secret)
    assert tokens.list()[0].seen_at == first
    with Session(any_engine) as session, session.begin():
        session.execute(update(ApiTokenRow).values(seen_at=first - timedelta(minutes=2)))
    tokens.admit(secret)
    assert tokens.list()[0].seen_at >= first


def test_a_scope_of_another_version_opens_nothing(tokens, any_engine):
    secret, _ = tokens.create("helpdesk", [Scope.TICKETS_READ], "ada")
    with Session(any_engine) as session, session.begin():
        session.execute(update(ApiTokenRow).values(scopes=["everything"]))
    assert not tokens.admit(secret).scopes & set(Scope)
