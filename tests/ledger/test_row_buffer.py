"""What a chunk of the chain changes is sent together, and nobody who asks in between misses any of it (law 5)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from ledger.chain import outbox, outbox_blocks
from ledger.chain.operations import CHOSEN_KINDS, Kind
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.db.base import Database
from ledger.db.chain_models import ChainEventRow, OutboxRow
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.feed_models import MarketOutcomeRow
from ledger.row_buffer import RowBuffer
from ledger.settled_fills import Trade

BLOCK = BlockRef(7, b"h" * 32)


def event(index: int) -> tuple[Any, ...]:
    return 7, index, bytes(32), "Exchange", "Settled", "{}"


def asked(database: Database, *intents: tuple[bytes, Kind]) -> None:
    with database.write() as session:
        for position, (op_id, kind) in enumerate(intents):
            outbox.enqueue(session, op_id=op_id, kind=kind, position=position, payload={"n": position}, now=1)


def standing(database: Database) -> list[tuple[Any, ...]]:
    row = OutboxRow
    with database.read() as session:
        rows = session.execute(
            select(row.op_id, row.kind, row.state, row.block_number, row.updated_at).order_by(row.id)
        )
        told = session.execute(select(MarketOutcomeRow.op_id, MarketOutcomeRow.state).order_by(MarketOutcomeRow.number))
        return [*map(tuple, rows), *map(tuple, told)]


def test_who_asks_the_tables_sees_what_came_before(database: Database) -> None:
    with database.write() as session:
        rows = RowBuffer(session, now=1)
        rows.add(ChainEventRow, event(0))
        assert session.scalars(select(ChainEventRow.log_index)).all() == []
        rows.add(ChainEventRow, event(1))
        assert rows.session.scalars(select(ChainEventRow.log_index)).all() == [0, 1]
        assert rows.session.scalars(select(ChainEventRow.log_index)).all() == [0, 1], "sent once"


def test_a_chunk_that_fails_leaves_nothing(database: Database) -> None:
    asked(database, (b"a" * 32, Kind.DEPOSIT))
    before = standing(database)

    def half() -> None:
        with database.write() as session:
            rows = RowBuffer(session, now=2)
            rows.add(ChainEventRow, event(0))
            rows.took_effect(b"a" * 32, BLOCK, CHOSEN_KINDS)
            rows.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert standing(database) == before
    with database.read() as session:
        assert session.scalars(select(ChainEventRow)).all() == []


def test_a_trade_has_its_members_in_the_order_of_the_columns() -> None:
    assert Trade._fields == tuple(column.name for column in ChainTradeRow.__table__.columns)


def test_effects_together_are_effects_one_by_one(database: Database) -> None:
    """One operation id of two kinds, one that nobody asked for, one twice; a settlement is noted, once, when it is
    news."""
    names = [bytes([number]) * 32 for number in range(5)]
    intents = ((names[0], Kind.DEPOSIT), (names[1], Kind.SETTLE), (names[2], Kind.SETTLE), (names[1], Kind.MOVE))
    effects = [
        (names[0], BLOCK, CHOSEN_KINDS),
        (names[2], BLOCK, (Kind.SETTLE,)),
        (names[1], BLOCK, (Kind.SETTLE,)),
        (names[3], BLOCK, CHOSEN_KINDS),
        (names[2], BlockRef(8, b"i" * 32), (Kind.SETTLE,)),
    ]
    asked(database, *intents)
    with database.write() as session:
        outbox_blocks.take_effect(session, effects, now=5)
    together = standing(database)
    with database.write() as session:
        for table in (OutboxRow, MarketOutcomeRow):
            session.query(table).delete()
    asked(database, *intents)
    with database.write() as session:
        for op_id, block, kinds in effects:
            outbox.mark_mined(session, op_id, block, now=5, kinds=kinds)
    assert together == standing(database)
    assert [state for *_, state, number, at in together[:4]] == [State.MINED] * 3 + [State.PENDING]
    assert together[4:] == [(names[2], "settled"), (names[1], "settled")]
