"""What a round sends, in its order: one transaction a call, and one for several fills that follow each other.

A transaction of its own for each fill costs a signature, a row of bytes and an answer each; ``settleBatch`` takes many
and settles each by itself: what it refuses says so (``TradeRefused``) and undoes nothing of the others. So a fill goes
in company, untried, as long as that was not tried in vain a few times (then it goes as it is, tried before). Fills keep
the order of the log inside of a batch, and a batch keeps its place among the calls: nothing else overtakes or is
overtaken, save by what has nothing to do with the fills that come later, and so does not end a batch: anchors, and the
end of one order, of which the log matches nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.chain.answer import Call
from ledger.chain.operations import Kind
from ledger.chain.trades import batch_data
from ledger.db.chain_models import OutboxRow

__all__ = ["Manifest", "Shipment", "unaccompanied"]

MOST_TOGETHER = 64
"""Fills of one transaction. Their call data stays below what nodes take (128 KiB), their gas below what one transaction
may ask for (EIP-7825: 2^24)."""
GAS_OF_BATCH = 100_000
GAS_OF_FILL = 250_000
"""Bounds: a fill whose every slot is new uses some 200,000. Where it does not do, the batch reverts as a whole
(``TradeUnanswered``), and its fills are tried one by one in the end."""
_TRIES_IN_COMPANY = 3
_ENDS_NO_BATCH = frozenset({Kind.ANCHOR.value, Kind.CANCEL_PLACE.value})


@dataclass(slots=True)
class Shipment:
    """One transaction: the intents that it carries, and its call."""

    rows: list[OutboxRow]
    first: Call
    trades: list[bytes] = field(default_factory=list)

    @property
    def call(self) -> Call:
        """What is signed."""
        if len(self.rows) == 1:
            return self.first
        return Call(self.first.to, batch_data(self.trades), GAS_OF_BATCH + GAS_OF_FILL * len(self.rows))


class Manifest:
    """Collects a round's calls.

    Parameters
    ----------
    room
        How many transactions may be added.
    gas_limit
        Of a block of this chain.
    """

    def __init__(self, room: int, gas_limit: int) -> None:
        self._room = room
        self._most = max(1, min(MOST_TOGETHER, (gas_limit - GAS_OF_BATCH) // GAS_OF_FILL))
        self._open: Shipment | None = None
        self.shipments: list[Shipment] = []

    def takes(self, row: OutboxRow, call: Call) -> bool:
        """Whether there is room for it."""
        return len(self.shipments) < self._room or self._joins(row, call) is not None

    def add(self, row: OutboxRow, call: Call) -> None:
        """Put a call at the end, or into the batch of those before it; there has to be room."""
        joined = self._joins(row, call)
        if joined is not None and call.trade is not None:
            joined.rows.append(row)
            joined.trades.append(call.trade)
            return
        shipment = Shipment([row], call, [] if call.trade is None else [call.trade])
        self.shipments.append(shipment)
        if row.kind not in _ENDS_NO_BATCH:
            self._open = shipment if _sociable(row, call) else None

    def _joins(self, row: OutboxRow, call: Call) -> Shipment | None:
        batch = self._open
        return batch if batch is not None and _sociable(row, call) and len(batch.rows) < self._most else None


def unaccompanied(rows: Iterable[OutboxRow]) -> frozenset[int]:
    """Ids of the rows that are tried before they are sent: all but fills that were not sent before, where there are
    several of those. A batch says by itself what it does not settle, and settles the rest."""
    told = list(rows)
    fresh = [row for row in told if row.kind == Kind.SETTLE and not row.attempts and row.doubt_number is None]
    return frozenset(row.id for row in told) - (frozenset(row.id for row in fresh) if len(fresh) > 1 else frozenset())


def _sociable(row: OutboxRow, call: Call) -> bool:
    return call.trade is not None and row.attempts < _TRIES_IN_COMPANY
