"""Labels: what agents correct."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_message_id", sa.Integer(), nullable=False),
        sa.Column("polarity", sa.String(16), nullable=True),
        sa.Column("intensity", sa.String(16), nullable=True),
        sa.Column("category", sa.String(100), nullable=True),
        sa.Column("escalate", sa.Boolean(), nullable=True),
        sa.Column("corrected_by", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "polarity IN ('negative', 'neutral', 'positive')", name=op.f("ck_labels_polarity")
        ),
        sa.CheckConstraint(
            "intensity IN ('weak', 'medium', 'strong', 'extreme')",
            name=op.f("ck_labels_intensity"),
        ),
        sa.CheckConstraint(
            "coalesce(polarity, intensity, category) IS NOT NULL OR escalate IS NOT NULL",
            name=op.f("ck_labels_says_something"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.ForeignKeyConstraint(
            ["ticket_message_id"],
            ["ticket_messages.id"],
            name=op.f("fk_labels_ticket_message_id"),
        ),
    )
    op.create_index(op.f("ix_labels_ticket_message_id"), "labels", ["ticket_message_id"])


def downgrade() -> None:
    """Drop it, and every correction with it."""
    op.drop_table("labels")
