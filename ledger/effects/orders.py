"""``order``: orders into the book and out of it, sealed bids, moves and withdrawals; the exchange is told of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.assets import parse_market_asset
from attestation.bodies import (
    CancelEveryOrder,
    CancelPlaced,
    CommitBid,
    MoveTrading,
    Order,
    PlaceOrder,
    WithdrawCash,
)
from attestation.instants import parse_instant
from attestation.market_operations import HolderOrder, holder_message, order_hash
from attestation.market_words import OrderKind, Side
from attestation.statements import Statement
from ledger.chain.signed_intents import SignedIntent
from ledger.context import LedgerContext
from ledger.db.market_models import MarketCommitmentRow, MarketOperationRow, MarketOrderRow
from ledger.effects.endings import end_by_entry
from ledger.effects.exchange import keep_operation
from ledger.effects.matching import place
from ledger.market.orders import signed_order


def record_order(session: Session, context: LedgerContext, statement: Statement, body: Order, index: int) -> None:
    """Keep what the holder wants: matched at once where it is an order, else told to the exchange."""
    match body:
        case PlaceOrder():
            _place(session, context, statement, body, index)
        case CommitBid():
            context.market.add(
                MarketCommitmentRow(
                    auction=bytes.fromhex(body.auction),
                    commitment=bytes.fromhex(body.commitment),
                    entry_index=index,
                    account=statement.iss,
                    maximum_fen=body.maximum_fen,
                )
            )
        case CancelPlaced():
            _cancel(session, context, statement, body, index)
        case CancelEveryOrder():
            _cancel_all(session, context, statement, body, index)
        case MoveTrading() | WithdrawCash():
            _move(session, context, statement, body, index)


def _place(session: Session, context: LedgerContext, statement: Statement, body: PlaceOrder, index: int) -> None:
    asset = parse_market_asset(body.asset)
    auction = None if body.auction is None else bytes.fromhex(body.auction)
    waits = body.kind == "auction"
    day = None if waits else context.market.require_latest_day(asset)
    announced = None if auction is None else context.market.auction(auction)
    maker = context.identifier(statement.iss)
    row = MarketOrderRow(
        entry_index=index,
        account=statement.iss,
        group=None if maker is None else maker.group,
        signer=statement.kid_key,
        asset=asset,
        day=day.day if day is not None else None if announced is None else announced.day,
        side=int(Side.of(body.side)),
        kind=int(OrderKind.of(body.kind)),
        tonnes=body.tonnes,
        price_fen=body.price_fen,
        counterparty=body.counterparty,
        minimum_fill=body.minimum_fill,
        fee_limit_bps=body.fee_limit_bps,
        deadline=parse_instant(body.deadline),
        epoch=body.epoch,
        salt=bytes.fromhex(body.salt),
        signature=bytes.fromhex(body.signature[2:]),
        accepts=None if body.accepts is None else bytes.fromhex(body.accepts),
        auction=auction,
        accepted_at=context.now,
    )
    domain = context.parameters.exchange_domain
    if domain is None:
        raise LookupError("an order is known by its hash in the exchange's domain, and there is no exchange")
    row.order_hash = order_hash(body, statement.iss, domain)
    if auction is not None and (sealed := context.market.commitment(auction, row.order_hash)) is not None:
        sealed.revealed_index = index
    place(session, context, row, day, statement.leaf_hash)


def _signed(statement: Statement, body: HolderOrder, index: int, extra: MarketOrderRow | None = None) -> SignedIntent:
    message, order = holder_message(body, statement.iss), None if extra is None else signed_order(extra)
    return SignedIntent(statement.leaf_hash, index, message, (bytes.fromhex(body.signature[2:]),), extra=order)


def _cancel(session: Session, context: LedgerContext, statement: Statement, body: CancelPlaced, index: int) -> None:
    order = context.market.require(bytes.fromhex(body.order))
    if order.status == "open":
        end_by_entry(context, [order], "cancelled", index)
    row = MarketOperationRow(account=statement.iss, asset=order.asset, order_hash=order.order_hash)
    keep_operation(session, context, row, _signed(statement, body, index, order))


def _cancel_all(
    session: Session, context: LedgerContext, statement: Statement, body: CancelEveryOrder, index: int
) -> None:
    orders = context.market.open_orders(account=statement.iss)
    end_by_entry(context, [row for row in orders if row.epoch < body.epoch], "cancelled", index)
    row = MarketOperationRow(account=statement.iss, epoch=body.epoch)
    keep_operation(session, context, row, _signed(statement, body, index))


def _move(
    session: Session, context: LedgerContext, statement: Statement, body: MoveTrading | WithdrawCash, index: int
) -> None:
    row = MarketOperationRow(account=statement.iss)
    if isinstance(body, MoveTrading):
        row.asset, row.amount, row.inward = parse_market_asset(body.asset), body.amount, body.inward
    else:
        row.amount, row.bank_account = body.fen, bytes.fromhex(body.bank_account)
    keep_operation(session, context, row, _signed(statement, body, index))
