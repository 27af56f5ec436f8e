"""Tables of the desk: who may sit there, and who does."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.orm import Base

ROLES = "role IN ('agent', 'administrator')"


class AgentRow(Base):
    """A person who works at the desk. Never deleted, because tickets and labels name them."""

    __tablename__ = "agents"
    __table_args__ = (CheckConstraint(ROLES, name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    # What shoppers read.
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    # Argon2; NULL for a person who signs in elsewhere.
    password_hash: Mapped[str | None] = mapped_column(String(255))
    # "issuer subject" of OpenID Connect.
    identity: Mapped[str | None] = mapped_column(String(500), unique=True)
    active: Mapped[bool]
    created_at: Mapped[datetime]


class DeskSessionRow(Base):
    """A browser that is signed in. The cookie holds the secret, this its SHA-256."""

    __tablename__ = "desk_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    agent: Mapped[AgentRow] = relationship()


class FailedSignInRow(Base):
    """A wrong password; too many of them slow down the next try."""

    __tablename__ = "failed_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]


class InvitationRow(Base):
    """A link that lets one person make an account, once. The link holds the secret."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint(ROLES, name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiTokenRow(Base):
    """Lets another program in. It holds the secret, this its SHA-256."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class SavedViewRow(Base):
    """A queue with filters that an agent wants to find again."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("agent_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    name: Mapped[str] = mapped_column(String(100))
    # As in the address bar, such as "status=open&category=delivery".
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
