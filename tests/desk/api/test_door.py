"""Who gets in, how often, and with how much."""

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from desk.api.door import MAX_BODY
from desk.api.rate import Limiter
from desk.models import ApiTokenRow

TICKETS = "/api/v1/tickets"


@pytest.fixture
def one(world):
    """A token of this test's own: its secret and what is on record."""
    secret, token = world.desk.tokens.create(f"one {datetime.now(UTC)}", ["tickets:read"], "root")
    return secret, token.id


def asked(world, secret, **headers):
    return world.client.get(TICKETS, headers={"Authorization": f"Bearer {secret}", **headers})


def change(world, token_id, **values):
    with Session(world.store._engine) as session, session.begin():
        session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(**values))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YW5uYTphbm5h"},
        {"Cookie": "authorization=Bearer x"},
    ],
)
def test_without_a_token_there_is_no_way_in(world, headers):
    response = world.client.get(TICKETS, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="amends"'
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == (
        "Expected a token in the header Authorization: Bearer, found none. "
        "Ask an administrator of the desk for one."
    )


@pytest.mark.parametrize(
    "secret", ["amends_", "amends_" + "A" * 43, "x" * 50, "amends_" + "A" * 100_000, "' OR 1=1 --"]
)
def test_a_wrong_token_is_no_way_in(world, secret):
    response = asked(world, secret)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert "Ask an administrator" in response.json()["detail"]
    assert secret == "amends_" or secret not in response.text


def test_a_token_that_has_expired_is_no_way_in(world, one):
    secret, token_id = one
    assert asked(world, secret).status_code == 200
    change(world, token_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    response = asked(world, secret)
    assert response.status_code == 401
    assert "found one that is expired" in response.json()["detail"]


def test_a_token_that_was_revoked_is_no_way_in_from_then_on(world, one):
    secret, token_id = one
    assert asked(world, secret).status_code == 200
    world.desk.tokens.revoke(token_id)
    response = asked(world, secret)
    assert response.status_code == 401
    assert "found one that is revoked" in response.json()["detail"]


def test_the_hash_in_the_database_is_no_token(world, one):
    _, token_id = one
    with Session(world.store._engine) as session:
        stored = session.get(ApiTokenRow, token_id).token_hash
    assert asked(world, f"amends_{stored[:43]}").status_code == 401
    assert asked(world, stored).status_code == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_read_in_any_capitals(world, one, scheme):
    response = world.client.get(TICKETS, headers={"Authorization": f"{scheme} {one[0]}"})
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/openapi.json/", "/tickets/", "/docs", "/redoc"])
def test_strangers_are_not_told_what_is_there(world, path):
    assert world.client.get(f"/api/v1{path}").status_code == 401


def test_the_document_is_for_everybody(world):
    assert world.client.get("/api/v1/openapi.json").json()["servers"] == [{"url": "/api/v1"}]


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/docs", 404), ("/redoc", 404)])
def test_what_is_not_there_is_a_problem_too(world, bearer, path, status):
    response = world.client.get(f"/api/v1{path}", headers=bearer())
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_is_told_the_right_ones(world, bearer):
    response = world.client.delete(f"{TICKETS}/{world.open}/notes", headers=bearer())
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert "found DELETE" in response.json()["detail"]


def test_too_many_requests_are_told_when_to_come_again(world, bearer):
    now = 1000.0
    limiter = Limiter(per_minute=3, clock=lambda: now)
    assert [limiter.wait(1) for _ in range(4)] == [0, 0, 0, 20]
    assert limiter.wait(2) == 0, "another token is another program"
    now += 20
    assert [limiter.wait(1), limiter.wait(1)] == [0, 20]
    now += 3600
    assert [limiter.wait(1) for _ in range(4)] == [0, 0, 0, 20], "no more than a minute's worth"


def test_a_token_that_asks_too_often_gets_429(busy_world):
    client, headers = busy_world
    answers = [client.get(TICKETS, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert "Wait " in answers[-1].json()["detail"]


@pytest.fixture
def busy_world(world, one):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from desk.api.app import PREFIX, create_api

    app = FastAPI()
    app.mount(PREFIX, create_api(world.desk, Limiter(per_minute=3)))
    return TestClient(app), {"Authorization": f"Bearer {one[0]}"}


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(world, bearer, declared):
    body = json.dumps({"text": "a" * MAX_BODY}).encode()
    content = body if declared else iter([body[: MAX_BODY // 2], body[MAX_BODY // 2 :]])
    response = world.client.post(
        f"{TICKETS}/{world.open}/notes",
        headers={**bearer(), "Content-Type": "application/json"},
        content=content,
    )
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert world.store.notes.of(world.open) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a\\u0000b"}',
        b'{"text": ""}',
        b'{"text": " \\n\\t "}',
        b'{"text": "\\u200b"}',
        b'{"text": 1}',
        b'{"text": "a", "more": 1}',
        b'{"text": ' + b"9" * 5000 + b"}",
        b'{"text": ' + b"[" * 100_000 + b"}",
        json.dumps({"text": "a" * 4001}).encode(),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_makes_no_sense_is_refused_in_words(world, bearer, body):
    response = world.client.post(
        f"{TICKETS}/{world.open}/notes",
        headers={**bearer(), "Content-Type": "application/json"},
        content=body,
    )
    assert response.status_code in (400, 422), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert world.store.notes.of(world.open) == ()


def test_what_was_sent_is_not_repeated(world, bearer):
    response = world.client.post(
        f"{TICKETS}/{world.open}/notes", headers=bearer(), json={"text": {"card": "4111 1111"}}
    )
    assert response.status_code == 422
    assert "4111" not in response.text
    assert response.json()["errors"] == [
        {"where": "body.text", "expected": "Input should be a valid string"}
    ]


def test_a_locked_database_is_a_problem_that_passes(world, bearer):
    headers = bearer()
    with locked(world):
        response = world.client.post(f"{TICKETS}/{world.open}/release", headers=headers)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "tickets.db" not in response.text
    assert "Nothing was changed" in response.json()["detail"]


def test_a_locked_database_is_read_all_the_same(world, one, caplog):
    with locked(world):
        assert asked(world, one[0]).status_code == 200
    assert f"it is not noted that token {one[1]} was used" in caplog.text


@contextmanager
def locked(world):
    """Another program is in the middle of writing."""
    file = world.store._engine.url.database
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
