"""A trading day recomputed from the log's entries, held against everything that was recorded of it.

Recorded are: what the registrar's close said, the fills that were matched when orders came in, and the trades that the
chain says were settled. All differences are told, in this order, those of fills in the order of the fills.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as Store

from attestation.examination import examine
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange import ExchangeRepository
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.log_models import Entry
from ledger.db.market import MarketRepository
from ledger.db.market_models import MarketFillRow
from ledger.market.derived import TYPES, ClosedDay, DerivedMarket
from ledger.settled_fills import filled_before
from quota.market.divergence import Divergence, Recorded, differences
from quota.market.orders import Fill, OrderKind
from quota.market.session import Session

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A divergence, and whose word it is of: ``close``, ``rows`` or ``chain``."""

    source: str
    divergence: Divergence


@dataclass(frozen=True, slots=True)
class DayReplay:
    """A day as its entries give it, and where what was recorded departs from it. ``closed``: what its close said."""

    session: Session
    closed: ClosedDay | None
    differences: tuple[Difference, ...]


def derive(store: Store, parameters: LogParameters) -> DerivedMarket:
    """The market of a store's entries. Raises LookupError for a log without an exchange."""
    if parameters.exchange_domain is None:
        raise LookupError("orders are known by their hash in the exchange's domain, and there is no exchange")
    told = select(OutboxRow.op_id).where(OutboxRow.state == State.REFUSED.value)
    refused = store.scalars(told.where(OutboxRow.kind.in_((Kind.MARKET_TERMS, Kind.MARKET_REFERENCE))))
    market = DerivedMarket(parameters.exchange_domain, parameters.registrar_identifier, refused=set(refused))
    query = select(Entry.index, Entry.accepted_at, Entry.entry).where(Entry.type.in_(TYPES)).order_by(Entry.index)
    for index, accepted_at, entry in store.execute(query.execution_options(yield_per=_BATCH)):
        market.feed(index, accepted_at, examine(entry, parameters.origin))
    return market


def replay_day(database: Database, parameters: LogParameters, asset: int, day: int) -> DayReplay | None:
    """The day held against close, rows and chain, over one snapshot; None of a day that never opened."""
    with database.read() as store:
        market = derive(store, parameters)
        return _held_against(store, market, asset, day)


def replay_all(database: Database, parameters: LogParameters) -> list[DayReplay]:
    """Every day, in the order of the log."""
    with database.read() as store:
        market = derive(store, parameters)
        found = (_held_against(store, market, *place) for place in market.days())
        return [one for one in found if one is not None]


def recorded_close(closed: ClosedDay) -> Recorded:
    """What a close said, as it is compared."""
    body = closed.body
    return Recorded(
        count=body.fills,
        first=body.first,
        last=body.last,
        book=bytes.fromhex(body.book),
        volume=body.volume,
        value_fen=body.value_fen,
        close_fen=body.close_fen,
        groups=body.groups,
        root=bytes.fromhex(body.root),
    )


def _held_against(store: Store, market: DerivedMarket, asset: int, day: int) -> DayReplay | None:
    session, closed = market.session(asset, day), market.closes.get((asset, day))
    if session is None:
        return None
    found = []
    if closed is not None:
        found += [Difference("close", one) for one in differences(session, recorded_close(closed))]
    rows = [row for row, _ in MarketRepository(store).fills(asset, day)]
    ends = None if closed is None else closed.index
    within = [row for row in rows if row.cause >= session.entries[0] and (ends is None or row.cause < ends)]
    found += [Difference("rows", one) for one in differences(session, Recorded(fills=[_fill(row) for row in within]))]
    found += [Difference("chain", one) for one in _of_chain(store, session, rows)]
    return DayReplay(session, closed, tuple(found))


def _of_chain(store: Store, session: Session, rows: list[MarketFillRow]) -> Iterator[Divergence]:
    """Trades of the chain that no entry gave, or gave otherwise; fills said to be settled that are no trade there.

    Two holders settle a bilateral trade without the log: it is no fill, and counts for nothing.
    """
    trades = {_place(trade): trade for trade in ExchangeRepository(store).trades(session.asset, session.day)}
    fills = {_asked(store, fill): fill for fill in session.fills}
    outside = {_asked(store, row) for row in rows}
    for place, trade in trades.items():
        fill = fills.get(place)
        if fill is None and (trade.counted or place not in outside) and _is_ours(store, trade):
            yield Divergence("trade", None, None, "none", _shown(trade.tonnes, trade.price_fen, place))
        elif fill is not None:
            for name in ("tonnes", "price_fen", "counted"):
                right, said = getattr(fill, name), getattr(trade, name)
                if right != said:
                    yield Divergence(f"trade.{name}", fill.number, fill.cause, str(right), str(said))
    settled = (State.MINED.value, State.FINAL.value)
    for row, settlement in MarketRepository(store).fills(session.asset, session.day):
        place = _asked(store, row)
        if settlement is not None and settlement.state in settled and place not in trades:
            yield Divergence("trade", row.number, row.cause, _shown(row.tonnes, row.price_fen, place), "none")


def _is_ours(store: Store, trade: ChainTradeRow) -> bool:
    market = MarketRepository(store)
    return trade.counted or None not in (market.order(trade.buy_hash), market.order(trade.sell_hash))


def _asked(store: Store, fill: Fill | MarketFillRow) -> tuple[bytes, bytes, int, int]:
    """The place that the exchange was asked to settle a fill at: what it refused before filled nothing."""
    return fill.buy, fill.sell, *filled_before(store, (fill.buy, fill.buy_filled), (fill.sell, fill.sell_filled))


def _place(trade: ChainTradeRow) -> tuple[bytes, bytes, int, int]:
    return trade.buy_hash, trade.sell_hash, trade.buy_filled, trade.sell_filled


def _shown(tonnes: int, price_fen: int, place: tuple[bytes, bytes, int, int]) -> str:
    return f"{tonnes} t at {price_fen} fen, {place[0].hex()} from {place[1].hex()}"


def _fill(row: MarketFillRow) -> Fill:
    return Fill(
        number=row.number,
        cause=row.cause,
        buy=row.buy,
        sell=row.sell,
        tonnes=row.tonnes,
        price_fen=row.price_fen,
        buy_filled=row.buy_filled,
        sell_filled=row.sell_filled,
        kind=OrderKind(row.kind),
        counted=row.counted,
    )
