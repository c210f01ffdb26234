"""A store for one process alone: nobody else writes to it, and nobody who might is connected.

A running service keeps its connections; on SQLite whoever is connected to a store in WAL mode keeps it from leaving
that mode (https://sqlite.org/wal.html), on PostgreSQL the server lists its clients. Both know of a process that died.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from ledger.errors import Retryable, StoreRefused, StoreUnavailable

_PATIENCE_MS: Final = 3_000
_CLIENTS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


class StoreInUse(Retryable):
    """Another process has the store open."""


@contextmanager
def held(url: str) -> Iterator[Connection]:
    """One transaction over the store at a SQLAlchemy URL, which nobody else writes to; others may read until rows are
    written. Durable when the block ends, gone if it raises or the process dies.

    Raises ``StoreInUse`` (``rebuild.in_use``), ``StoreRefused``, ``StoreUnavailable``.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except ArgumentError:
        parsed, kind = None, url
    if parsed is None or kind not in {"sqlite", "postgresql"}:
        raise StoreRefused(
            "This kind of database is not supported.",
            rule="rebuild.database",
            value=kind,
            expected="sqlite:///<file> or postgresql+psycopg://…",
            message_zh="不支持此类数据库。",
        )
    if kind == "sqlite":
        path = Path(parsed.database or "").absolute()
        if not path.is_file():
            raise _unavailable(path, "no such file")
        engine = create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=NullPool)
    else:
        engine = create_engine(parsed, poolclass=NullPool)
    shown = parsed.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            (_take_sqlite if kind == "sqlite" else _take_postgresql)(connection, shown)
            yield connection
            connection.commit()
    except DatabaseError as error:
        # Rows that break a rule of the schema are a fault of this program, not of the store.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            raise
        raise _unavailable(shown, error.orig) from error
    finally:
        engine.dispose()


def _sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
    # The rollback journal's end is what makes the new rows the store's: its folder is flushed too.
    connection.execute("PRAGMA synchronous=EXTRA")
    return connection


def _take_sqlite(connection: Connection, shown: str) -> None:
    try:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except DBAPIError as error:
        if "locked" not in str(error.orig):
            raise
        raise _in_use(shown, "another process has it open") from error
    # Who came between the two statements has put it into WAL mode again.
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "delete":
        raise _in_use(shown, "another process has just opened it")


def _take_postgresql(connection: Connection, shown: str) -> None:
    connection.exec_driver_sql(f"SET lock_timeout TO {_PATIENCE_MS}")
    connection.exec_driver_sql("SET idle_in_transaction_session_timeout TO 0")
    connection.exec_driver_sql("SET synchronous_commit TO on")
    connection.commit()
    try:
        # Every writer of the log locks the first, the relayer the second; reading goes on.
        connection.execute(text("LOCK TABLE log_state, leases IN EXCLUSIVE MODE"))
    except OperationalError as error:
        raise _in_use(shown, "another process writes to it") from error
    clients = connection.exec_driver_sql(_CLIENTS).scalar()
    if clients:
        raise _in_use(shown, f"{clients} other connections")


def _in_use(shown: str, found: str) -> StoreInUse:
    return StoreInUse(
        "The store is in use: it is rebuilt only while no service runs over it.",
        rule="rebuild.in_use",
        value=f"{shown}: {found}",
        expected="every process of the service stopped, and no other program with the store open",
        message_zh="数据库正在使用中：须先停止全部服务进程，方可重建。",
    )


def _unavailable(shown: object, reason: object) -> StoreUnavailable:
    return StoreUnavailable(
        "The store cannot be written.",
        rule="store.unavailable",
        value=f"{shown}: {reason}",
        expected="a database that can be read and written",
        message_zh="无法写入数据库。",
    )
