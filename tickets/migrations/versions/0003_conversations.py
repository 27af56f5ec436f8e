"""Conversations that a person takes over: who talks, what was said and sent, how it was rated."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the four tables."""
    _create_conversations()
    _create_attachments()
    _create_messages()
    _create_ratings()


def downgrade() -> None:
    """Drop them, and every attachment with them; tickets stay."""
    op.drop_table("ratings")
    op.drop_table("conversation_messages")
    op.drop_table("attachments")
    op.drop_table("conversations")


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("talking", sa.String(16), nullable=False),
        sa.Column("agent", sa.String(255), nullable=True),
        sa.Column("takeovers", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("talking IN ('bot', 'agent')", name=op.f("ck_conversations_talking")),
        sa.CheckConstraint(
            "talking = 'bot' OR agent IS NOT NULL",
            name=op.f("ck_conversations_agent_has_a_name"),
        ),
        sa.CheckConstraint("takeovers >= 0", name=op.f("ck_conversations_takeovers")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversations")),
    )


def _create_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(50), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint(
            "conversation_id", "sha256", name=op.f("uq_attachments_conversation_id_sha256")
        ),
    )


def _create_messages() -> None:
    op.create_table(
        "conversation_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachment_id", sa.String(32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('shopper', 'agent')", name=op.f("ck_conversation_messages_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_messages")),
        sa.UniqueConstraint(
            "conversation_id",
            "message_id",
            name=op.f("uq_conversation_messages_conversation_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_conversation_messages_attachment_id"),
        ),
    )


def _create_ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("request_id", sa.String(255), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint(
            "conversation_id", "request_id", name=op.f("uq_ratings_conversation_id_request_id")
        ),
    )
