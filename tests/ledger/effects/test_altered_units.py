"""In a copy of the store with one altered value of what entries say of units, the replay names table and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from attestation.bodies import CommentScore, PublishScore
from ledger.db.base import Base
from tests.ledger.engines import migrated_sqlite
from tests.ledger.mirrored import Mirror

from .test_quotas import STEEL, document, proposed

TABLES = ("asset_operations", "offset_serials", "allocations", "scores", "score_comments")
ENTRIES = {"replaced_index", "withdrawn_index", "published_index", "entry_index", "score_index", "op_id"}


@pytest.fixture
def filled(tmp_path: Path) -> Mirror:
    """A log with orders, intents, CCER, terms, an allocation, and a score that was commented on and published."""
    mirror = Mirror(migrated_sqlite(tmp_path / "log.sqlite3"))
    units = mirror.units()
    units.hold(units.signed(units.issue(2_000)))
    units.hold(units.signed(units.carry_in(900)))
    units.hold(units.signed(units.offsets(1, 100)))
    taken = units.signed(units.freeze(30))
    units.hold(taken)
    units.hold(units.signed(units.release(taken, 10)))
    units.hold(units.signed(units.transfer(5)))
    units.hold(units.signed(units.suspend("88.608.5291/tiles")))
    units.allocate(units.allocation(document(1_000)))
    score = units.rate(proposed(mirror, units)).statement_id.hex()
    units.rate(CommentScore(score=score, text="agreed"), iss=STEEL)
    mirror.memory.now = mirror.memory.score(bytes.fromhex(score)).comments_until
    units.rate(PublishScore(score=score))
    return mirror


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case str():
            return f"{value[:-1]}{'x' if value[-1] != 'x' else 'y'}"
        case dict():
            return value | {"fen_per_tonne": 1}
        case _:
            return None


def found(mirror: Mirror, table: Table, column: str) -> bool:
    """Alter one value, replay, put it back; whether the fault is named."""
    place = table.primary_key.columns.values()[0]
    with mirror.database.read() as session:
        query = select(place, table.c[column]).where(table.c[column].is_not(None)).order_by(place)
        row = session.execute(query.limit(1)).first()
    if row is None:
        return True
    key, value = row
    changed = update(table).where(place == key)
    with mirror.database.write() as session:
        session.execute(changed.values({column: other(value)}))
    named = {(fault.table, fault.column) for fault in mirror.replay_faults()}
    with mirror.database.write() as session:
        session.execute(changed.values({column: value}))
    return (table.name, column) in named


@pytest.mark.parametrize("name", TABLES)
def test_one_altered_value_is_found_and_named(filled: Mirror, name: str) -> None:
    table = Base.metadata.tables[name]
    assert filled.replay_faults() == []
    columns = [column.name for column in table.columns if column.name not in ENTRIES]
    assert [column for column in columns if not found(filled, table, column)] == []
    assert filled.replay_faults() == []
