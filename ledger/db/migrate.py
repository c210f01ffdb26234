"""Schema migrations: the only way a store gets its tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.db.base import Database

# Any number that nobody else locks: "tanlu" as letters.
_MIGRATION_LOCK = int.from_bytes(b"tanlu")
_SCRIPTS = Path(__file__).parent / "migrations"


def configuration(database: Database) -> Config:
    """Alembic's configuration for this store."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["database"] = database
    return config


def upgrade(database: Database) -> None:
    """Bring the store to the newest schema; a second call changes nothing.

    Processes that start together take turns, and whoever comes later finds the work done: on SQLite all migrations are
    one write transaction, on PostgreSQL each is one, under a lock of its own.
    """
    if database.is_sqlite:
        command.upgrade(configuration(database), "head")
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        try:
            # The waiting is over; holding a transaction open meanwhile would be idle in transaction.
            connection.commit()
            command.upgrade(configuration(database), "head")
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
            connection.commit()


def current_revision(database: Database) -> str | None:
    """The store's schema revision, ``None`` before the first migration."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision(_database: Database | None = None) -> str:
    """The revision that this program expects."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    if head is None:
        raise RuntimeError("the package has no migrations")
    return head
