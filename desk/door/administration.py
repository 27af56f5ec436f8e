"""Who may sit at the desk: for administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from amends.service_tokens import service_key
from desk.accounts import current
from desk.accounts.agents import Role, SignedIn
from desk.accounts.refusals import AccountError
from desk.accounts.resets import Resets
from desk.door.browser import SessionId
from desk.links import welcome_link
from desk.pages.rendering import page
from desk.state import Desk, TheDesk

router = APIRouter(prefix="/administration")

HERE = "/administration"

AgentId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
def administration(request: Request, desk: TheDesk, me: current.Administrator) -> Response:
    """Everybody, and ways to let somebody in."""
    return _page(request, desk, me)


@router.post("/invitations")
def invite(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    role: Annotated[Role, Form()] = Role.AGENT,
) -> Response:
    """Show a link that makes one account; it is shown this once."""
    secret = desk.accounts.invitations.invite(role)
    link = welcome_link(desk.settings, secret)
    return _page(request, desk, me, link=link, link_role=role)


@router.post("/agents")
def add(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    login: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    role: Annotated[Role, Form()] = Role.AGENT,
) -> Response:
    """Make an account for somebody who signs in at the issuer of OpenID Connect."""
    try:
        desk.accounts.people.add(login, name, role)
    except AccountError as error:
        return _page(request, desk, me, problem=str(error))
    return RedirectResponse(HERE, 303)


@router.post("/agents/{agent_id}/role")
def set_role(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    agent_id: AgentId,
    role: Annotated[Role, Form()],
) -> Response:
    """Change what somebody may do."""
    try:
        desk.accounts.people.set_role(agent_id, role)
    except AccountError as error:
        return _page(request, desk, me, problem=str(error))
    return _back(me, agent_id)


@router.post("/agents/{agent_id}/active")
def set_active(
    request: Request,
    desk: TheDesk,
    me: current.CheckedAdministrator,
    agent_id: AgentId,
    active: Annotated[bool, Form()],
) -> Response:
    """Keep somebody out, or let them in again."""
    people = desk.accounts.people
    try:
        people.activate(agent_id) if active else people.deactivate(agent_id)
    except AccountError as error:
        return _page(request, desk, me, problem=str(error))
    return _back(me, agent_id)


@router.get("/agents/{agent_id}")
def agent(
    request: Request, desk: TheDesk, me: current.Administrator, agent_id: AgentId
) -> Response:
    """Where somebody is signed in."""
    return _agent_page(request, desk, me, agent_id)


@router.post("/agents/{agent_id}/password")
def new_password(
    request: Request, desk: TheDesk, me: current.CheckedAdministrator, agent_id: AgentId
) -> Response:
    """Show a link for somebody who lost their password; it is shown this once."""
    token = Resets(desk.accounts, service_key(desk.settings)).offer(agent_id)
    link = f"{desk.settings.desk_address}/new-password/{token}"
    return _agent_page(request, desk, me, agent_id, link)


@router.post("/agents/{agent_id}/sessions/end")
def end_sessions(desk: TheDesk, me: current.CheckedAdministrator, agent_id: AgentId) -> Response:
    """Put out every browser of somebody."""
    desk.accounts.sessions.end_all(agent_id)
    return RedirectResponse(f"{HERE}/agents/{agent_id}", 303)


@router.post("/agents/{agent_id}/sessions/{session_id}/end")
def end_session(
    desk: TheDesk, me: current.CheckedAdministrator, agent_id: AgentId, session_id: SessionId
) -> Response:
    """Put out one browser of somebody."""
    desk.accounts.sessions.end(session_id, of=agent_id)
    return RedirectResponse(f"{HERE}/agents/{agent_id}", 303)


def _agent_page(
    request: Request, desk: Desk, me: SignedIn, agent_id: int, link: str = ""
) -> Response:
    return page(
        request,
        "agent.html.j2",
        me,
        account=desk.accounts.people.get(agent_id),
        sessions=desk.accounts.sessions.of(agent_id),
        link=link,
    )


def _back(me: SignedIn, agent_id: int) -> Response:
    # Who gave up the role themselves may not see this page any more.
    return RedirectResponse("/" if agent_id == me.agent.id else HERE, 303)


def _page(
    request: Request,
    desk: Desk,
    me: SignedIn,
    *,
    problem: str = "",
    link: str = "",
    link_role: Role = Role.AGENT,
) -> Response:
    return page(
        request,
        "administration.html.j2",
        me,
        status_code=409 if problem else 200,
        accounts=desk.accounts.people.all(),
        has_issuer=bool(desk.settings.oidc_issuer),
        problem=problem,
        link=link,
        link_role=link_role,
    )
