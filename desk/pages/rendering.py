"""Pages from their templates."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.accounts.agents import SignedIn

ROOT = Path(__file__).resolve().parent.parent
VIEWS = ROOT / "views"
STATIC = ROOT / "static"


def page(
    request: Request,
    name: str,
    signed_in: SignedIn | None,
    /,
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
    template = _templates().get_template(name)
    content = template.render(request=request, signed_in=signed_in, **values)
    return HTMLResponse(content, status_code)


@cache
def static_url(name: str) -> str:
    """Address of a file in desk/static, another one when its content changes."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:16]}"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(VIEWS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["static"] = static_url
    return templates
