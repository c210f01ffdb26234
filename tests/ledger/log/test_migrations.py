"""The migrations make exactly the tables that the program declares, and can be taken back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect

from attestation.keys import Algorithm, PrivateKey
from ledger.chain.lease import Lease
from ledger.context import LogParameters
from ledger.db import case_models, chain_models, log_models  # noqa: F401 - they register their tables
from ledger.db.base import Base, Database
from ledger.db.migrate import configuration, current_revision, head_revision, upgrade
from ledger.log import Log
from tests.ledger.engines import fresh_postgres


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


def test_a_file_is_migrated_in_one_transaction_that_lets_nobody_else_migrate_meanwhile(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    database, ends = Database(url), list[str]()
    for end in ("commit", "rollback"):
        event.listen(database.engine, end, lambda _connection, end=end: ends.append(end))
    upgrade(database)
    assert ends == ["commit"]
    assert current_revision(database) == head_revision(database)
    database.close()


def test_a_migration_that_dies_leaves_a_file_as_it_was(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE market_fills" in statement:
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        upgrade(database)
    assert inspect(database.engine).get_table_names() == []
    event.remove(database.engine, "before_cursor_execute", die)
    upgrade(database)
    assert current_revision(database) == head_revision(database)
    database.close()


@pytest.mark.postgres
def test_processes_that_start_together_on_a_new_server_all_start(postgres: str) -> None:
    url = fresh_postgres(postgres)
    errors: list[BaseException] = []
    together = threading.Barrier(4)
    registrar = PrivateKey.generate(Algorithm.ED25519)
    parameters = LogParameters("tanlu.test/log/00", bytes(32), "88.608.1/PARK", registrar.public, None)

    def start(number: int) -> None:
        database = Database(url)
        try:
            together.wait(30)
            upgrade(database)
            together.wait(30)
            Log(database, parameters, registrar).open()
            together.wait(30)
            with database.write() as session:
                Lease("relayer", f"process {number}").acquire(session)
        except BaseException as error:  # whatever a process would die of
            errors.append(error)
            together.abort()
        finally:
            database.close()

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert errors == []
