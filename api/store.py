"""The store of a process: opened, and brought to the newest schema."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from api.settings import SettingsRefused
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.errors import StoreUnavailable


def open_store(url: str) -> Database:
    """The database at a SQLAlchemy URL, migrated.

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
        upgrade(database)
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
