"""Open orders that meet nothing any more: asked of a whole book as of each by its hash (DOMAIN 16, 18)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.identifiers import account_id
from ledger.db.exchange_models import ChainCancelRow
from ledger.db.market import MarketRepository
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import ASSET, MarketDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MarketDesk]:
    made = MarketDesk(migrated_sqlite(tmp_path / "gone.sqlite3"))
    made.endow()
    yield made
    made.database.close()


def _said_on_chain(desk: MarketDesk, who: str, *, order: bytes | None = None, epoch: int | None = None) -> None:
    desk.block += 1
    with desk.database.write() as session:
        session.add(
            ChainCancelRow(
                block_number=desk.block,
                log_index=0,
                tx_hash=bytes(32),
                account=account_id(who),
                order_hash=order,
                epoch=epoch,
            )
        )


def _gone(desk: MarketDesk) -> frozenset[bytes]:
    with desk.database.read() as session:
        market = MarketRepository(session)
        rows = market.open_orders(ASSET, in_book=True)
        each = market.refused_orders([row.order_hash for row in rows]) | market.taken_back(rows)
        whole = market.gone_from_book(ASSET, rows)
        assert whole == each
        assert market.gone_from_book(ASSET, []) == frozenset()
        # Of others than are asked about nothing is said.
        assert market.gone_from_book(ASSET, rows[:1]) == each & {row.order_hash for row in rows[:1]}
    return whole


def test_a_book_has_lost_what_each_of_its_orders_says_is_gone(desk: MarketDesk) -> None:
    work = desk.work
    work.opened(mode="agreement")
    offers = [desk.say(work.sell(10, 6_000), desk.steel) for _ in range(3)]
    other = desk.say(work.sell(10, 6_000), desk.food)
    assert _gone(desk) == frozenset()
    _said_on_chain(desk, desk.steel, order=offers[0])
    assert _gone(desk) == {offers[0]}
    desk.say(work.accepting(offers[1], 4), desk.tiles)
    with desk.database.read() as session:
        ((fill, _),) = MarketRepository(session).fills(ASSET)
    desk.mine(refuse=(fill.op_id,))
    assert _gone(desk) == {offers[0], offers[1]}
    _said_on_chain(desk, desk.food, epoch=1)
    assert _gone(desk) == {offers[0], offers[1], other}
    _said_on_chain(desk, desk.tiles, epoch=1)
    assert _gone(desk) == {offers[0], offers[1], other}
