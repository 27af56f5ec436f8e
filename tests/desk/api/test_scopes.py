"""Every operation needs a scope, and no other scope will do."""

import pytest
from api_document import ask, document, operations

from desk.api.scopes import MEANINGS, Scope

OPERATIONS = operations()
EACH = pytest.mark.parametrize(
    ("method", "path", "said"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS]
)


def needed(said):
    ((scope,),) = [scopes for entry in said["security"] for scopes in entry.values()]
    return Scope(scope)


@EACH
def test_each_operation_declares_one_scope_and_what_goes_wrong(method, path, said):
    assert needed(said) in Scope
    assert {"401", "403", "422", "429", "503"} <= said["responses"].keys()
    for status, response in said["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]


@EACH
def test_a_token_with_every_other_scope_is_refused_and_told_which(
    world, bearer, method, path, said
):
    missing = needed(said)
    before = world.store.get(world.open)
    response = ask(world, method, path, bearer(*(set(Scope) - {missing})))
    assert response.status_code == 403
    assert response.headers["www-authenticate"] == (
        f'Bearer realm="amends", error="insufficient_scope", scope="{missing}"'
    )
    assert f"Expected a token with the scope {missing}, found" in response.json()["detail"]
    assert world.store.get(world.open) == before


@EACH
def test_a_token_with_this_scope_alone_gets_in(world, bearer, method, path, said):
    response = ask(world, method, path, bearer(needed(said)))
    assert response.status_code in (200, 201, 409), response.text


def test_every_scope_opens_something_and_is_explained():
    opened = {needed(said) for _, _, said in OPERATIONS}
    assert opened == set(Scope) == MEANINGS.keys()
    assert all(scope in document()["info"]["description"] for scope in Scope)
