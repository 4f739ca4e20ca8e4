"""Alembic comes in here. storage/schema.py hands it the connection; nothing is read from a file."""

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=False,  # the caller holds the transaction
)
context.run_migrations()
