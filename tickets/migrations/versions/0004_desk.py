"""The desk: who waits and who owns, what was done, and the accounts of those who do it."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from tickets.severity import severity

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EVENTS_BEFORE = "event IN ('ticket.opened', 'ticket.appended')"
EVENTS = (
    "event IN ('ticket.opened', 'ticket.appended', 'ticket.claimed', "
    "'ticket.handed_back', 'ticket.resolved', 'ticket.reopened', 'ticket.rated', "
    "'chat.joined', 'chat.waiting', 'chat.left', 'chat.rating')"
)
ROLES = "role IN ('agent', 'administrator')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Widen what is there, then create what is new."""
    _widen_tickets()
    _widen_outbox()
    _widen_conversations()
    _widen_messages()
    _create_notes_audit_changes()
    _create_agents()
    _create_sign_ins()
    _create_api_tokens()
    _create_saved_views()


def downgrade() -> None:
    """Take all of it away; tickets and what was said to agents stay, who waits is the bot's."""
    for table in (
        "saved_views", "api_tokens", "invitations", "failed_sign_ins", "desk_sessions", "agents",
        "changes", "audit", "ticket_notes",
    ):  # fmt: skip
        op.drop_table(table)
    _narrow_messages()
    _narrow_conversations()
    _narrow_outbox()
    _narrow_tickets()


def _widen_tickets() -> None:
    # Columns only: SQLite would have to make the table anew for more, and messages refer to it.
    op.add_column("tickets", sa.Column("owner", sa.String(255), nullable=True))
    op.add_column(
        "tickets", sa.Column("severity", sa.Double(), server_default="1.0", nullable=False)
    )
    op.add_column("tickets", sa.Column("waiting_since", sa.Double(), nullable=True))
    op.add_column("tickets", sa.Column("resolved_at", MOMENT, nullable=True))
    for column in ("owner", "conversation_id"):
        op.create_index(op.f(f"ix_tickets_{column}"), "tickets", [column])
    # Who claimed them is the person who talks; how long the others wait is since they were opened.
    op.execute(
        "UPDATE tickets SET owner = (SELECT agent FROM conversations WHERE "
        "conversations.conversation_id = tickets.conversation_id) WHERE status = 'claimed'"
    )
    op.execute(f"UPDATE tickets SET waiting_since = {_seconds('created_at')} WHERE status = 'open'")  # noqa: S608 - ours
    op.execute("UPDATE tickets SET resolved_at = updated_at WHERE status = 'resolved'")
    _reckon_severity()


def _reckon_severity() -> None:
    connection = op.get_bind()
    messages = sa.table(
        "ticket_messages",
        sa.column("id"),
        sa.column("ticket_id"),
        sa.column("assessment", sa.JSON()),
        sa.column("triage", sa.JSON()),
    )
    tickets = sa.table("tickets", sa.column("id"), sa.column("severity"))
    rows = connection.execute(sa.select(messages).order_by(messages.c.ticket_id)).all()
    for ticket_id, said in groupby(rows, key=lambda row: row.ticket_id):
        reckoned = severity([(row.assessment, row.triage) for row in said])
        connection.execute(
            tickets.update().where(tickets.c.id == ticket_id).values(severity=reckoned)
        )


def _seconds(column: str) -> str:
    if op.get_bind().dialect.name == "sqlite":
        return f"(julianday({column}) - 2440587.5) * 86400.0"
    return f"extract(epoch FROM {column})"


def _narrow_tickets() -> None:
    for column in ("conversation_id", "owner"):
        op.drop_index(op.f(f"ix_tickets_{column}"), "tickets")
    for column in ("resolved_at", "waiting_since", "severity", "owner"):
        op.drop_column("tickets", column)


def _widen_outbox() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("next_attempt_at", MOMENT, nullable=True))
        table.add_column(sa.Column("sent_to", sa.JSON(), server_default="[]", nullable=False))
        table.add_column(sa.Column("sent_at", MOMENT, nullable=True))
        table.add_column(sa.Column("last_error", sa.Text(), nullable=True))
        table.drop_constraint(op.f("ck_outbox_event"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_event"), EVENTS)
    op.execute("UPDATE outbox SET next_attempt_at = created_at")
    with op.batch_alter_table("outbox") as table:
        table.alter_column("next_attempt_at", existing_type=MOMENT, nullable=False)
    op.create_index(op.f("ix_outbox_next_attempt_at"), "outbox", ["next_attempt_at"])


def _narrow_outbox() -> None:
    op.execute("DELETE FROM outbox WHERE event NOT IN ('ticket.opened', 'ticket.appended')")
    op.drop_index(op.f("ix_outbox_next_attempt_at"), "outbox")
    with op.batch_alter_table("outbox") as table:
        table.drop_constraint(op.f("ck_outbox_event"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_event"), EVENTS_BEFORE)
        for column in ("last_error", "sent_at", "sent_to", "next_attempt_at"):
            table.drop_column(column)


def _widen_conversations() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("owner", sa.String(255), nullable=True))
        table.add_column(sa.Column("waits", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("shopper_name", sa.String(255), nullable=True))
        _recheck(table, "talking", "talking IN ('bot', 'waiting', 'agent')")
        _recheck(table, "agent_has_a_name", "talking != 'agent' OR agent IS NOT NULL")
        table.create_check_constraint(op.f("ck_conversations_waits"), "waits >= 0")
    op.execute("UPDATE conversations SET owner = agent WHERE talking = 'agent'")


def _narrow_conversations() -> None:
    op.execute("UPDATE conversations SET talking = 'bot' WHERE talking = 'waiting'")
    with op.batch_alter_table("conversations") as table:
        table.drop_constraint(op.f("ck_conversations_waits"), type_="check")
        _recheck(table, "talking", "talking IN ('bot', 'agent')")
        _recheck(table, "agent_has_a_name", "talking = 'bot' OR agent IS NOT NULL")
        table.drop_column("shopper_name")
        table.drop_column("waits")
        table.drop_column("owner")


def _recheck(table: BatchOperations, name: str, condition: str) -> None:
    table.drop_constraint(op.f(f"ck_conversations_{name}"), type_="check")
    table.create_check_constraint(op.f(f"ck_conversations_{name}"), condition)


def _widen_messages() -> None:
    _set_roles("role IN ('shopper', 'bot', 'agent', 'notice')")
    op.add_column("conversation_messages", sa.Column("assessment", sa.JSON(), nullable=True))


def _narrow_messages() -> None:
    op.execute("DELETE FROM conversation_messages WHERE role IN ('bot', 'notice')")
    op.drop_column("conversation_messages", "assessment")
    _set_roles("role IN ('shopper', 'agent')")


def _set_roles(condition: str) -> None:
    with op.batch_alter_table("conversation_messages") as table:
        table.drop_constraint(op.f("ck_conversation_messages_role"), type_="check")
        table.create_check_constraint(op.f("ck_conversation_messages_role"), condition)


def _create_notes_audit_changes() -> None:
    op.create_table(
        "ticket_notes",
        *_about_a_ticket("ticket_notes"),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_ticket_notes_ticket_id"), "ticket_notes", ["ticket_id"])
    op.create_table(
        "audit",
        *_about_a_ticket("audit"),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_audit_ticket_id"), "audit", ["ticket_id"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )


def _about_a_ticket(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f(f"fk_{table}_ticket_id")),
    )


def _create_agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(100), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("identity", sa.String(500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(ROLES, name=op.f("ck_agents_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("login", name=op.f("uq_agents_login")),
        sa.UniqueConstraint("identity", name=op.f("uq_agents_identity")),
    )


def _create_sign_ins() -> None:
    op.create_table(
        "desk_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("csrf_token", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_desk_sessions")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_desk_sessions_agent_id")
        ),
    )
    op.create_index(op.f("ix_desk_sessions_agent_id"), "desk_sessions", ["agent_id"])
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(100), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    for column in ("login", "address"):
        op.create_index(op.f(f"ix_failed_sign_ins_{column}"), "failed_sign_ins", [column])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint(ROLES, name=op.f("ck_invitations_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )


def _create_api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )


def _create_saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_saved_views_agent_id")),
        sa.UniqueConstraint("agent_id", "name", name=op.f("uq_saved_views_agent_id_name")),
    )
