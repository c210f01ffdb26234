"""The store of a process: opened, and brought to the newest schema."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from api.settings import SettingsRefused
from ledger.db.base import BUSY_TIMEOUT_MS, Database
from ledger.db.migrate import upgrade
from ledger.errors import HistoryDiverged, StoreUnavailable
from ledger.log import Log

PATIENCE_SECONDS = BUSY_TIMEOUT_MS / 1000
"""How long each part of a starting process goes on when others stand in its way."""

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
    _patiently(database, partial(upgrade, database), patience)
    return database


def open_log(database: Database, log: Log, *, patience: float = PATIENCE_SECONDS) -> None:
    """``log.open()`` of a starting process; for `patience` seconds others may stand in its way.

    Raises StoreUnavailable, HistoryDiverged for the store of another log; both with the database closed.
    """
    try:
        _patiently(database, log.open, patience)
    except HistoryDiverged:
        database.close()
        raise


def _patiently(database: Database, act: Callable[[], object], patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            act()
            return
        except OperationalError as error:
            if not _passes(error) or time.monotonic() >= until:
                database.close()
                raise StoreUnavailable(
                    "The database cannot be opened.",
                    rule="store.unavailable",
                    value=str(error.orig),
                    expected="a database that can be written at TANLU_DATABASE_URL",
                    message_zh="无法打开数据库。",
                ) from error
            _logger.warning("the database is not to be had yet: %s", error.orig)
        # What a connection met while it was made stays with it.
        database.close()
        time.sleep(_PAUSE_SECONDS)


def _passes(error: OperationalError) -> bool:
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith(_PASSING)
