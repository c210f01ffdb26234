"""The migrations make exactly the tables that the program declares, and can be taken back."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from ledger.db import chain_models, log_models  # noqa: F401 - both register their tables
from ledger.db.base import Base, Database
from ledger.db.migrate import configuration, current_revision, head_revision, upgrade


def test_migrations_make_the_declared_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    before = current_revision(database)
    upgrade(database)
    assert current_revision(database) == before == head_revision(database)


def test_the_migrations_can_be_taken_back(database: Database) -> None:
    command.downgrade(configuration(database), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
