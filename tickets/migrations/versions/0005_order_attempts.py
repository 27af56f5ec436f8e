"""Wrong addresses for order numbers, as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "order_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_attempts")),
    )
    for column in ("subject", "at"):
        op.create_index(op.f(f"ix_order_attempts_{column}"), "order_attempts", [column])


def downgrade() -> None:
    """Drop it; who guessed within the last hour may go on."""
    op.drop_table("order_attempts")
