"""Runs migrations over the connection that `tickets.database` hands in."""

from alembic import context

from tickets.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
