"""``market``: terms, reference prices, trading days, auctions, by the registrar. One struct per ``action``.

DOMAIN 12 to 20. Days are numbers YYYYMMDD, prices fen a tonne, hashes 32 bytes in hex; an auction is known by its
operation. ``document_hash`` is the SHA-256 of the document that the act rests on. What is recomputed (a close, a
clearing) the log recomputes before it takes it.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from attestation.bodies.assets import Action, ApprovalPair, OperationText
from attestation.bodies.orders import MarketAssetText, MarketTonnes, PriceFen
from attestation.bodies.texts import Count, IdentifierText, InstantText, Part, ReasonText, integer, published, whole
from attestation.bodies.words import DigestText
from attestation.market_words import ALL_BPS, MOST_PRICE_FEN, MOST_TONNES, Mode

MOST_LOCK_DAYS = 5
"""And one at least: in no mode is a unit sold again on the day on which it was bought (DOMAIN 17)."""
MOST_FEE_BPS = 2**8 - 1
MOST_THRESHOLD = 2**24 - 1
MOST_VOLUME = 2**40 - 1
MOST_COUNTED = 2**16 - 1
"""Of groups, of holders."""
MOST_DELAY = 2**32 - 1
WINDOWS_LIMIT = 16
AWARDS_LIMIT = 500
"""So many fit into one entry; an auction takes no more bids."""
FIRST_DAY, LAST_DAY = 1990_01_01, 2105_12_31
CLOCK_PATTERN = r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00"

DayNumber = Annotated[int, integer(FIRST_DAY, LAST_DAY)]
"""YYYYMMDD."""
ClockText = Annotated[str, published(pattern=whole(CLOCK_PATTERN))]


class Window(Part, frozen=True, kw_only=True):
    """``[from, until)``."""

    start: InstantText = field(name="from")
    until: InstantText


class ClockWindow(Part, frozen=True, kw_only=True):
    """``[from, until)`` of a day in China Standard Time."""

    start: ClockText = field(name="from")
    until: ClockText


Windows = Annotated[tuple[Window, ...], published(minItems=1, maxItems=WINDOWS_LIMIT)]
ClockWindows = Annotated[tuple[ClockWindow, ...], published(minItems=1, maxItems=WINDOWS_LIMIT)]


class MarketHours(Part, frozen=True, kw_only=True):
    """Between which hours a day's windows lie, Monday to Friday (DOMAIN 13)."""

    listed: ClockWindows
    block: ClockWindows


class MarketAction(Action, frozen=True, kw_only=True):
    """What every body of ``market`` is."""


class SetMarketTerms(MarketAction, frozen=True, kw_only=True, tag="terms"):
    """How the market trades from the next trading day on (DOMAIN 12 to 20).

    ``maximum_holders`` 0: no limit. ``hours`` absent: windows are what each opening says. ``document_hash``: in
    licensed mode of the approval.
    """

    op_id: OperationText
    mode: Annotated[str, published(enum=list(Mode.texts()))]
    band_bps: Annotated[int, integer(0, ALL_BPS)]
    block_band_bps: Annotated[int, integer(0, ALL_BPS)]
    block_threshold: Annotated[int, integer(1, MOST_THRESHOLD)]
    lock_days: Annotated[int, integer(1, MOST_LOCK_DAYS)]
    fee_bps: Annotated[int, integer(0, MOST_FEE_BPS)]
    fee_account: IdentifierText
    minimum_volume: Annotated[int, integer(0, MOST_VOLUME)]
    minimum_groups: Annotated[int, integer(0, MOST_COUNTED)]
    maximum_holders: Annotated[int, integer(0, MOST_COUNTED)]
    release_delay_s: Annotated[int, integer(0, MOST_DELAY)]
    hours: MarketHours | None = None
    document_hash: DigestText
    approvals: ApprovalPair


class SetMarketReference(MarketAction, frozen=True, kw_only=True, tag="reference"):
    """The opening price of an asset, or a reasoned override (DOMAIN 15)."""

    op_id: OperationText
    asset: MarketAssetText
    price_fen: PriceFen
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class OpenDay(MarketAction, frozen=True, kw_only=True, tag="open"):
    """A trading day of an asset. ``block_windows`` absent: blocks trade in ``windows``, within the hours of blocks
    where the terms have hours. ``cut_off``: when the last fill of the day has to be mined (DOMAIN 16)."""

    asset: MarketAssetText
    day: DayNumber
    windows: Windows
    block_windows: Windows | None = None
    cut_off: InstantText


class HaltDay(MarketAction, frozen=True, kw_only=True, tag="halt"):
    """Nothing trades until the day is resumed: a reasoned act of two persons (DOMAIN 22, 23)."""

    op_id: OperationText
    asset: MarketAssetText
    day: DayNumber
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class ResumeDay(MarketAction, frozen=True, kw_only=True, tag="resume"):
    """A halted day goes on; as a halt."""

    op_id: OperationText
    asset: MarketAssetText
    day: DayNumber
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class CloseDay(MarketAction, frozen=True, kw_only=True, tag="close"):
    """A day's session as anybody replays it: entries ``first`` to ``last``, number of fills, hash of the book, the
    close and its root. Day orders end (DOMAIN 15)."""

    asset: MarketAssetText
    day: DayNumber
    first: Count
    last: Count
    fills: Count
    book: DigestText
    volume: Count
    value_fen: Count
    close_fen: PriceFen
    groups: Count
    root: DigestText


class OpenAuction(MarketAction, frozen=True, kw_only=True, tag="auction"):
    """One-way bidding for a lot (DOMAIN 14). ``order``: hash of the seller's sell order of kind ``auction``.

    Bids are committed before ``commit_until`` and opened from then on, before ``reveal_until``. ``forfeit_bps``: what
    a bid that is not opened loses of its declared maximum.
    """

    op_id: OperationText
    asset: MarketAssetText
    day: DayNumber
    lot_tonnes: MarketTonnes
    floor_fen: PriceFen
    seller: IdentifierText
    order: DigestText
    commit_until: InstantText
    reveal_until: InstantText
    forfeit_bps: Annotated[int, integer(0, ALL_BPS)]
    document_hash: DigestText


class Award(Part, frozen=True, kw_only=True):
    """What a bid gets."""

    order: DigestText
    tonnes: MarketTonnes


class ClearAuction(MarketAction, frozen=True, kw_only=True, tag="clear"):
    """The result of an auction: one price for all awards (0 where nothing was sold), and what was not sold."""

    auction: OperationText
    price_fen: Annotated[int, integer(0, MOST_PRICE_FEN)]
    awards: Annotated[tuple[Award, ...], published(maxItems=AWARDS_LIMIT)]
    unsold: Annotated[int, integer(0, MOST_TONNES)]


Market = SetMarketTerms | SetMarketReference | OpenDay | HaltDay | ResumeDay | CloseDay | OpenAuction | ClearAuction
"""Body of ``market``: one of the actions."""
