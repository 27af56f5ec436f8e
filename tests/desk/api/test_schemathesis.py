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


@schemathesis.hook
def filter_body(_, body):
    # No pattern of JSON Schema says what can be seen; that such names are refused has its own test.
    name = body.get("agent") if isinstance(body, dict) else None
    return not isinstance(name, str) or any(map(str.isprintable, name.replace(" ", "")))


# Whatever is too long may also be too large to be read at all.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
CHECKS = {"negative_data_rejection": {"expected-statuses": REFUSED}}


def loaded(world, **parameters):
    config = SchemathesisConfig.from_dict(
        {
            "checks": CHECKS,
            "parameters": parameters,
            # The tests bring the token: a request that lacks one on purpose would have it again.
            "generation": {"with-security-parameters": False},
        }
    )
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", world.app, config=config)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request, tmp_path_factory):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('database') / 'tickets.db'}"
    return request.getfixturevalue("postgresql").new()


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
    response = case.call()
    # A line break in the address leads past the API: nothing is there.
    assert response.status_code == (404 if "%0A" in case.formatted_path else 401)
    assert response.headers["content-type"] == ["application/problem+json"]
