"""Runs migrations over the connection that `tickets.database` hands in."""

from alembic import context

import desk.models  # noqa: F401 - registers its tables
import tickets.models  # noqa: F401 - registers its tables
from tickets.orm import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
