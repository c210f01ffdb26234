"""What an order costs the store: as much in the evening of a busy day as in the morning (PERF.md; DOMAIN 12 to 18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import ASSET, MarketDesk

MORNING, EVENING = 4, 24
"""Trades after which is looked."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MarketDesk]:
    desk = MarketDesk(migrated_sqlite(tmp_path / "costs.sqlite3"))
    desk.endow(10_000_000, 10**13)
    yield desk
    desk.database.close()


@contextmanager
def _statements(desk: MarketDesk) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(desk.database.engine, "before_cursor_execute", note)


def _steps(desk: MarketDesk, ask: Callable[[Any], Any]) -> int:
    """Instructions of SQLite's machine that answering takes."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with desk.database.read() as session:
        connection = session.connection().connection.driver_connection
        connection.set_progress_handler(count, 1)
        try:
            ask(desk.facts(session))
        finally:
            connection.set_progress_handler(None, 0)
    return taken


def _trades(desk: MarketDesk, count: int, mode: str) -> None:
    for _ in range(count):
        _trade(desk, mode)
    desk.mine()


def _trade(desk: MarketDesk, mode: str) -> None:
    if mode == "agreement":
        desk.trade(desk.steel, desk.tiles, 5, 6_000)
    else:
        desk.say(desk.work.sell(5, 6_000), desk.steel)
        desk.say(desk.work.buy(5, 6_000), desk.tiles)


@pytest.mark.parametrize("mode", ["agreement", "licensed"])
def test_an_accepted_order_asks_the_store_as_often_in_the_evening_as_in_the_morning(
    desk: MarketDesk, mode: str
) -> None:
    desk.work.opened(mode=mode)
    _trades(desk, MORNING, mode)
    with _statements(desk) as morning:
        _trade(desk, mode)
    _trades(desk, EVENING - MORNING, mode)
    with _statements(desk) as evening:
        _trade(desk, mode)
    assert sorted(evening) == sorted(morning)


def test_orders_that_are_taken_together_share_what_none_of_them_changes(desk: MarketDesk) -> None:
    """Terms, day, halts of cash, the log's state are read once in a transaction, not by each order."""
    desk.work.opened(mode="agreement")
    entries = [_unsent(desk, number) for number in range(8)]
    with _statements(desk) as alone:
        desk.log.submit(entries[:1])
    with _statements(desk) as together:
        desk.log.submit(entries[1:])
    for table in ("log_state", "market_days", "chain_reconciliations"):
        assert (
            len([one for one in together if one.startswith("SELECT") and f"FROM {table}" in " ".join(one.split())]) == 1
        )
    assert len(together) < len(alone) * 7 * 3 // 4


def test_what_an_account_has_unsettled_is_looked_for_among_what_is_on_its_way_alone(desk: MarketDesk) -> None:
    """Settled fills of the day are passed over without being read."""
    desk.work.opened(mode="agreement")
    _trades(desk, MORNING, "agreement")
    asked: tuple[Callable[[Any], Any], ...] = (
        lambda facts: facts.market.selling(desk.steel, ASSET),
        lambda facts: facts.market.buying(desk.tiles, ASSET),
        lambda facts: facts.market.cash_unsettled(desk.tiles),
    )
    _trade(desk, "agreement")
    morning = [_steps(desk, ask) for ask in asked]
    desk.mine()
    _trades(desk, EVENING - MORNING, "agreement")
    _trade(desk, "agreement")
    evening = [_steps(desk, ask) for ask in asked]
    for early, late in zip(morning, evening, strict=True):
        assert late <= early + 10  # the search in an index that has grown
    with desk.database.read() as session:
        market = desk.facts(session).market
        assert (market.selling(desk.steel, ASSET), market.buying(desk.tiles, ASSET)) == (5, 5)
        assert market.cash_unsettled(desk.tiles)[0] >= 30_000


def test_a_page_of_orders_is_read_in_as_many_queries_as_one_order(desk: MarketDesk) -> None:
    desk.work.opened(mode="agreement")
    desk.say(desk.work.sell(5, 6_000), desk.steel)
    with _statements(desk) as one:
        assert len(desk.market.orders(account=desk.steel)) == 1
    for _ in range(MORNING):
        desk.say(desk.work.sell(5, 6_000), desk.steel)
    with _statements(desk) as page:
        assert len(desk.market.orders(account=desk.steel)) == MORNING + 1
    assert len(page) == len(one)


def test_a_page_of_an_accounts_fills_costs_as_much_however_many_it_ever_had(desk: MarketDesk) -> None:
    """Each side ends at the page's length; sorted together, a page cost as much as all that the account traded."""
    desk.work.opened(mode="agreement")
    _trades(desk, MORNING, "agreement")
    morning = _steps(desk, lambda facts: facts.market.fills(account=desk.steel, limit=3, newest=True))
    _trades(desk, EVENING - MORNING, "agreement")
    evening = _steps(desk, lambda facts: facts.market.fills(account=desk.steel, limit=3, newest=True))
    assert evening <= morning + 20  # the searches in indexes that have grown


@pytest.mark.parametrize("newest", [False, True])
def test_an_accounts_fills_are_those_of_both_its_sides_in_the_order_of_the_log(desk: MarketDesk, newest: bool) -> None:
    desk.work.opened(mode="agreement")
    for seller, buyer in ((desk.steel, desk.tiles), (desk.tiles, desk.steel), (desk.tiles, desk.food)) * 2:
        desk.trade(seller, buyer, 5, 6_000)
    with desk.database.read() as session:
        market = desk.facts(session).market
        whole = [fill for fill, _ in market.fills(ASSET, newest=newest)]
        wanted = [fill.number for fill in whole if desk.steel in {fill.buyer, fill.seller}]
        for limit in (None, 1, 3, 9):
            found = market.fills(account=desk.steel, limit=limit, newest=newest)
            assert [fill.number for fill, _ in found] == wanted[:limit]
    assert len(wanted) == 4


def _unsent(desk: MarketDesk, number: int) -> bytes:
    """An order's statement at the next places of the stream, which nobody submitted."""
    kept, entries = desk.memory.accept, list[bytes]()
    desk.memory.accept = entries.append
    next_seq = desk.park.next_seq
    desk.park.next_seq = lambda issuer, stream: next_seq(issuer, stream) + number
    try:
        desk.say(desk.work.sell(5, 6_000), desk.steel)
    finally:
        desk.memory.accept, desk.park.next_seq = kept, next_seq
    (entry,) = entries
    return entry
