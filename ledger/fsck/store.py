"""A store opened for reading only: no migration, no journal mode, no lock but that of a reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from ledger.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_BUFFERED_ROWS: Final = 1_000

Row = Sequence[Any]


class Store:
    """One snapshot of a store, read by plain SQL so that no type of ours hides what is stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Rows of a query with ``?`` placeholders, a few at a time; binary values as ``bytes``."""
        if self.is_sqlite:
            yield from self._of_sqlite(sql, parameters)
            return
        sql = sql.replace("?", "%s")
        options = self._connection.execution_options(stream_results=True, max_row_buffer=_BUFFERED_ROWS)
        with options.exec_driver_sql(sql, tuple(parameters)) as result:
            for row in result:
                yield tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)

    def _of_sqlite(self, sql: str, parameters: tuple[object, ...]) -> Iterator[Row]:
        # The driver's rows are tuples with bytes already: each by way of a result of SQLAlchemy takes twice as long.
        with self._connection.exec_driver_sql(sql, parameters) as result:
            cursor = result.cursor
            while cursor is not None:
                try:
                    rows = cursor.fetchmany(_BUFFERED_ROWS)
                except sqlite3.Error as error:
                    raise DBAPIError.instance(sql, parameters, error, sqlite3.Error) from error
                if not rows:
                    return
                yield from rows

    def one(self, sql: str, *parameters: object) -> Row | None:
        """The first row of a query."""
        return next(self.stream(sql, *parameters), None)

    def scalar(self, sql: str, *parameters: object) -> Any:
        """The first value of a query."""
        row = self.one(sql, *parameters)
        return None if row is None else row[0]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The same snapshot by its tables, for reading; the snapshot outlives it."""
        # Whoever reads by plain SQL alone, as a worker of the audit does, starts without the mapper.
        from sqlalchemy.orm import Session  # noqa: PLC0415 - see above

        with Session(self._connection, autoflush=False, join_transaction_mode="create_savepoint") as session:
            yield session


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """The store at a SQLAlchemy URL, over one snapshot for as long as the block lasts.

    Raises ``StoreUnavailable``; ``StoreRefused`` for a URL of another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _refused(url) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if not parsed.database or not Path(parsed.database).is_file():
            raise _unavailable(parsed.database or url, "no such file")
        path = Path(parsed.database).absolute()
        engine = create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=NullPool)
    elif kind == "postgresql":
        engine = create_engine(parsed, poolclass=NullPool, isolation_level="REPEATABLE READ")
    else:
        raise _refused(kind)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN" if kind == "sqlite" else "SET TRANSACTION READ ONLY")
            yield Store(connection)
    except DBAPIError as error:
        raise _unavailable(parsed.render_as_string(hide_password=True), error.orig) from error
    finally:
        engine.dispose()


def _sqlite(path: Path) -> sqlite3.Connection:
    quoted = path.as_uri()
    connection = sqlite3.connect(f"{quoted}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if Path(f"{path}-wal").exists():
            raise
        # A copy on a medium that cannot be written: nobody can change it while it is read.
        connection = sqlite3.connect(f"{quoted}?immutable=1", uri=True, isolation_level=None)
    return connection


def _refused(value: object) -> StoreRefused:
    return StoreRefused(
        "This kind of database is not supported.",
        rule="fsck.database",
        value=value,
        expected="sqlite:///<file> or postgresql+psycopg://…",
        message_zh="不支持此类数据库。",
    )


def _unavailable(value: object, reason: object) -> StoreUnavailable:
    return StoreUnavailable(
        "The store cannot be read.",
        rule="store.unavailable",
        value=f"{value}: {reason}",
        expected="a database that can be read",
        message_zh="无法读取数据库。",
    )
