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
from attestation.identifiers import account_id
from attestation.instants import parse_instant
from attestation.market_messages import CancelAll, CancelOrder, HolderMessage, TradingMove, Withdrawal
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
    maker = context.identities.identifier(statement.iss)
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
    row.order_hash = signed_order(row).digest(domain)
    if auction is not None and (sealed := context.market.commitment(auction, row.order_hash)) is not None:
        sealed.revealed_index = index
    place(session, context, row, day, statement.leaf_hash)


def _signed(
    statement: Statement, message: HolderMessage, signature: str, index: int, extra: MarketOrderRow | None = None
) -> SignedIntent:
    entry = (statement.leaf_hash, index)
    order = None if extra is None else signed_order(extra)
    return SignedIntent(*entry, message, (bytes.fromhex(signature[2:]),), extra=order)


def _cancel(session: Session, context: LedgerContext, statement: Statement, body: CancelPlaced, index: int) -> None:
    order = context.market.require(bytes.fromhex(body.order))
    account, deadline = account_id(statement.iss), parse_instant(body.deadline)
    message = CancelOrder(bytes.fromhex(body.op_id), account, order.order_hash, deadline)
    if order.status == "open":
        end_by_entry(context, [order], "cancelled", index)
    row = MarketOperationRow(account=statement.iss, asset=order.asset, order_hash=order.order_hash)
    keep_operation(session, context, row, _signed(statement, message, body.signature, index, order))


def _cancel_all(
    session: Session, context: LedgerContext, statement: Statement, body: CancelEveryOrder, index: int
) -> None:
    message = CancelAll(bytes.fromhex(body.op_id), account_id(statement.iss), body.epoch, parse_instant(body.deadline))
    orders = context.market.open_orders(account=statement.iss)
    end_by_entry(context, [row for row in orders if row.epoch < body.epoch], "cancelled", index)
    row = MarketOperationRow(account=statement.iss, epoch=body.epoch)
    keep_operation(session, context, row, _signed(statement, message, body.signature, index))


def _move(
    session: Session, context: LedgerContext, statement: Statement, body: MoveTrading | WithdrawCash, index: int
) -> None:
    op_id, account = bytes.fromhex(body.op_id), account_id(statement.iss)
    deadline = parse_instant(body.deadline)
    message: HolderMessage
    if isinstance(body, MoveTrading):
        asset = parse_market_asset(body.asset)
        message = TradingMove(op_id, account, asset, body.amount, body.inward, deadline)
        row = MarketOperationRow(asset=asset, amount=body.amount, inward=body.inward)
    else:
        bank = bytes.fromhex(body.bank_account)
        message = Withdrawal(op_id, account, body.fen, bank, deadline)
        row = MarketOperationRow(amount=body.fen, bank_account=bank)
    row.account = statement.iss
    keep_operation(session, context, row, _signed(statement, message, body.signature, index))
