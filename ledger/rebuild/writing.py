"""Rows of the scratch store become the store's, inside one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, insert, select, text, update

from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.statements import Close, Reading, Report
from ledger.db.base import Base
from ledger.db.log_models import CheckpointRow, Entry, LogState, Stream, Tile
from ledger.fsck.growing import GrowingTree
from ledger.merkle.tiles import TileRow

_AT_ONCE: Final = 1_000
_ENTRIES: Final = Entry.__table__
_STREAMS: Final = Stream.__table__
_TILES: Final = Tile.__table__


def tables_of(names: Collection[str]) -> list[Table]:
    """Tables by name, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name in names]


def replace_table(table: Table, store: Connection, scratch: Connection) -> int:
    """Put the scratch store's rows into an empty table, in the order in which they came to be. Returns how many."""
    rows = scratch.execute(select(table).order_by(text("rowid")))
    count = 0
    while some := [dict(row._mapping) for row in islice(rows, _AT_ONCE)]:
        store.execute(insert(table), [_named(table, row) for row in some])
        count += len(some)
    return count


def _named(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.key: row[column.key] for column in table.columns}


def replace_streams(store: Connection, scratch: Connection) -> None:
    """Rows of streams. Entries refer to them: those that stay are changed, none is taken away yet."""
    wanted = {row.id: dict(row._mapping) for row in scratch.execute(select(_STREAMS))}
    stored = {row.id: dict(row._mapping) for row in store.execute(select(_STREAMS))}
    changed = [number for number, row in stored.items() if wanted.get(number) != row]
    for number in changed:
        # Names may pass from one row to another; no stream has an empty one.
        aside = update(_STREAMS).where(_STREAMS.c.id == number).values(issuer="", name=str(number))
        store.execute(aside)
    for number in changed:
        if number in wanted:
            store.execute(update(_STREAMS).where(_STREAMS.c.id == number).values(**wanted[number]))
    missing = [row for number, row in wanted.items() if number not in stored]
    if missing:
        store.execute(insert(_STREAMS), missing)


def drop_streams(store: Connection, scratch: Connection) -> None:
    """Take away rows of streams that no entry is of; after the entries were put right."""
    wanted = set(scratch.scalars(select(_STREAMS.c.id)))
    for number in [one for one in store.scalars(select(_STREAMS.c.id)) if one not in wanted]:
        store.execute(delete(_STREAMS).where(_STREAMS.c.id == number))


def replace_columns(store: Connection, indexes: Collection[int], origin: str) -> None:
    """The derived columns of these entries, from their bytes; after the streams were put right."""
    if not indexes:
        return
    numbers = {(row.issuer, row.name): row.id for row in store.execute(select(_STREAMS))}
    aside = update(_ENTRIES).where(_ENTRIES.c.idx == bindparam("at")).values(seq=bindparam("aside"))
    # Places may pass from one row to another: none is taken twice meanwhile.
    store.execute(aside, [{"at": index, "aside": -1 - index} for index in indexes])
    for index in sorted(indexes):
        entry = store.scalar(select(_ENTRIES.c.entry).where(_ENTRIES.c.idx == index))
        statement = examine(bytes(entry or b""), origin)
        start, end = period_of(statement.body)
        values = {
            "stream_id": numbers[statement.iss, statement.stream],
            "seq": statement.seq,
            "type": statement.type,
            "statement_id": statement.statement_id,
            "leaf_hash": statement.leaf_hash,
            "period_start": start,
            "period_end": end,
        }
        store.execute(update(_ENTRIES).where(_ENTRIES.c.idx == index).values(**values))


def period_of(body: object) -> tuple[int | None, int | None]:
    """Beginning and end (Unix seconds) that a row of ``entries`` has of a statement's body."""
    if isinstance(body, Reading | Close):
        return parse_instant(body.start), parse_instant(body.end)
    if isinstance(body, Report):
        return parse_instant(body.period.start), parse_instant(body.period.end)
    return None, None


def replace_state(store: Connection, origin: str, count: int, roots: Mapping[int, bytes]) -> int:
    """Where the log stands, and the roots of its heads; the epoch, which a person adopted, stays. Returns the tree's
    size."""
    heads, state = CheckpointRow.__table__, LogState.__table__
    for epoch, size, root in list(store.execute(select(heads.c.epoch, heads.c.size, heads.c.root))):
        if size in roots and bytes(root) != roots[size]:
            here = update(heads).where(heads.c.epoch == epoch, heads.c.size == size)
            store.execute(here.values(root=roots[size]))
    size = store.scalar(select(func.max(heads.c.size))) or 0
    epoch = store.scalar(select(state.c.epoch).where(state.c.id == 1))
    newest = store.scalar(select(func.max(heads.c.epoch))) or 0
    store.execute(delete(state))
    row = {"id": 1, "origin": origin, "epoch": max(epoch or 0, newest), "next_index": count, "tree_size": size}
    store.execute(insert(state), [row])
    return int(size)


def replace_tiles(store: Connection, size: int) -> int:
    """The tree's tiles over the leaf hashes of the entries. Returns how many were others, missing or too many."""
    stored = {
        (row.level, row.idx): row.width for row in store.execute(select(_TILES.c.level, _TILES.c.idx, _TILES.c.width))
    }
    changed = 0
    for level, index, width, blob in _grown(store, size):
        here = _TILES.c.level == level, _TILES.c.idx == index
        known = stored.pop((level, index), None)
        if known == width and bytes(store.scalar(select(_TILES.c.blob).where(*here)) or b"") == blob:
            continue
        changed += 1
        if known is not None:
            store.execute(delete(_TILES).where(*here))
        store.execute(insert(_TILES), [{"level": level, "idx": index, "width": width, "blob": blob}])
    for level, index in stored:
        store.execute(delete(_TILES).where(_TILES.c.level == level, _TILES.c.idx == index))
    return changed + len(stored)


def _grown(store: Connection, size: int) -> Iterator[TileRow]:
    tree = GrowingTree()
    for first in range(0, size, _AT_ONCE):
        last = min(first + _AT_ONCE, size)
        query = select(_ENTRIES.c.leaf_hash).where(_ENTRIES.c.idx >= first, _ENTRIES.c.idx < last)
        for leaf in store.scalars(query.order_by(_ENTRIES.c.idx)).all():
            yield from tree.add(bytes(leaf))
    yield from tree.partial()


def restart_numbers(store: Connection, tables: Sequence[Table]) -> None:
    """Where an engine counts apart from the rows, go on after the highest."""
    if store.dialect.name != "postgresql":
        return
    for table in tables:
        column: Column[Any] | None = table.autoincrement_column
        if column is None:
            continue
        sequence = store.scalar(
            text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": column.name}
        )
        if sequence is not None:
            highest = store.scalar(select(func.max(column)))
            store.execute(
                text("SELECT setval(:sequence, :value, :used)"),
                {"sequence": sequence, "value": highest or 1, "used": highest is not None},
            )
