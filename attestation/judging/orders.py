"""``order``: what a holder signs on the market: orders, cancellations, moves, withdrawals, bids (DOMAIN 12 to 21).

The statement is signed by the same key as the message inside it, as in ``intent``. What concerns balances is refused
here as a courtesy; the exchange judges again. That an order stands in the book is the log's word alone.
"""

from __future__ import annotations

from attestation.bodies.orders import (
    MOST_EPOCH,
    CancelEveryOrder,
    CancelPlaced,
    CommitBid,
    MoveTrading,
    Order,
    PlaceOrder,
    WithdrawCash,
)
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.instants import format_instant, parse_instant
from attestation.judging.auctions import check_commitment
from attestation.judging.cases import check_digest
from attestation.judging.common import Facts, check_integer, check_place, check_time
from attestation.judging.market_forms import find_exchange, find_order
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.placing import check_order_form, check_placed
from attestation.judging.trading_balances import check_move, check_move_form, check_withdrawal, check_withdrawal_form
from attestation.judging.units import check_not_suspended, check_operation, check_unused
from attestation.judging.words import check_word
from attestation.market_operations import holder_message, order_message
from attestation.market_words import MOST_FEN
from attestation.refusals import refuse


def judge_order(statement: Statement, body: Order, record: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of an order; ``record`` is the key that signed the statement."""
    # 9: body schema, units, bounds
    _check_form(statement.iss, body)

    # 10: time
    check_time(statement, context)
    if not isinstance(body, CommitBid) and context.now >= parse_instant(body.deadline):
        now = format_instant(context.now)
        raise refuse("order.expired", body.deadline, f"after {now}", expected_zh=f"晚于 {now}")

    # 11: the word is new, the holder may, and has what it takes
    domain = find_exchange(context)
    address = record.key.evm_address
    if address is None:
        raise refuse("order.key", record.key.algorithm.value)
    if isinstance(body, CommitBid):
        check_not_suspended(statement.iss, context)
        check_commitment(statement.iss, body, context)
        return Facts(opens_gap=check_place(statement, context))
    if isinstance(body, PlaceOrder):
        digest = order_message(body, statement.iss).digest(domain)
        check_placed(statement.iss, body, digest, context)
    else:
        digest = holder_message(body, statement.iss).digest(domain)
        check_unused(bytes.fromhex(body.op_id), context)
        _check_act(statement.iss, body, context)
    gap = check_place(statement, context)

    # 12: recomputation: the holder's word for the exchange
    check_word("order.signature", body.signature, digest, {address: record})
    return Facts(opens_gap=gap)


def _check_form(holder: str, body: Order) -> None:
    if isinstance(body, CommitBid):
        check_operation(body.auction, "body.auction")
        check_digest(body.commitment, "body.commitment")
        check_integer(body.maximum_fen, 1, MOST_FEN, "body.maximum_fen")
        return
    match body:
        case PlaceOrder():
            check_order_form(holder, body)
        case CancelPlaced():
            check_digest(body.order, "body.order")
        case CancelEveryOrder():
            check_integer(body.epoch, 1, MOST_EPOCH, "body.epoch")
        case MoveTrading():
            check_move_form(body)
        case WithdrawCash():
            check_withdrawal_form(body)
    if not isinstance(body, PlaceOrder):
        check_operation(body.op_id, "body.op_id")
    parse_instant(body.deadline)
    check_signature_hex(body.signature, "body.signature")


def _check_act(
    holder: str, body: CancelPlaced | CancelEveryOrder | MoveTrading | WithdrawCash, context: Context
) -> None:
    match body:
        case CancelPlaced():
            _check_cancellation(holder, body, context)
        case CancelEveryOrder():
            _check_cancellation_of_all(holder, body, context)
        case MoveTrading():
            check_move(holder, body, context)
        case WithdrawCash():
            check_withdrawal(holder, body, context)


def _check_cancellation(holder: str, body: CancelPlaced, context: Context) -> None:
    """Step 11: an open order of one's own that no auction binds (``order.*``, ``auction.bound``, DOMAIN 14)."""
    order = find_order(bytes.fromhex(body.order), context)
    if order.account != holder:
        raise refuse("order.account", body.order)
    if order.status != "open":
        raise refuse("order.ended", f"{body.order}: {order.status}")
    if order.auction is not None:
        auction = context.auction(order.auction)
        if auction is not None and auction.cleared is None:
            raise refuse("auction.bound", f"{body.order}, auction {order.auction.hex()}")


def _check_cancellation_of_all(holder: str, body: CancelEveryOrder, context: Context) -> None:
    """Step 11: a later epoch, and no auction binds any of the orders (``order.epoch``, ``auction.bound``)."""
    epoch = context.epoch(holder)
    if body.epoch <= epoch:
        raise refuse("order.epoch", body.epoch, f"above {epoch}", expected_zh=f"大于 {epoch}")
    auction = context.auction_binding(holder)
    if auction is not None:
        raise refuse("auction.bound", f"auction {auction.hex()}")
