"""The market's events: a snapshot and what came after it are the book now, whenever one begins (docs/market.md)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.bodies import PlaceOrder
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.market_operations import order_hash
from ledger.chain import outbox_blocks
from ledger.chain.rpc import BlockRef
from ledger.db.exchange_models import ChainCancelRow
from ledger.market import withdrawals
from ledger.market.feed.events import BookChange, CandleChange, FeedEvent, FillChange
from ledger.market.feed.ids import FeedId
from ledger.market.feed.reading import Follower, here
from ledger.market.views import BookView, OrderView
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import ASSET, MarketDesk
from tests.ledger.mirrored import marketwork

BEGINNING = FeedId(0, 0, 1, 0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MarketDesk]:
    made = MarketDesk(migrated_sqlite(tmp_path / "feed.sqlite3"))
    made.endow()
    yield made
    made.database.close()


def events(desk: MarketDesk, start: FeedId = BEGINNING) -> list[FeedEvent]:
    """Everything from ``start`` to now, in a follower of its own."""
    follower, found = Follower(start), list[FeedEvent]()
    with desk.database.read() as store:
        until = here(store)
        while not follower.reached.covers(until):
            found += follower.read(store, until)
    assert follower.reached == until
    return found


def now(desk: MarketDesk) -> FeedId:
    with desk.database.read() as store:
        return here(store)


class Followed:
    """What a client keeps: a snapshot of the book, and every change of it since."""

    def __init__(self, book: BookView) -> None:
        self.id = FeedId.parse(book.id)
        self.levels = {(level.side, level.price_fen): level for level in book.levels}
        self.offers = {offer.order: offer for offer in book.offers}

    def apply(self, told: list[FeedEvent]) -> None:
        for event in told:
            if isinstance(event.body, BookChange):
                for level in event.body.levels:
                    self.levels[level.side, level.price_fen] = level
                for offer in event.body.offers:
                    self.offers[offer.order] = offer

    def same_as(self, book: BookView) -> None:
        assert {place: one for place, one in self.levels.items() if one.orders} == {
            (one.side, one.price_fen): one for one in book.levels
        }
        assert {name: one for name, one in self.offers.items() if one.remaining} == {
            one.order: one for one in book.offers
        }


def kinds(told: list[FeedEvent]) -> list[str]:
    return [event.kind for event in told]


def _random_entry(desk: MarketDesk, known: list[tuple[bytes, str]], rng: random.Random, number: int) -> bytes:
    work, chosen = desk.work, rng.random()
    who = rng.choice(work.traders)
    if known and chosen < 0.2:
        order, who = known[rng.randrange(len(known))]
        body = work.signed(work.cancel(order), who)
    elif known and chosen < 0.45 and not desk.work.central:
        order, _ = known[rng.randrange(len(known))]
        body = work.signed(work.accepting(order, rng.choice((None, 3))), who)
    else:
        deadline = format_instant(desk.memory.now + rng.choice((20, 4_000)))
        placed: PlaceOrder = work.signed(
            work.order(
                rng.choice(("buy", "sell")),
                rng.randint(1, 60),
                6_000 + rng.randint(-4, 4),
                minimum_fill=1,
                deadline=deadline,
            ),
            who,
        )
        known.append((order_hash(placed, who, marketwork.EXCHANGE), who))
        body = placed
    key = work.keys[who]
    signed: bytes = desk.park.sign("order", body, iss=who, stream=f"o-{number}", seq=1, iat=desk.memory.now, key=key)
    return signed


@pytest.mark.parametrize("mode", ["agreement", "licensed"])
@pytest.mark.parametrize("seed", range(3))
def test_a_snapshot_and_the_events_after_it_are_the_book_now(desk: MarketDesk, mode: str, seed: int) -> None:
    """Wherever one begins, whatever happened: orders, fills, deadlines, halts, refusals, a chain that forgets."""
    work, rng = desk.work, random.Random(f"{mode} {seed}")
    work.opened(mode=mode, **({"document_hash": "ab" * 32} if mode == "licensed" else {}))
    work.central = mode == "licensed"
    known: list[tuple[bytes, str]] = []
    followed = [Followed(desk.market.book(ASSET))]
    ids = [followed[0].id]
    for number in range(60):
        desk.memory.now += rng.randint(0, 3)
        desk.log.submit([_random_entry(desk, known, rng, number)])
        if number % 9 == 5:
            flying = [one.op_id for one in desk.market.trades(ASSET) if one.state == "matched"]
            desk.mine(refuse=tuple(op for op in flying if rng.random() < 0.3))
        if number == 30:
            with desk.database.write() as store:
                outbox_blocks.reopen_above(store, desk.block - 3, now=desk.memory.now)
                withdrawals.note_all(store, now=desk.memory.now)
        if number % 5 == 0:
            followed.append(Followed(desk.market.book(ASSET)))
            ids.append(now(desk))
    # The next entry that acts on a book ends what is past its deadline.
    work.administer(work.halt())
    final = desk.market.book(ASSET)
    assert final.levels
    whole = events(desk)
    assert len({event.id for event in whole}) == len(whole)
    for one in followed:
        one.apply(events(desk, one.id))
        one.same_as(final)
    for start in ids:
        assert events(desk, start) == [event for event in whole if not event.told_before(start)], (
            "the same ids anywhere"
        )
    for event in rng.sample(whole, 12):
        assert events(desk, event.id) == whole[whole.index(event) + 1 :], "after each event those that follow it, once"


def test_an_order_taken_back_on_the_exchange_leaves_the_book_and_comes_back_with_a_reorg(desk: MarketDesk) -> None:
    """Nobody's entry says so: the chain's word has a place of its own in the order of events."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(10, 6_000), desk.steel)
    followed = Followed(desk.market.book(ASSET))
    begin = followed.id
    cancel = ChainCancelRow(
        block_number=desk.block + 1, log_index=0, tx_hash=bytes(32), account=account_id(desk.steel), order_hash=offer
    )
    with desk.database.write() as store:
        store.add(cancel)
        withdrawals.note_cancelled(store, account_id(desk.steel), offer, now=desk.memory.now)
    told = events(desk, begin)
    assert kinds(told) == ["order", "book"]
    order = told[0].body
    assert isinstance(order, OrderView)
    assert (order.status, order.remaining) == ("refused", 10)
    followed.apply(told)
    assert desk.market.book(ASSET).levels == ()
    followed.same_as(desk.market.book(ASSET))
    with desk.database.write() as store:
        store.delete(store.get_one(ChainCancelRow, (desk.block + 1, 0)))
        store.flush()
        withdrawals.note_all(store, now=desk.memory.now)
    followed.apply(events(desk, told[-1].id))
    assert desk.market.book(ASSET).levels
    followed.same_as(desk.market.book(ASSET))


def test_a_fill_that_is_undone_leaves_the_candle_and_says_why(desk: MarketDesk) -> None:
    """DOMAIN 15, 18: settled, undone and final are events, in the order in which they were learnt."""
    work = desk.work
    work.opened()
    desk.trade(desk.steel, desk.food, 10, 6_000)
    desk.trade(desk.tiles, desk.food, 20, 6_100)
    begin = now(desk)
    first, _ = desk.market.trades(ASSET)
    desk.mine(refuse=(first.op_id,))
    with desk.database.write() as store:
        outbox_blocks.mark_final(store, BlockRef(desk.block, bytes(32)), now=desk.memory.now)
    told = events(desk, begin)
    fills = [(one.kind, one.body.state, one.body.trade.reason) for one in told if isinstance(one.body, FillChange)]
    assert fills == [
        ("trade", "undone", "NotSellable(0)"),
        ("fill", "undone", "NotSellable(0)"),
        ("trade", "settled", None),
        ("fill", "settled", None),
        ("fill", "final", None),
    ]
    (candle,) = [one.body.candle for one in told if isinstance(one.body, CandleChange)]
    assert (candle,) == tuple(desk.market.candles(ASSET))


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.5", "01.0.1.0", "-1.0.1.0", "1.0.1.0 ", "1.0.1.x", "9" * 20])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no id of an event"):
        FeedId.parse(text)


@given(st.tuples(*[st.integers(0, 10**8)] * 4))
def test_an_id_is_its_text(parts: tuple[int, int, int, int]) -> None:
    assert FeedId.parse(str(FeedId(*parts))) == FeedId(*parts)
