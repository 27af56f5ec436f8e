"""Requests of every kind, made from the API's own document: none finds a fault."""

import pytest
import schemathesis
from api_document import known_values
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

EXAMPLES = 25
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def loaded(world, **parameters):
    config = SchemathesisConfig.from_dict({"parameters": parameters} if parameters else {})
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", world.app, config=config)


@pytest.fixture(scope="module")
def anything(world):
    return loaded(world)


@pytest.fixture(scope="module")
def something_known(world):
    return loaded(world, **known_values(world))


strange = schemathesis.pytest.from_fixture("anything")
known = schemathesis.pytest.from_fixture("something_known")


@strange.parametrize()
@BOUNDED
def test_any_request_is_answered_as_the_document_says(case, bearer):
    case.call_and_validate(headers=bearer())


@known.parametrize()
@BOUNDED
def test_any_request_about_what_is_there_is_answered_as_the_document_says(case, bearer):
    case.call_and_validate(headers=bearer())


@strange.parametrize()
@BOUNDED
def test_without_a_token_nothing_is_answered(case):
    case.headers = {
        name: value for name, value in case.headers.items() if name.lower() != "authorization"
    }
    response = case.call()
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == ['Bearer realm="amends"']
