"""A trading day replayed from the log's own entries, by whoever may read them all: park, regulator (DOMAIN 12 to 15).

1. The newest cosigned checkpoint names a size and a root; every entry below it is read.
2. Their leaf hashes give that root, so that none was left out, added or altered for this reader.
3. ``quota.market`` computes the day's session from them (``ledger.market.derived``).
4. It is held against the logged close and against the trades that the service shows.

What is taken from the service beside the entries: the second in which each was accepted, which decides only whose
deadline had come, and which terms and prices the exchange refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attestation.assets import parse_market_asset
from attestation.bodies import SetMarketReference, SetMarketTerms
from attestation.examination import examine
from attestation.market_words import OrderKind as KindWord
from attestation.statements import Statement
from ledger.checkpoint import Checkpoint, Note
from ledger.market.derived import TYPES, ClosedDay, DerivedMarket
from ledger.market.replay import recorded_close
from ledger.merkle import MemoryTileStore, Tree
from ledger.trust import Trust
from quota.market import Divergence, Fill, OrderKind, Recorded, Session, differences
from tanlu.client import Client
from tanlu.client.market_answers import Trade
from tanlu.client.promises import entry_leaf
from tanlu.errors import InputRefused, PromiseBroken

_BATCH = 1_000
_REFUSED = "refused"
_Told = tuple[int, int, Statement]


@dataclass(frozen=True, slots=True)
class Departure:
    """A difference from what the entries give, and whose word it is of: ``close`` or ``trades``."""

    source: str
    divergence: Divergence


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """A day as the first ``size`` entries give it, under the root of the checkpoint of that size. ``closed``: what was
    said at its close, None where it is not among them. ``departures``: the first one and all later, none if all fits.
    """

    session: Session
    closed: ClosedDay | None
    size: int
    root: bytes
    departures: tuple[Departure, ...]


def replay_day(client: Client, trust: Trust, asset: str, day: int) -> ReplayedDay:
    """The asset's day (YYYYMMDD), steps 1 to 4. ``client`` signs in as somebody who may read every entry.

    Raises InputRefused (``market.exchange``, ``market.day``), PromiseBroken (``answer.root``) where the entries are not
    those of the checkpoint, QuotaError for entries that the market's rules forbid.
    """
    domain = trust.exchange_domain
    if domain is None:
        raise InputRefused(
            rule="market.exchange",
            value="a trust file without an exchange",
            expected="a trust file of a deployment that has a market",
            message="Without an exchange there is no market to replay",
            message_zh="没有交易所合约，无市场可重放",
            expected_zh="含交易所合约的部署的信任文件",
        )
    # 1, 2
    head, told = _read(client, trust)
    # 3
    refused = [op_id for op_id in _acts(told) if client.operation(op_id).state == _REFUSED]
    market = DerivedMarket(domain, trust.registrar_identifier, refused=[bytes.fromhex(one) for one in refused])
    for index, accepted_at, statement in told:
        market.feed(index, accepted_at, statement)
    place = parse_market_asset(asset), day
    session = market.session(*place)
    if session is None:
        raise InputRefused(
            rule="market.day",
            value=f"{asset}, {day}",
            expected=f"a trading day that opened below entry {head.size}",
            message="No such trading day is among the entries",
            message_zh="记录中没有该交易日",
            expected_zh=f"第 {head.size} 条记录之前已开市的交易日",
        )
    # 4
    closed = market.closes.get(place)
    found = [] if closed is None else [Departure("close", one) for one in differences(session, recorded_close(closed))]
    end = head.size if closed is None else closed.index
    shown = [trade for trade in client.market.trades(asset, day) if trade.cause < end]
    found += [Departure("trades", one) for one in differences(session, Recorded(fills=list(_fills(shown))))]
    return ReplayedDay(session, closed, head.size, head.root, tuple(found))


def _read(client: Client, trust: Trust) -> tuple[Checkpoint, list[_Told]]:
    head = Checkpoint.parse(Note.parse(client.checkpoint().encode("utf-8")).text)
    tree, leaves, told = Tree(MemoryTileStore()), list[bytes](), list[_Told]()
    for index in range(head.size):
        entry = client.entry(index)
        raw = entry.entry.encode("ascii")
        leaves.append(bytes.fromhex(entry_leaf(raw)))
        if len(leaves) == _BATCH or index + 1 == head.size:
            tree.append_leaves(leaves)
            leaves = []
        if entry.type in TYPES:
            told.append((index, entry.accepted_at, examine(raw, trust.log)))
    if tree.root() != head.root:
        raise PromiseBroken(
            rule="answer.root",
            value=tree.root().hex(),
            expected=head.root.hex(),
            message=f"The {head.size} entries are not those of the cosigned checkpoint",
            message_zh=f"所给的 {head.size} 条记录与共签检查点不符",
        )
    return head, told


def _acts(told: Iterable[_Told]) -> Iterator[str]:
    for _, _, statement in told:
        if isinstance(statement.body, SetMarketTerms | SetMarketReference):
            yield statement.body.op_id


def _fills(trades: Iterable[Trade]) -> Iterator[Fill]:
    """Trades as fills; what either order had before is what the trades above gave it."""
    filled: Counter[str] = Counter()
    for trade in trades:
        buy, sell = trade.buy or "", trade.sell or ""
        yield Fill(
            number=trade.number,
            cause=trade.cause,
            buy=bytes.fromhex(buy),
            sell=bytes.fromhex(sell),
            tonnes=trade.tonnes,
            price_fen=trade.price_fen,
            buy_filled=filled[buy],
            sell_filled=filled[sell],
            kind=OrderKind(KindWord.of(trade.kind)),
            counted=trade.counted,
        )
        filled[buy] += trade.tonnes
        filled[sell] += trade.tonnes
