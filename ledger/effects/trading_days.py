"""``market``: terms, references, trading days, as the record keeps them and the exchange is told (DOMAIN 12 to 16)."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy.orm import Session

from attestation.assets import parse_market_asset
from attestation.bodies import (
    ClearAuction,
    CloseDay,
    HaltDay,
    Market,
    OpenAuction,
    OpenDay,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
)
from attestation.instants import parse_instant
from attestation.judging.trading_days import windows_of
from attestation.market_operations import market_message
from attestation.statements import Statement
from ledger.chain.market_intents import CloseDayIntent, HaltDayIntent, OpenDayIntent
from ledger.chain.signed_intents import SignedIntent
from ledger.context import LedgerContext
from ledger.db.market_models import MarketDayRow, MarketOperationRow
from ledger.effects.auctions import announce, clear
from ledger.effects.endings import end_orders, expire
from ledger.effects.exchange import keep_operation, tell_exchange
from ledger.effects.holdings import compact


def record_market(session: Session, context: LedgerContext, statement: Statement, body: Market, index: int) -> None:
    """Keep what the registrar set, opened, halted, closed or announced, and have the exchange told."""
    entry = (statement.leaf_hash, index)
    match body:
        case SetMarketTerms():
            _terms(session, context, body, entry)
        case SetMarketReference():
            row = MarketOperationRow(asset=parse_market_asset(body.asset), amount=body.price_fen)
            row.document_hash = bytes.fromhex(body.document_hash)
            message = market_message(body)
            keep_operation(session, context, row, SignedIntent(*entry, message, compact(body.approvals)))
        case OpenDay():
            _open(session, context, body, entry)
        case HaltDay() | ResumeDay():
            halted = isinstance(body, HaltDay)
            day = context.market.require_day(parse_market_asset(body.asset), body.day)
            day.status, day.status_index = "halted" if halted else "open", index
            expire(context, day, index)
            day.halts = [*day.halts, [index, halted, context.now]]
            context.market.send()
            told = HaltDayIntent(*entry, day.asset, day.day, halted=halted, op_id=bytes.fromhex(body.op_id))
            tell_exchange(session, context, told)
        case CloseDay():
            _close(session, context, body, entry)
        case OpenAuction():
            announce(context, body, index)
        case ClearAuction():
            clear(session, context, body, entry)


def _terms(session: Session, context: LedgerContext, body: SetMarketTerms, entry: tuple[bytes, int]) -> None:
    message = market_message(body)
    named = ("op_id", "document_hash", "fee_account")
    details = {item.name: getattr(message, item.name) for item in fields(message) if item.name not in named}
    hours = (
        None
        if body.hours is None
        else {
            name: [[window.start, window.until] for window in windows]
            for name, windows in (("listed", body.hours.listed), ("block", body.hours.block))
        }
    )
    row = MarketOperationRow(
        account=body.fee_account, document_hash=message.document_hash, details=details | {"hours": hours}
    )
    keep_operation(session, context, row, SignedIntent(*entry, message, compact(body.approvals)))


def _open(session: Session, context: LedgerContext, body: OpenDay, entry: tuple[bytes, int]) -> None:
    asset, index = parse_market_asset(body.asset), entry[1]
    terms, reference = context.market_terms(), context.reference(asset)
    if terms is None or reference is None:
        raise LookupError(f"a day of {body.asset} opens without terms or a reference price")
    windows, block_windows = windows_of(body, terms.hours)
    # What two posted to each other since the last day was posted under that day's rules.
    end_orders(context, context.market.open_orders(asset, in_book=True), "day", index)
    context.market.add(
        MarketDayRow(
            asset=asset,
            day=body.day,
            opened_index=index,
            status="open",
            status_index=index,
            mode=terms.mode,
            windows=[list(window) for window in windows],
            block_windows=[list(window) for window in block_windows],
            cut_off=parse_instant(body.cut_off),
            halts=[],
            reference_fen=reference,
            band_bps=terms.band_bps,
            block_band_bps=terms.block_band_bps,
            block_threshold=terms.block_threshold,
            lock_days=terms.lock_days,
            fee_bps=terms.fee_bps,
            minimum_volume=terms.minimum_volume,
            minimum_groups=terms.minimum_groups,
            fills=0,
            opened_at=context.now,
            last_at=context.now,
        )
    )
    tell_exchange(session, context, OpenDayIntent(*entry, asset, body.day, parse_instant(body.cut_off)))


def _close(session: Session, context: LedgerContext, body: CloseDay, entry: tuple[bytes, int]) -> None:
    asset, index = parse_market_asset(body.asset), entry[1]
    day = context.market.require_day(asset, body.day)
    day.status, day.status_index, day.closed_at = "closed", index, context.now
    day.first_index, day.last_index = body.first, body.last
    day.volume, day.value_fen, day.close_fen, day.groups = body.volume, body.value_fen, body.close_fen, body.groups
    day.book_hash, day.root = bytes.fromhex(body.book), bytes.fromhex(body.root)
    # Orders are day orders (DOMAIN 15).
    end_orders(context, context.market.open_orders(asset, in_book=True), "day", index)
    tell_exchange(session, context, CloseDayIntent(*entry, asset, body.day, body.groups, day.root))
