"""How far a price may be from the reference, and from how many tonnes on a trade is a block (DOMAIN 13, 15).

`low = ceil(ref * (10,000 − bps) / 10,000)`, `high = floor(ref * (10,000 + bps) / 10,000)`: limits are rounded inward
to the tick of one fen.
"""

from __future__ import annotations

from dataclasses import dataclass

from quota.market.bounds import at_least, between
from quota.market.orders import MAX_PRICE_FEN, Order, OrderKind
from quota.refusals import refuse
from quota.units import WHOLE_BPS, check_bps, check_units

LISTED_BPS = 1_000
"""±10 % (DOMAIN 13)."""
BLOCK_BPS = 3_000
"""±30 % (DOMAIN 13)."""
BLOCK_TONNES = 1_000
"""A park's threshold of a block trade; the national one is 100,000 t (DOMAIN 13)."""


def band(reference_fen: int, bps: int) -> tuple[int, int]:
    """The lowest and the highest price, fen per tonne.

    Raises MarketRefused (`market.reference`) where the reference is no price: without one the market is closed
    (DOMAIN 15). Raises AmountRefused for `bps` outside 0 to 10,000.
    """
    if type(reference_fen) is not int or not 0 < reference_fen <= MAX_PRICE_FEN:
        raise refuse("market.reference", reference_fen)
    check_bps(bps, "band")
    low = -(-reference_fen * (WHOLE_BPS - bps) // WHOLE_BPS)
    # A price of nothing is none, however wide the band; nor is there one that the contract cannot hold.
    return max(1, low), min(MAX_PRICE_FEN, reference_fen * (WHOLE_BPS + bps) // WHOLE_BPS)


def check_price(price_fen: int, limits: tuple[int, int], at: str = "") -> None:
    """Raises MarketRefused (`market.band`) for a price outside of `limits`, both of which are inside."""
    low, high = limits
    if not low <= price_fen <= high:
        raise refuse("market.band", price_fen, **between(low, high, "fen per tonne"), at=at)


@dataclass(frozen=True, slots=True)
class Reference:
    """The previous close (or opening price) of an asset, and the bands around it that a trading day has.

    Listed and block trades have a band, bilateral trades and bids have none (their own limits hold them). Raises
    MarketRefused (`market.reference`), AmountRefused.
    """

    price_fen: int
    band_bps: int = LISTED_BPS
    block_band_bps: int = BLOCK_BPS
    block_threshold: int = BLOCK_TONNES

    def __post_init__(self) -> None:
        band(self.price_fen, self.band_bps)
        band(self.price_fen, self.block_band_bps)
        check_units(self.block_threshold, "block threshold")

    def limits(self, kind: OrderKind) -> tuple[int, int] | None:
        """The lowest and the highest price of a kind of order; None where it has no band."""
        if kind is OrderKind.LISTED:
            return band(self.price_fen, self.band_bps)
        if kind is OrderKind.BLOCK:
            return band(self.price_fen, self.block_band_bps)
        return None

    def check(self, order: Order) -> None:
        """Raises MarketRefused: `market.band`, `market.block` (fewer tonnes than a block has)."""
        limits = self.limits(order.kind)
        if limits is not None:
            check_price(order.price_fen, limits, at=order.name)
        if order.kind is OrderKind.BLOCK and order.tonnes < self.block_threshold:
            raise refuse("market.block", order.tonnes, **at_least(self.block_threshold, "t"), at=order.name)
