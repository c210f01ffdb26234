"""The exchange's message of each body of the market: what the signatures inside the statement are over.

As :mod:`attestation.signed_operations` for units: one table for who builds, who judges and who tells the contract.
Bodies of good form only: raises ValueError or a refusal of form for others.
"""

from __future__ import annotations

from typing import overload

from eth_utils.crypto import keccak

from attestation import market_messages as messages
from attestation.assets import parse_market_asset
from attestation.bodies.cash import BindBankAccount, DepositCash, SettleWithdrawal
from attestation.bodies.market import HaltDay, ResumeDay, SetMarketReference, SetMarketTerms
from attestation.bodies.orders import CancelEveryOrder, CancelPlaced, MoveTrading, PlaceOrder, WithdrawCash
from attestation.identifiers import account_id
from attestation.instants import parse_instant
from attestation.market_words import Mode, OrderKind, Side
from attestation.typed_data import Domain

ApprovedMarket = SetMarketTerms | SetMarketReference | HaltDay | ResumeDay
ApprovedCash = BindBankAccount | DepositCash | SettleWithdrawal
HolderOrder = CancelPlaced | CancelEveryOrder | MoveTrading | WithdrawCash
ANYBODY = bytes(32)


def order_message(body: PlaceOrder, holder: str) -> messages.Order:
    """The order that the holder's asset key signs; ``holder`` is its identifier."""
    return messages.Order(
        account_id(holder),
        parse_market_asset(body.asset),
        Side.of(body.side),
        body.tonnes,
        body.price_fen,
        OrderKind.of(body.kind),
        ANYBODY if body.counterparty is None else account_id(body.counterparty),
        body.minimum_fill,
        body.fee_limit_bps,
        parse_instant(body.deadline),
        body.epoch,
        bytes.fromhex(body.salt),
    )


def order_hash(body: PlaceOrder, holder: str, domain: Domain) -> bytes:
    """The 32 bytes that the order is known by, in the exchange's domain."""
    return order_message(body, holder).digest(domain)


def holder_message(body: HolderOrder, holder: str) -> messages.HolderMessage:
    """The message that the holder's asset key signs beside orders; ``holder`` is its identifier."""
    op_id, account, deadline = bytes.fromhex(body.op_id), account_id(holder), parse_instant(body.deadline)
    match body:
        case CancelPlaced():
            return messages.CancelOrder(op_id, account, bytes.fromhex(body.order), deadline)
        case CancelEveryOrder():
            return messages.CancelAll(op_id, account, body.epoch, deadline)
        case MoveTrading():
            asset = parse_market_asset(body.asset)
            return messages.TradingMove(op_id, account, asset, body.amount, body.inward, deadline)
        case WithdrawCash():
            return messages.Withdrawal(op_id, account, body.fen, bytes.fromhex(body.bank_account), deadline)


@overload
def market_message(body: SetMarketTerms) -> messages.MarketTerms: ...
@overload
def market_message(body: SetMarketReference) -> messages.MarketReference: ...
@overload
def market_message(body: ApprovedMarket) -> messages.MarketTerms | messages.MarketReference | messages.MarketHalt: ...
def market_message(body: ApprovedMarket) -> messages.MarketTerms | messages.MarketReference | messages.MarketHalt:
    """The message that two persons sign for the market."""
    op_id, document = bytes.fromhex(body.op_id), bytes.fromhex(body.document_hash)
    if isinstance(body, SetMarketTerms):
        return _terms_message(body, op_id, document)
    asset = parse_market_asset(body.asset)
    if isinstance(body, SetMarketReference):
        return messages.MarketReference(op_id, asset, body.price_fen, document)
    return messages.MarketHalt(op_id, asset, body.day, isinstance(body, HaltDay), document)


def _terms_message(body: SetMarketTerms, op_id: bytes, document: bytes) -> messages.MarketTerms:
    return messages.MarketTerms(
        op_id,
        Mode.of(body.mode),
        body.band_bps,
        body.block_band_bps,
        body.block_threshold,
        body.lock_days,
        body.fee_bps,
        account_id(body.fee_account),
        body.minimum_volume,
        body.minimum_groups,
        body.maximum_holders,
        body.release_delay_s,
        document,
    )


def cash_message(body: ApprovedCash) -> messages.BankBinding | messages.Deposit | messages.Payout:
    """The message that two persons sign for cash."""
    op_id = bytes.fromhex(body.op_id)
    match body:
        case BindBankAccount():
            bank, document = bytes.fromhex(body.bank_account), bytes.fromhex(body.document_hash)
            return messages.BankBinding(op_id, account_id(body.account), bank, document)
        case DepositCash():
            reference = keccak(text=body.bank_reference)
            return messages.Deposit(op_id, account_id(body.account), body.fen, reference)
        case SettleWithdrawal():
            withdrawal, reference = bytes.fromhex(body.withdrawal), keccak(text=body.bank_reference)
            return messages.Payout(op_id, withdrawal, body.paid, reference)
