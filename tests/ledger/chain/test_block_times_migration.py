"""A store that knows no times of blocks reads the chain again: the same rows, and the times (law 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.db.asset_models import ChainMovementRow
from ledger.db.block_time_models import ChainBlockTimeRow
from ledger.db.chain_models import ChainEventRow, ChainHeadRow, ChainReadRow

from ..chained_units import Chained

pytestmark = pytest.mark.chain


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


def rows(chained: Chained, table: Any) -> list[dict[str, Any]]:
    with chained.world.database.read() as session:
        found = session.execute(select(table.__table__).order_by(*table.__table__.primary_key))
        return [dict(row) for row in found.mappings()]


def test_an_older_store_reads_the_chain_again_and_repeats_nothing_on_it(chained: Chained) -> None:
    chained.opened()
    chained.settle()
    tables = (ChainEventRow, ChainMovementRow, ChainBlockTimeRow)
    before, counts = [rows(chained, table) for table in tables], chained.world.counts()
    events, _, times = before
    assert sorted({one["block_number"] for one in events}) == [one["block_number"] for one in times]
    for one in times:
        assert chained.world.rpc.block(one["block_number"]).timestamp == one["time"]
    with chained.world.database.write() as session:
        # What migration 0027 leaves of a store that has no times yet.
        for table in (ChainHeadRow, ChainReadRow, ChainBlockTimeRow):
            session.execute(delete(table))
    chained.settle()
    assert [rows(chained, table) for table in tables] == before
    assert chained.world.counts()[State.REFUSED] == counts[State.REFUSED] == 0
