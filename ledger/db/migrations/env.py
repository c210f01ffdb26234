"""Alembic's entry point: runs migrations over the ``Database`` that the caller passed in the configuration."""

from __future__ import annotations

from alembic import context

import ledger.db.access_models
import ledger.db.admission_models
import ledger.db.asset_models
import ledger.db.asset_operation_models
import ledger.db.batch_models
import ledger.db.block_time_models
import ledger.db.case_models
import ledger.db.chain_models
import ledger.db.device_models
import ledger.db.emission_models
import ledger.db.exchange_models
import ledger.db.feed_models
import ledger.db.label_models
import ledger.db.log_models
import ledger.db.market_models
import ledger.db.obligation_models
import ledger.db.policy_models
import ledger.db.quota_models  # noqa: F401 - they register their tables
from ledger.db.base import Base, Database


def run() -> None:
    """Run the migrations: on SQLite in one write transaction, on PostgreSQL each in its own, under the caller's lock.

    Between two transactions another process that starts would get its turn, and both would do the next step.
    """
    database: Database = context.config.attributes["database"]
    with database.writer.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=not database.is_sqlite,
            # Alembic takes SQLite for a database that cannot take back a table; `Database` begins and ends by itself.
            transactional_ddl=True,
            render_as_batch=database.is_sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
