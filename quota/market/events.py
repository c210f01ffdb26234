"""What happens to an asset on one trading day, each event with its entry's index in the log.

`at` is the instant (Unix time, seconds) that the log took the entry for: orders whose deadline has come by then end
before the event acts. 0 lets none end.
"""

from __future__ import annotations

from dataclasses import dataclass

from quota.market.auction import Bid
from quota.market.bands import Reference
from quota.market.orders import EndReason, Mode, Order


@dataclass(frozen=True, slots=True)
class Opened:
    """The day (YYYYMMDD, Asia/Shanghai) opens with its mode, reference and bands, and what a close needs (DOMAIN 15):
    `minimum_volume` tonnes among `minimum_groups` parties."""

    index: int
    asset: int
    day: int
    mode: Mode
    reference: Reference
    minimum_volume: int = 0
    minimum_groups: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """An order came in; its own index is the event's."""

    order: Order
    at: int = 0

    @property
    def index(self) -> int:
        """The order's log index."""
        return self.order.index


@dataclass(frozen=True, slots=True)
class Cancelled:
    """One order ended by an entry: its maker's, or one that suspends the account or ends the key. An entry may end
    several, by arrival."""

    index: int
    order_id: bytes
    reason: EndReason = EndReason.CANCELLED
    at: int = 0


@dataclass(frozen=True, slots=True)
class CancelledAll:
    """Every open order of an account ended by an entry."""

    index: int
    account: str
    reason: EndReason = EndReason.CANCELLED
    at: int = 0


@dataclass(frozen=True, slots=True)
class Halted:
    """No order comes in until the day is resumed; orders may be cancelled."""

    index: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class Resumed:
    """Orders come in again."""

    index: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class AuctionClosed:
    """The lot's bids are cleared. Every revealed bid and the lot are open orders of the day, or among those `brought`:
    an auction is announced and bid for before its day opens too, so that its orders may wait outside of the book until
    they meet. The lot is the tonnes that are left of its order."""

    index: int
    lot: bytes
    floor_fen: int
    bids: tuple[Bid, ...]
    at: int = 0
    brought: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """The day is over: what is open ends. This entry's index is not part of the session's range."""

    index: int
    at: int = 0


Event = Opened | Placed | Cancelled | CancelledAll | Halted | Resumed | AuctionClosed | Closed
"""One event of a session."""
