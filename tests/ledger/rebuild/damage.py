"""Rows of derived tables altered, deleted and added behind everybody's back; and every row of a store, to compare."""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Table,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ledger.db.base import Base
from ledger.rebuild import DERIVED, NEITHER

OF_ENTRIES = ("stream_id", "seq", "type", "statement_id", "leaf_hash", "period_start", "period_end")


def connect(url: str) -> Connection:
    """A connection without constraints."""
    connection = create_engine(url, poolclass=NullPool).connect()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    else:
        # https://www.postgresql.org/docs/current/runtime-config-client.html: references are not looked at.
        connection.exec_driver_sql("SET session_replication_role = replica")
    return connection


def every_row(url: str, *, leave_out: frozenset[str] = frozenset({"chain_reads", "leases"})) -> dict[str, list[Any]]:
    """Each table's rows as text, without those of who works now and when the chain was read."""
    with connect(url) as connection:
        names = _tables(connection)
        return {
            name: sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in rows)
            for name in names
            if name not in leave_out
            for rows in [connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()]
        }


def damage(url: str, seed: int, *, tables: frozenset[str] = DERIVED) -> list[str]:
    """In each table some rows altered, deleted or added. Says what was done. ``log_state`` keeps how many entries there
    are: that says whether one is missing."""
    random, done, known = Random(seed), list[str](), Base.metadata.tables
    with connect(url) as connection:
        for name in sorted(tables - {"log_state", "chain_head"}):
            done += _damage_table(connection, random, known[name])
        for column in OF_ENTRIES:
            done += _alter(connection, random, known["entries"], column)
        for name, column in (("checkpoints", "root"), ("log_state", "tree_size"), ("outbox", "payload")):
            done += _alter(connection, random, known[name], column)
        connection.commit()
    assert not {line.split()[1] for line in done} & set(NEITHER) - {"outbox"}
    return done


def _damage_table(connection: Connection, random: Random, table: Table) -> list[str]:
    rows = connection.execute(select(table)).mappings().all()
    if not rows:
        return []
    changing = [name for name, value in rows[0].items() if _other(random, value) != value]
    done = _alter(connection, random, table, random.choice(changing))
    connection.execute(delete(table).where(*_is(table, random.choice(rows))))
    done.append(f"deleted {table.name}")
    new = {name: _other(random, value) for name, value in random.choice(rows).items()}
    return [*done, *_tried(connection, insert(table).values(new), f"added {table.name}")]


def _alter(connection: Connection, random: Random, table: Table, column: str) -> list[str]:
    rows = connection.execute(select(table).where(table.c[column].is_not(None))).mappings().all()
    if not rows:
        return []
    row = random.choice(rows)
    change = update(table).where(*_is(table, row)).values({column: _other(random, row[column])})
    return _tried(connection, change, f"altered {table.name} {column}")


def _tried(connection: Connection, change: Executable, done: str) -> list[str]:
    try:
        with connection.begin_nested():
            connection.execute(change)
    except DBAPIError:
        return []  # what an engine will not store is no damage
    return [done]


def _is(table: Table, row: Any) -> list[ColumnElement[bool]]:
    return [column == row[column.key] for column in table.primary_key.columns]


def _other(random: Random, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + random.choice((1, 7, 1_000))
    if isinstance(value, bytes | memoryview) and bytes(value):
        changed = bytearray(value)
        changed[random.randrange(len(changed))] ^= 1
        return bytes(changed)
    if isinstance(value, str) and value:
        at = random.randrange(len(value))
        return value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :]
    return value


def _tables(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    return sorted(row[0] for row in connection.exec_driver_sql(query))
