"""``order``: what a holder does on the market; the account is who signs. One struct per ``action`` (DOMAIN 12 to 21).

``signature`` (64 bytes, EIP-2098, in hex) is over the exchange's message, by the very key that signs the statement.
``deadline``: the exchange takes it before that instant. Prices are fen a tonne, cash is fen, units whole tonnes. An
order is known by its hash: the EIP-712 digest of what was signed, in the exchange's domain.
"""

from __future__ import annotations

from typing import Annotated

from attestation.assets import MARKET_ASSET_PATTERN
from attestation.bodies.assets import Action, OperationText
from attestation.bodies.texts import IdentifierText, InstantText, SignatureHexText, integer, published, whole
from attestation.bodies.words import DigestText
from attestation.market_words import ALL_BPS, MOST_FEN, MOST_PRICE_FEN, MOST_TONNES, OrderKind, Side

MOST_EPOCH = 2**24 - 1

MarketAssetText = Annotated[str, published(pattern=whole(MARKET_ASSET_PATTERN))]
"""``quota-2025``, or ``cash`` where cash is moved."""
SideText = Annotated[str, published(enum=list(Side.texts()))]
OrderKindText = Annotated[str, published(enum=list(OrderKind.texts()))]
MarketTonnes = Annotated[int, integer(1, MOST_TONNES)]
PriceFen = Annotated[int, integer(1, MOST_PRICE_FEN)]
"""Fen a tonne; the tick is one fen (DOMAIN 15)."""
Fen = Annotated[int, integer(1, MOST_FEN)]


class OrderAction(Action, frozen=True, kw_only=True):
    """What every body of ``order`` is."""


class PlaceOrder(OrderAction, frozen=True, kw_only=True, tag="place"):
    """An order. Its log index is its arrival.

    ``counterparty``: with whom alone. ``accepts``: hash of the order that this one takes, at its price. ``auction``:
    the operation of the auction whose sealed bid this opens. ``minimum_fill``: no smaller fill, save of what is left.
    ``fee_limit_bps``: the highest fee that its maker pays. ``epoch``: the account's. ``salt``: random.
    """

    asset: MarketAssetText
    side: SideText
    tonnes: MarketTonnes
    price_fen: PriceFen
    kind: OrderKindText
    counterparty: IdentifierText | None = None
    minimum_fill: Annotated[int, integer(0, MOST_TONNES)]
    fee_limit_bps: Annotated[int, integer(0, ALL_BPS)]
    deadline: InstantText
    epoch: Annotated[int, integer(0, MOST_EPOCH)]
    salt: DigestText
    accepts: DigestText | None = None
    auction: OperationText | None = None
    signature: SignatureHexText


class CancelPlaced(OrderAction, frozen=True, kw_only=True, tag="cancel"):
    """What is left of an order of one's own (its hash) is over."""

    op_id: OperationText
    order: DigestText
    deadline: InstantText
    signature: SignatureHexText


class CancelEveryOrder(OrderAction, frozen=True, kw_only=True, tag="cancel-all"):
    """Every order of an epoch below ``epoch`` is over."""

    op_id: OperationText
    epoch: Annotated[int, integer(1, MOST_EPOCH)]
    deadline: InstantText
    signature: SignatureHexText


class MoveTrading(OrderAction, frozen=True, kw_only=True, tag="move"):
    """Into the trading balance (``inward``), or out of it: quota from and to the registry, cash from and to free."""

    op_id: OperationText
    asset: MarketAssetText
    amount: Fen
    inward: bool
    deadline: InstantText
    signature: SignatureHexText


class WithdrawCash(OrderAction, frozen=True, kw_only=True, tag="withdraw"):
    """Free cash to the bound bank account, which ``bank_account`` names by its hash (DOMAIN 21)."""

    op_id: OperationText
    fen: Fen
    bank_account: DigestText
    deadline: InstantText
    signature: SignatureHexText


class CommitBid(OrderAction, frozen=True, kw_only=True, tag="commit"):
    """A sealed bid (DOMAIN 14): ``commitment`` is the hash of the order that opens it; ``maximum_fen`` is locked."""

    auction: OperationText
    commitment: DigestText
    maximum_fen: Fen


Order = PlaceOrder | CancelPlaced | CancelEveryOrder | MoveTrading | WithdrawCash | CommitBid
"""Body of ``order``: one of the actions."""
