"""What of the orders of a round's fills was settled, refused, or is in doubt, asked for once for all of them.

The laws are those of :mod:`ledger.settled_fills`, one by one. A chain or a person changes what is answered here only
through the outbox and the projection, in transactions that a round's reading session does not see: so it holds for the
round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.market_messages import Order
from attestation.typed_data import Domain
from ledger.chain.market_intents import SettleIntent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.exchange_models import ChainTradeRow

_AT_ONCE = 400
"""Hashes of one question; SQLite takes some thousands of values in one."""
_OF_SIDE = tuple(
    # The fills first, of which there are few of an order: a cross join says so to SQLite.
    f"SELECT f.{side}, f.{side}_filled, f.tonnes, o.state FROM market_fills f CROSS JOIN outbox o"  # noqa: S608 - names of our own
    " WHERE o.op_id = f.op_id AND o.kind = ? AND (o.state = ? OR (o.state = ? AND o.doubt_number IS NOT NULL))"
    f" AND f.{side} IN ([])"
    for side in ("buy", "sell")
)
"""Fills of orders on one side that were refused, or are in doubt."""


@lru_cache(maxsize=8_192)
def order_hash(order: Order, domain: Domain) -> bytes:
    """What the exchange knows an order by; asked for again when the fill is built, and when it is read back."""
    return order.digest(domain)


class FillPlaces:
    """What a round asks of fills.

    Parameters
    ----------
    session
        The round's.
    domain
        In which orders are signed.
    intents
        The fills that the round looks at.
    """

    def __init__(self, session: Session, domain: Domain, intents: Sequence[SettleIntent]) -> None:
        self._domain = domain
        self._hashes: dict[int, tuple[SettleIntent, tuple[bytes, bytes]]] = {}
        hashes = (order for intent in intents for order in self._of(intent))
        self._refused: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
        self._doubted: dict[bytes, list[int]] = defaultdict(list)
        self._trades: dict[tuple[bytes, bytes, int, int], ChainTradeRow] = {}
        orders = sorted(set(hashes))
        for first in range(0, len(orders), _AT_ONCE):
            self._read(session, orders[first : first + _AT_ONCE])

    def in_doubt_before(self, intent: SettleIntent) -> bool:
        """Whether of a fill of the same orders that was matched before it is open whether the contract refuses it."""
        buy, sell = self._of(intent)
        return any(matched < intent.buy_filled for matched in self._doubted.get(buy, ())) or any(
            matched < intent.sell_filled for matched in self._doubted.get(sell, ())
        )

    def as_asked(self, intent: SettleIntent) -> SettleIntent:
        """The fill as the exchange takes it: of its orders was filled before what was matched before and not
        refused."""
        buy, sell = self._of(intent)
        less = self._refused_before(buy, intent.buy_filled), self._refused_before(sell, intent.sell_filled)
        if not any(less):
            return intent
        return replace(intent, buy_filled=intent.buy_filled - less[0], sell_filled=intent.sell_filled - less[1])

    def trade(self, intent: SettleIntent) -> ChainTradeRow | None:
        """What was settled at the place of the fill, as it is asked for, in both orders: it, or another trade."""
        return self._trades.get((*self._of(intent), intent.buy_filled, intent.sell_filled))

    def _of(self, intent: SettleIntent) -> tuple[bytes, bytes]:
        # Kept beside the intent itself: whoever else has the same place in memory is not that intent.
        kept = self._hashes.get(id(intent))
        if kept is None or kept[0] is not intent:
            hashes = order_hash(intent.buy, self._domain), order_hash(intent.sell, self._domain)
            kept = self._hashes[id(intent)] = (intent, hashes)
        return kept[1]

    def _refused_before(self, order: bytes, matched: int) -> int:
        return sum(tonnes for place, tonnes in self._refused.get(order, ()) if place < matched)

    def _read(self, session: Session, orders: Sequence[bytes]) -> None:
        # By the driver: to make a question of so many hashes takes the mapper several times as long as to answer it.
        connection = session.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        marks = ",".join([mark] * len(orders))
        for query in _OF_SIDE:
            asked = query.replace("?", mark).replace("[]", marks)
            values = (Kind.SETTLE.value, State.REFUSED.value, State.PENDING.value, *orders)
            for order, place, tonnes, state in connection.exec_driver_sql(asked, values):
                if state == State.REFUSED.value:
                    self._refused[bytes(order)].append((place, tonnes))
                else:
                    self._doubted[bytes(order)].append(place)
        query = f"SELECT DISTINCT buy_hash FROM chain_trades WHERE buy_hash IN ({marks})"  # noqa: S608 - marks alone
        settled = [bytes(order) for (order,) in connection.exec_driver_sql(query, tuple(orders))]
        if settled:
            for row in session.scalars(select(ChainTradeRow).where(ChainTradeRow.buy_hash.in_(settled))):
                self._trades[row.buy_hash, row.sell_hash, row.buy_filled, row.sell_filled] = row
