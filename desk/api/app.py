"""The JSON API: an app of its own in the desk, with its own way in, errors and document."""

from typing import Any, cast

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from desk.api import attachments, changes, conversations, deliveries, labels, notes, tickets
from desk.api.door import Door
from desk.api.problems import Problem, install
from desk.api.rate import Limiter
from desk.api.scopes import MEANINGS
from desk.api.values import each_once
from desk.state import Desk
from nlu.assessment import OTHER
from nlu.category_file import read_categories

PREFIX = "/api/v1"

_ABOUT = """\
For shops whose agents work in another helpdesk. Every request needs a token in the header
`Authorization: Bearer amends_…`; administrators of the desk make them. What a request needs of a
token stands at `security`. Errors are problem details (RFC 9457). Times are in UTC.

Scopes:

"""


class Api(FastAPI):
    """Writes down what its routes cannot: the model of a problem, and what the shop has set."""

    def openapi(self) -> dict[str, Any]:
        """The document of this API."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document["components"]["schemas"]
            _add_problem(schemas)
            _add_limits(schemas, self.state.desk.settings.max_message_chars)
            _add_categories(schemas, self.state.categories)
        return cast(dict[str, Any], self.openapi_schema)


def _add_problem(schemas: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem


def _add_limits(schemas: dict[str, Any], max_chars: int) -> None:
    for name in ("NewNote", "NewReply"):
        schemas[name]["properties"]["text"]["maxLength"] = max_chars


def _add_categories(schemas: dict[str, Any], categories: tuple[str, ...]) -> None:
    typed, _ = schemas["NewLabel"]["properties"]["category"]["anyOf"]
    typed["enum"] = [*categories, OTHER]


def create_api(desk: Desk, limiter: Limiter | None = None) -> FastAPI:
    """The API over the parts of a desk, to be mounted at `PREFIX`.

    Raises:
        CategoriesError: the shop's file of categories cannot be used.
    """
    scopes = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in MEANINGS.items())
    api = Api(
        title="Amends",
        version="1",
        description=_ABOUT + scopes,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        dependencies=[Depends(each_once)],
        middleware=[Middleware(Door, tokens=desk.tokens, limiter=limiter or Limiter())],
    )
    api.state.desk = desk
    # Once: parsing it takes longer than all the rest of an answer.
    api.state.categories = tuple(read_categories(desk.settings.categories_file).categories)
    install(api)
    for part in (tickets, changes, notes, conversations, attachments, labels, deliveries):
        api.include_router(part.router)
    return api
