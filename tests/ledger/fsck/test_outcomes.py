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
