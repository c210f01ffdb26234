"""What the registrar says of the market: days, closes, auctions; and what two persons approve of it (DOMAIN 12 to 23).

What the log recomputes (a close, a clearing) is taken from what the service computed: a wrong one is refused. Bodies
that two persons approve come without approvals (``tanlu.proposals``).
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.bodies import (
    Award,
    BindBankAccount,
    ClearAuction,
    CloseDay,
    DepositCash,
    HaltDay,
    MarketHours,
    OpenAuction,
    OpenDay,
    ReconcileCash,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    SettleWithdrawal,
    Window,
)
from attestation.bodies.assets import ApprovalPair
from attestation.instants import format_instant
from tanlu.assets import new_operation
from tanlu.client.market_answers import AuctionShown, SessionShown
from tanlu.errors import InputRefused

NOBODY: ApprovalPair = ()
"""Nobody approved it yet."""

Instants = Sequence[tuple[int, int]]
"""Windows ``[from, until)`` in unix seconds."""


def open_day(
    asset: str, day: int, windows: Instants, cut_off: int, *, block_windows: Instants | None = None
) -> OpenDay:
    """A trading day (20260105) of an asset; what is not mined before ``cut_off`` is not settled (DOMAIN 16)."""
    return OpenDay(
        asset=asset,
        day=day,
        windows=_windows(windows),
        block_windows=None if block_windows is None else _windows(block_windows),
        cut_off=format_instant(cut_off),
    )


def halt_day(asset: str, day: int, reason: str, document_hash: str) -> HaltDay:
    """Nothing of the asset is traded or settled until it is resumed; for two persons to approve (DOMAIN 22, 23).
    ``document_hash``: 64 hex digits."""
    return HaltDay(
        op_id=new_operation(), asset=asset, day=day, document_hash=document_hash, reason=reason, approvals=NOBODY
    )


def resume_day(asset: str, day: int, reason: str, document_hash: str) -> ResumeDay:
    """A halted day goes on; for two persons to approve."""
    return ResumeDay(
        op_id=new_operation(), asset=asset, day=day, document_hash=document_hash, reason=reason, approvals=NOBODY
    )


def close_day(session: SessionShown) -> CloseDay:
    """The close of a day, as the session's entries give it (``client.market.session``, DOMAIN 15)."""
    return CloseDay(
        asset=session.asset,
        day=session.day,
        first=session.first,
        last=session.last,
        fills=session.fills,
        book=session.book,
        volume=session.volume,
        value_fen=session.value_fen,
        close_fen=session.close_fen,
        groups=session.groups,
        root=session.root,
    )


def auction(
    asset: str,
    day: int,
    lot_tonnes: int,
    *,
    floor_fen: int,
    seller: str,
    order: str,
    commit_until: int,
    reveal_until: int,
    forfeit_bps: int,
    document_hash: str,
) -> OpenAuction:
    """A one-way bidding for the lot that the seller's ``order`` (hash) offers (DOMAIN 14)."""
    return OpenAuction(
        op_id=new_operation(),
        asset=asset,
        day=day,
        lot_tonnes=lot_tonnes,
        floor_fen=floor_fen,
        seller=seller,
        order=order,
        commit_until=format_instant(commit_until),
        reveal_until=format_instant(reveal_until),
        forfeit_bps=forfeit_bps,
        document_hash=document_hash,
    )


def clear(found: AuctionShown) -> ClearAuction:
    """The result of an auction, as its bids give it (``client.market.auction``). Raises InputRefused
    (``auction.open``) before the time to reveal is over."""
    if found.price_fen is None or found.awards is None or found.unsold is None:
        until = format_instant(found.reveal_until)
        raise InputRefused(
            rule="auction.open",
            value=f"auction {found.op_id}",
            expected=f"a time from {until} on",
            message=f"Bids are opened until {until}: nothing is known before",
            message_zh=f"报价揭示至 {until} 为止，此前尚无结果",
            expected_zh=f"{until} 或之后",
        )
    return ClearAuction(
        auction=found.op_id,
        price_fen=found.price_fen,
        awards=tuple(Award(order=one.order, tonnes=one.tonnes) for one in found.awards),
        unsold=found.unsold,
    )


def reconcile(day: int, bank_fen: int) -> ReconcileCash:
    """What the bank holds at the end of a day: where the ledger says otherwise, cash stands still (DOMAIN 21)."""
    return ReconcileCash(day=day, bank_fen=bank_fen)


def terms(
    *,
    mode: str,
    band_bps: int,
    block_band_bps: int,
    block_threshold: int,
    lock_days: int,
    fee_bps: int,
    fee_account: str,
    minimum_volume: int,
    minimum_groups: int,
    maximum_holders: int,
    release_delay_s: int,
    document_hash: str,
    hours: MarketHours | None = None,
) -> SetMarketTerms:
    """How the market trades from its next day on, for two persons to approve (DOMAIN 12 to 20, 23)."""
    return SetMarketTerms(
        op_id=new_operation(),
        mode=mode,
        band_bps=band_bps,
        block_band_bps=block_band_bps,
        block_threshold=block_threshold,
        lock_days=lock_days,
        fee_bps=fee_bps,
        fee_account=fee_account,
        minimum_volume=minimum_volume,
        minimum_groups=minimum_groups,
        maximum_holders=maximum_holders,
        release_delay_s=release_delay_s,
        hours=hours,
        document_hash=document_hash,
        approvals=NOBODY,
    )


def reference(asset: str, price_fen: int, document_hash: str, reason: str) -> SetMarketReference:
    """The opening price of an asset, or a reasoned override, for two persons to approve (DOMAIN 15)."""
    return SetMarketReference(
        op_id=new_operation(),
        asset=asset,
        price_fen=price_fen,
        document_hash=document_hash,
        reason=reason,
        approvals=NOBODY,
    )


def bind(account: str, bank_account: str, document_hash: str) -> BindBankAccount:
    """The one bank account (by its hash) that an account's money leaves to, for two persons to approve (DOMAIN 21)."""
    return BindBankAccount(
        op_id=new_operation(),
        account=account,
        bank_account=bank_account,
        document_hash=document_hash,
        approvals=NOBODY,
    )


def deposit(account: str, fen: int, bank_reference: str, reverses: str | None = None) -> DepositCash:
    """What the bank received for an account, for two persons to approve; a reference of the bank's counts once.
    ``reverses``: the operation of the settled trade that the cash is paid back for (DOMAIN 22)."""
    return DepositCash(
        op_id=new_operation(),
        account=account,
        fen=fen,
        bank_reference=bank_reference,
        reverses=reverses,
        approvals=NOBODY,
    )


def payout(withdrawal: str, bank_reference: str, *, paid: bool) -> SettleWithdrawal:
    """What the bank did with a withdrawal (its operation), for two persons to approve: not ``paid``, it is free
    again."""
    return SettleWithdrawal(
        op_id=new_operation(), withdrawal=withdrawal, paid=paid, bank_reference=bank_reference, approvals=NOBODY
    )


def _windows(given: Instants) -> tuple[Window, ...]:
    return tuple(Window(start=format_instant(start), until=format_instant(until)) for start, until in given)
