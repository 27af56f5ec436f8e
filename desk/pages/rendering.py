"""Pages from their templates."""

from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.accounts.agents import SignedIn
from desk.pages import words
from desk.pages.static_files import static_url
from desk.state import desk

VIEWS = Path(__file__).resolve().parent.parent / "views"


def page(
    request: Request,
    name: str,
    signed_in: SignedIn | None,
    *,
    status_code: int = 200,
    **values: object,
) -> HTMLResponse:
    """A page, or a part of one for htmx.

    Args:
        request: What is answered; the template sees it as `request`.
        name: The template's file in desk/views.
        signed_in: Who reads it; None before they signed in.
        status_code: Of the answer.
        **values: Whatever else the template shows; escaped.
    """
    settings = desk(request).settings
    content = (
        _templates()
        .get_template(name)
        .render(
            request=request,
            signed_in=signed_in,
            static=partial(static_url, settings),
            zone=ZoneInfo(settings.time_zone),
            **values,
        )
    )
    return HTMLResponse(content, status_code)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(VIEWS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= words.FILTERS
    return templates
