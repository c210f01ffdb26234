"""What was noted of fills is what the outbox has, and about fills and orders alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.fsck.faults import Findings
from ledger.fsck.outcomes import compare_outcomes
from ledger.fsck.store import Store
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import MarketDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MarketDesk]:
    made = MarketDesk(migrated_sqlite(tmp_path / "outcomes.sqlite3"))
    made.endow()
    made.work.opened()
    made.trade(made.steel, made.food, 10, 6_000)
    made.trade(made.steel, made.food, 20, 6_100)
    made.mine()
    made.trade(made.tiles, made.food, 30, 6_200)
    yield made
    made.database.close()


def faults(desk: MarketDesk, *changes: str) -> list[tuple[str, str]]:
    """Table and column of every fault after changes that are not kept."""
    found: list[tuple[str, str]] = []
    with desk.database.engine.connect() as connection:
        for change in changes:
            connection.execute(text(change))
        findings = Findings(lambda fault: found.append((fault.table, fault.column)))
        compare_outcomes(Store(connection), findings)
        connection.rollback()
    return found


def test_a_good_store_has_nothing_to_say(desk: MarketDesk) -> None:
    assert faults(desk) == []


def test_a_note_that_cannot_follow_the_one_before_is_found(desk: MarketDesk) -> None:
    final = "INSERT INTO market_outcomes (entries, op_id, state, noted_at) SELECT entries + 1, op_id, 'final', 0"
    told = f"{final} FROM market_outcomes WHERE state = 'settled'"
    mined = "UPDATE outbox SET state = 'final' WHERE state = 'mined'"
    assert faults(desk, told, mined) == []
    gone = "DELETE FROM market_outcomes WHERE state = 'settled' AND number = 2"
    assert faults(desk, told, mined, gone) == [("market_outcomes", "state")]


def test_a_store_that_had_fills_before_it_had_notes_begins_with_how_they_stood(desk: MarketDesk) -> None:
    began = "UPDATE market_outcomes SET state = 'final'", "UPDATE outbox SET state = 'final' WHERE state = 'mined'"
    assert faults(desk, *began) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("DELETE FROM market_outcomes WHERE number = 1", "state"),
        ("UPDATE market_outcomes SET state = 'undone' WHERE number = 2", "state"),
        ("UPDATE market_outcomes SET state = 'withdrawn' WHERE number = 2", "state"),
        ("UPDATE market_outcomes SET op_id = zeroblob(32) WHERE number = 1", "op_id"),
        ("UPDATE market_outcomes SET order_hash = zeroblob(32) WHERE number = 1", "op_id"),
        ("UPDATE market_outcomes SET entries = 9999 WHERE number = 2", "entries"),
        (
            "INSERT INTO market_outcomes (entries, order_hash, state, noted_at) "
            "SELECT next_index, zeroblob(32), 'withdrawn', 0 FROM log_state",
            "order_hash",
        ),
    ],
)
def test_a_row_that_was_changed_is_found(desk: MarketDesk, change: str, column: str) -> None:
    assert ("market_outcomes", column) in faults(desk, change)
