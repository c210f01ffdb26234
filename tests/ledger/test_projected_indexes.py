"""What is asked of movements, cash and trades finds its rows by an index, and none stands there that nobody asks."""

from __future__ import annotations

import pytest
from sqlalchemy import Select, inspect, select

from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Database
from ledger.db.chain_queries import sums
from ledger.db.exchange_models import ChainCashRow, ChainTradeRow

WORD = b"\x01" * 32
MOVED, CASH, TRADE = ChainMovementRow, ChainCashRow, ChainTradeRow
ASKED = {
    "ix_chain_movements_account": select(*sums(MOVED.trading)).where(MOVED.account == WORD, MOVED.asset == 1),
    "ix_chain_movements_asset": select(*sums(MOVED.issued)).where(MOVED.asset == 1),
    "ix_chain_movements_freeze": select(*sums(MOVED.frozen)).where(MOVED.freeze == WORD),
    "ix_chain_cash_account": select(*sums(CASH.free)).where(CASH.account == WORD),
    "ix_chain_trades_day": select(TRADE).where(TRADE.asset == 1, TRADE.day == 20260105),
    "ix_chain_trades_buyer": select(TRADE.tonnes).where(TRADE.buyer == WORD, TRADE.asset == 1),
    "ix_chain_trades_buy": select(TRADE.tonnes).where(TRADE.buy_hash == WORD),
    "ix_chain_trades_sell": select(TRADE.tonnes).where(TRADE.sell_hash == WORD),
}
"""Every index of the rows of a trade, and a question that needs it."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("index", "asked"), ASKED.items(), ids=ASKED)
def test_each_question_is_answered_by_its_index(database: Database, index: str, asked: Select[tuple[object]]) -> None:
    query = str(asked.compile(database.engine, compile_kwargs={"render_postcompile": True}))
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", tuple([None] * query.count("?")))
        assert any(f"USING INDEX {index} " in str(row[-1]) for row in plan)


def test_the_rows_of_a_trade_have_no_other_index(database: Database) -> None:
    found = inspect(database.engine)
    tables = (MOVED.__tablename__, CASH.__tablename__, TRADE.__tablename__)
    assert {str(index["name"]) for table in tables for index in found.get_indexes(table)} == set(ASKED)
