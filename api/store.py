"""The store of a process: opened, and brought to the newest schema."""

from __future__ import annotations

import logging
import time

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from api.settings import SettingsRefused
from ledger.db.base import BUSY_TIMEOUT_MS, Database
from ledger.db.migrate import upgrade
from ledger.errors import StoreUnavailable

PATIENCE_SECONDS = BUSY_TIMEOUT_MS / 1000
"""How long a starting process goes on when others stand in its way."""

_PAUSE_SECONDS = 0.2
# What SQLite may answer at once, without its own busy timeout, while another process recovers the write-ahead log of a
# killed one or takes its shared memory apart (https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
# and #SQLITE_PROTOCOL in https://sqlite.org/rescode.html).
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_IOERR")

_logger = logging.getLogger(__name__)


def open_store(url: str, *, patience: float = PATIENCE_SECONDS) -> Database:
    """The database at a SQLAlchemy URL, migrated; for `patience` seconds others may stand in the way.

    Raises SettingsRefused (``settings.database``) for one that is not supported, StoreUnavailable for one out of reach.
    """
    try:
        database = Database(url)
    except ValueError as error:
        raise SettingsRefused(
            "settings.database",
            make_url(url).render_as_string(hide_password=True),
            "sqlite:///<file> or postgresql+psycopg://…",
            f"TANLU_DATABASE_URL cannot be used: {error}.",
            f"TANLU_DATABASE_URL 不可用：{error}。",
        ) from error
    try:
        _upgrade(database, time.monotonic() + patience)
    except OperationalError as error:
        database.close()
        raise StoreUnavailable(
            "The database cannot be opened.",
            rule="store.unavailable",
            value=str(error.orig),
            expected="a database that can be written at TANLU_DATABASE_URL",
            message_zh="无法打开数据库。",
        ) from error
    return database


def _upgrade(database: Database, until: float) -> None:
    while True:
        try:
            return upgrade(database)
        except OperationalError as error:
            if not _passes(error) or time.monotonic() >= until:
                raise
            _logger.warning("the database is not to be had yet: %s", error.orig)
        # What a connection met while it was made stays with it.
        database.close()
        time.sleep(_PAUSE_SECONDS)


def _passes(error: OperationalError) -> bool:
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith(_PASSING)
