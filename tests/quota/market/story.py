"""STORY's steps 5, 6 and 8 as sessions: the auction, the trading day, and the next one."""

from __future__ import annotations

from quota.market import AuctionClosed, Bid, Closed, Event, Placed, Reference
from tests.quota.market.examples import SELL, accepting, bid, bid_order, lot, opened, order, order_id

LOT = lot(11, 500, 6_050)
A_BID, E_BID, C_BID = bid_order(15, 233, 6_180, "A"), bid_order(16, 127, 6_100, "E"), bid_order(17, 200, 6_050, "C")
SEALED = (bid(A_BID, 12), bid(E_BID, 13), bid(C_BID, 14), Bid(None, 10, False, 999, order_id(99)))
AUCTION: tuple[Event, ...] = (
    opened(9),
    Placed(LOT),
    Placed(A_BID),
    Placed(E_BID),
    Placed(C_BID),
    AuctionClosed(20, LOT.order_id, 6_050, SEALED),
)

B_OFFER, D_OFFER = order(31, SELL, 700, 6_250, "B"), order(32, SELL, 475, 6_200, "D")
DAY: tuple[Event, ...] = (
    opened(30),
    Placed(B_OFFER),
    Placed(D_OFFER),
    Placed(accepting(34, B_OFFER, account="A")),
    Placed(accepting(37, D_OFFER, account="C")),
    Closed(40),
)

D_REST = order(51, SELL, 60, 6_230, "D")
NEXT_DAY: tuple[Event, ...] = (
    opened(50, day=20251104, reference=Reference(6_230)),
    Placed(D_REST),
    Placed(accepting(52, D_REST, account="C")),
    Closed(60),
)
