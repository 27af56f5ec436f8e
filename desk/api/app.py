"""The JSON API: an app of its own in the desk, with its own way in, errors and document."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from desk.api import attachments, changes, conversations, deliveries, labels, notes, tickets
from desk.api.door import Door
from desk.api.problems import Problem, install
from desk.api.rate import Limiter
from desk.api.scopes import MEANINGS
from desk.state import Desk

PREFIX = "/api/v1"

_ABOUT = """\
For shops whose agents work in another helpdesk. Every request needs a token in the header
`Authorization: Bearer amends_…`; administrators of the desk make them. What a request needs of a
token stands at `security`. Errors are problem details (RFC 9457). Times are in UTC.

Scopes:

"""


class Api(FastAPI):
    """Writes down the model of a problem, to which every operation points."""

    def openapi(self) -> dict[str, Any]:
        """The document of this API."""
        document = super().openapi()
        schemas = document["components"]["schemas"]
        if "Problem" not in schemas:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs"))
            schemas["Problem"] = problem
        return document


def create_api(desk: Desk, limiter: Limiter | None = None) -> FastAPI:
    """The API over the parts of a desk, to be mounted at `PREFIX`."""
    scopes = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in MEANINGS.items())
    api = Api(
        title="Amends",
        version="1",
        description=_ABOUT + scopes,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        middleware=[Middleware(Door, tokens=desk.tokens, limiter=limiter or Limiter())],
    )
    api.state.desk = desk
    install(api)
    for part in (tickets, changes, notes, conversations, attachments, labels, deliveries):
        api.include_router(part.router)
    return api
