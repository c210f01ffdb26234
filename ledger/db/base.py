"""The database handle: one engine, read and write transactions, and the declarative base.

SQLite runs in WAL mode with ``synchronous=FULL``: a committed transaction survives a power cut. A write transaction
takes the write lock at once (``BEGIN IMMEDIATE``), so that it never fails half-way for a lock it could not upgrade; to
that lock writers come in turns (``ledger.db.turns``). On PostgreSQL the row lock on ``log_state`` orders the writers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Integer, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session

from ledger.db.turns import Turns

BUSY_TIMEOUT_MS = 30_000
"""How long a connection waits for another process's write transaction."""

BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64-bit integer; on SQLite spelled so that a primary key is the row id."""

# The service reads with sixteen threads and writes with one; the roles beside it have a few more.
_CONNECTIONS = 20
_CACHE_KIB = 512
"""Pages that each SQLite connection keeps. Whenever another connection has written, all of them are read anew, so that
the default of two mebibytes each is memory and no speed."""
_WRITE = "tanlu_write"


class Base(DeclarativeBase):
    """Declarative base of every table."""


class Database:
    """One engine with the settings this ledger relies on.

    Parameters
    ----------
    url
        SQLAlchemy URL, ``sqlite:///file`` or ``postgresql+psycopg://…``. An in-memory SQLite is refused: nothing
        that is acknowledged may live in memory only.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError(f"database {parsed.get_backend_name()!r} is not supported: use sqlite or postgresql")
        if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise ValueError("an in-memory database cannot hold acknowledged evidence: name a file")
        self.url = url
        self.engine: Engine = create_engine(
            parsed,
            pool_pre_ping=parsed.get_backend_name() == "postgresql",
            pool_size=_CONNECTIONS,
            max_overflow=_CONNECTIONS,
            # Each connection has a cache of pages and of statements: a few warm ones instead of all in turn.
            pool_use_lifo=True,
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "connect", _configure_postgresql)
        self.writer: Engine = self.engine.execution_options(**{_WRITE: True})
        self._turns = Turns(Path(parsed.database)) if self.is_sqlite and parsed.database is not None else None

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded engine is used."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one consistent snapshot; anything written in it is rolled back."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with Session(self.engine.execution_options(**options), expire_on_commit=False) as session:
            # Closing rolls back without expiring what was read: rows stay usable after the block.
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are durable when the block ends, and gone if it raises."""
        turn: AbstractContextManager[None] = nullcontext() if self._turns is None else self._turns.turn()
        with turn, Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give back every pooled connection, and the files of the turns."""
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction control is off: the begin event below says which kind of transaction starts.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _configure_postgresql(connection: Any, _record: Any) -> None:
    # Whatever the server's own defaults: acknowledged means flushed, and nobody waits for a stuck writer without end.
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        cursor.execute(f"SET lock_timeout TO {BUSY_TIMEOUT_MS}")
        cursor.execute(f"SET idle_in_transaction_session_timeout TO {2 * BUSY_TIMEOUT_MS}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
