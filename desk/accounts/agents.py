"""Who works at the desk, as the rest of it sees them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do: an administrator also lets people in and out."""

    AGENT = "agent"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Agent:
    """A person who works at the desk.

    Attributes:
        id: Their row.
        login: What they sign in with, in small letters; tickets and labels name them by it.
        name: What shoppers read.
        role: What they may do.
    """

    id: int
    login: str
    name: str
    role: Role

    @property
    def is_administrator(self) -> bool:
        """Whether they may let people in and out."""
        return self.role is Role.ADMINISTRATOR


@dataclass(frozen=True)
class SignedIn:
    """An agent in one browser.

    Attributes:
        agent: Who it is.
        csrf_token: Shown in every form and header that changes something; another text at each
            request, so that compression gives nothing away, and all of them good.
        session_id: Names the session; not the secret that the cookie holds.
    """

    agent: Agent
    csrf_token: str
    session_id: str


@dataclass(frozen=True)
class Account:
    """An agent as administrators see them.

    Attributes:
        agent: Who it is.
        active: Whether they may sign in.
        has_password: Whether they can do so here.
        has_identity: Whether they did so at the issuer of OpenID Connect.
        sessions: In how many browsers they are signed in.
        created_at: Since when they have the account.
    """

    agent: Agent
    active: bool
    has_password: bool
    has_identity: bool
    sessions: int
    created_at: datetime
