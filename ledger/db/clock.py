"""The database's clock: the one that all processes on one database share."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_QUERIES = {
    "sqlite": "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
    # The time of the call: now() would be that of the transaction's beginning.
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
}


def database_time(session: Session) -> float:
    """Unix seconds by the database server; with SQLite, of this machine."""
    return float(session.execute(text(_QUERIES[session.get_bind().dialect.name])).scalar_one())
