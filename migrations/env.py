"""Alembic environment of the core. Started only through ``kopru.storage.migrate``."""

from alembic import context

from kopru.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
