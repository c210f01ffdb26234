from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from attestation.assets import quota_of
from attestation.market_messages import (
    MESSAGES,
    BankBinding,
    CancelAll,
    CancelOrder,
    Deposit,
    MarketHalt,
    MarketReference,
    MarketTerms,
    Order,
    Payout,
    TradingMove,
    Withdrawal,
)
from ledger.chain import outbox
from ledger.chain.asset_intents import AssetIntent, asset_intent
from ledger.chain.market_intents import (
    BarIntent,
    CloseDayIntent,
    HaltDayIntent,
    OpenDayIntent,
    ReconcileIntent,
    SettleIntent,
    SweepIntent,
)
from ledger.chain.operations import MARKET_KINDS, Kind
from ledger.chain.signed_intents import SignedIntent, SignedMessage
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow

DEPLOYMENT = b"\x0d" * 32
LEAF = b"\x11" * 32
DOCUMENT = b"\x22" * 32
BUYER, SELLER, THIRD = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
QUOTA, NEXT, CASH = quota_of(2025), quota_of(2026), 0x0003_0000
DAY = 20_251_103
SIGNATURE = b"\x77" * 64


def op(number: int) -> bytes:
    return number.to_bytes(32)


def order(account: bytes, side: int, **members: Any) -> Order:
    given = Order(account, QUOTA, side, 700, 6_250, 1, bytes(32), 1, 50, 1_800_000_000, 0, op(99))
    return replace(given, **members)


def settle(buyer: bytes = BUYER, seller: bytes = SELLER, *, asset: int = QUOTA, **members: Any) -> SettleIntent:
    buy, sell = order(buyer, 1, asset=asset), order(seller, 2, asset=asset)
    given = SettleIntent(LEAF, 7, 0, DAY, 700, 6_250, 0, 0, DOCUMENT, LEAF, buy, sell, SIGNATURE, SIGNATURE)
    return replace(given, **members)


TERMS = MarketTerms(op(1), 1, 1_000, 3_000, 1_000, 5, 0, bytes(32), 0, 0, 200, 86_400, DOCUMENT)
MESSAGES_SIGNED: tuple[SignedMessage, ...] = (
    TERMS,
    MarketReference(op(2), QUOTA, 6_000, DOCUMENT),
    BankBinding(op(3), BUYER, DOCUMENT, DOCUMENT),
    Deposit(op(4), BUYER, 5_000_000, DOCUMENT),
    Payout(op(5), op(7), True, DOCUMENT),
    TradingMove(op(6), BUYER, CASH, 4_375_000, True, 1_800_000_000),
    Withdrawal(op(7), BUYER, 5, DOCUMENT, 1_800_000_000),
    CancelOrder(op(8), BUYER, DOCUMENT, 1_800_000_000),
    CancelAll(op(9), BUYER, 1, 1_800_000_000),
)
HELD = (TradingMove, Withdrawal, CancelOrder, CancelAll)


def signed(message: SignedMessage) -> SignedIntent:
    extra = order(BUYER, 1) if isinstance(message, CancelOrder) else None
    return SignedIntent(LEAF, 7, message, (SIGNATURE,) * (1 if isinstance(message, HELD) else 2), extra=extra)


PLAIN: tuple[AssetIntent, ...] = (
    settle(),
    OpenDayIntent(LEAF, 7, QUOTA, DAY, 1_762_156_800),
    HaltDayIntent(LEAF, 7, QUOTA, DAY, halted=True, op_id=op(20)),
    CloseDayIntent(LEAF, 7, QUOTA, DAY, 3, DOCUMENT),
    ReconcileIntent(LEAF, 7, DAY, 5_000_000),
    SweepIntent(LEAF, 7, BUYER, QUOTA, 4),
    BarIntent(LEAF, 7, BUYER, barred=True),
)
INTENTS: tuple[AssetIntent, ...] = (*map(signed, MESSAGES_SIGNED), *PLAIN)


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.kind)
def test_an_intent_survives_storage(database: Database, intent: AssetIntent) -> None:
    with database.write() as session:
        for _ in range(2):
            outbox.enqueue_asset(session, DEPLOYMENT, intent, now=1)
        row = session.scalars(select(OutboxRow)).one()
        stored = asset_intent(Kind(row.kind), json.loads(row.payload))
    assert stored == intent
    assert (row.op_id, row.position) == (intent.operation_id(DEPLOYMENT), intent.position)


def test_every_kind_has_an_intent_and_every_message_but_the_order_too() -> None:
    assert {intent.kind for intent in INTENTS} == set(MARKET_KINDS)
    told = {type(intent.message) for intent in INTENTS if isinstance(intent, SignedIntent)}
    assert told == set(MESSAGES) - {Order, MarketHalt}, "the log alone reads who approved a halt"


def test_fills_of_one_entry_and_sweeps_of_one_year_have_operations_of_their_own() -> None:
    made = {settle(number=number).operation_id(DEPLOYMENT) for number in range(3)}
    sweep = SweepIntent(LEAF, 7, BUYER, QUOTA, 4)
    swept = {replace(sweep, account=account, asset=asset) for account in (BUYER, SELLER) for asset in (QUOTA, CASH)}
    assert len(made) == 3
    assert len({each.operation_id(DEPLOYMENT) for each in swept}) == 4


def test_a_holder_that_signs_the_id_of_a_settlement_to_come_keeps_nothing_from_the_chain(database: Database) -> None:
    """Law 6: its own entry's leaf hash is known to the holder before the log has it."""
    fill = settle()
    taken = replace(signed(MESSAGES_SIGNED[8]), message=CancelAll(fill.operation_id(DEPLOYMENT), BUYER, 1, 9))
    for order_of_arrival in ((taken, fill), (fill, taken)):
        with database.write() as session:
            for intent in order_of_arrival:
                outbox.enqueue_asset(session, DEPLOYMENT, intent, now=1)
            assert {row.kind for row in session.scalars(select(OutboxRow))} == {"settle", "cancel-all"}


def test_fills_of_other_accounts_and_assets_wait_for_each_other_never() -> None:
    """DOMAIN 18: trade by trade; of one account in the order of the log."""
    first, apart, shared = settle(), settle(THIRD, b"\x04" * 32), settle(THIRD, SELLER)
    assert not first.parties & apart.rests_on
    assert not first.parties & settle(THIRD, b"\x04" * 32, asset=NEXT).rests_on
    assert first.parties & shared.rests_on == {SELLER.hex()}


def test_a_fill_comes_after_its_days_opening_and_before_its_halt_and_close() -> None:
    """DOMAIN 16: a fill's day decides."""
    opened, halted, closed = PLAIN[1], PLAIN[2], PLAIN[3]
    for change in (opened, halted, closed, signed(TERMS)):
        assert change.parties & settle().rests_on, change.kind
        other = settle(asset=NEXT).rests_on
        assert bool(change.parties & other) == (change.kind is Kind.MARKET_TERMS), change.kind
    for end in (halted, closed, signed(TERMS), signed(MESSAGES_SIGNED[1])):
        assert settle().parties & end.rests_on, end.kind
    assert not settle(asset=NEXT).parties & closed.rests_on


def test_cash_is_compared_after_what_moved_it_and_before_what_moves_it_next() -> None:
    """DOMAIN 21."""
    check = PLAIN[4]
    moving = [each for each in INTENTS if each.kind in {Kind.DEPOSIT, Kind.PAYOUT, Kind.MOVE, Kind.WITHDRAW}]
    for intent in (*moving, settle()):
        # What passes between accounts, or waits to leave, changes no sum.
        assert bool(intent.parties & check.rests_on) == (intent.kind in {Kind.DEPOSIT, Kind.PAYOUT}), intent.kind
        assert check.parties & intent.rests_on, intent.kind
    units = signed(TradingMove(op(6), BUYER, QUOTA, 5, False, 9))
    assert units.parties == units.rests_on == {BUYER.hex()}
    apart = signed(Deposit(op(10), THIRD, 1, DOCUMENT))
    assert not any(apart.parties & intent.rests_on for intent in moving)


def test_a_fill_that_waits_for_the_bank_keeps_no_deposit_from_the_comparison() -> None:
    """DOMAIN 21: cash halts, a fill waits, money comes in, and the comparison that lets the fill go counts it."""
    deposit = signed(MESSAGES_SIGNED[3])
    assert BUYER.hex() in settle().parties
    assert not settle().parties & deposit.rests_on
    assert BUYER.hex() in deposit.parties, "what it pays for comes after it"


def test_a_payout_comes_after_its_withdrawal() -> None:
    withdrawal, payout = signed(MESSAGES_SIGNED[6]), signed(MESSAGES_SIGNED[4])
    assert op(7).hex() in withdrawal.parties & payout.rests_on
    assert BUYER.hex() in replace(payout, account=BUYER).parties


def test_what_was_stored_before_there_were_orders_is_written_as_it_was() -> None:
    assert "extra" not in signed(MESSAGES_SIGNED[5]).to_payload()
    assert signed(MESSAGES_SIGNED[7]).to_payload()["extra"]["price_fen"] == 6_250


@pytest.mark.parametrize(
    "members",
    [
        {"number": -1},
        {"day": 20_251_103_0},
        {"tonnes": 0},
        {"price_fen": 2**32},
        {"buy_filled": -1},
        {"sell_filled": 2**63},
        {"buy_leaf": LEAF[:-1]},
        {"sell_signature": SIGNATURE[:-1]},
        {"sell": order(SELLER, 2, asset=NEXT)},
    ],
    ids=lambda members: next(iter(members)),
)
def test_a_fill_that_no_contract_would_take_is_no_intent(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        settle(**members)


def test_what_is_no_day_no_amount_and_no_cancelled_order_is_no_intent() -> None:
    for make in (
        lambda: OpenDayIntent(LEAF, 7, QUOTA, DAY, 0),
        lambda: OpenDayIntent(LEAF, 7, 0, DAY, 1),
        lambda: CloseDayIntent(LEAF, 7, QUOTA, DAY, 2**16, DOCUMENT),
        lambda: CloseDayIntent(LEAF, 7, QUOTA, DAY, 1, DOCUMENT[:-1]),
        lambda: ReconcileIntent(LEAF, 7, DAY, -1),
        lambda: SweepIntent(LEAF, 7, BUYER, QUOTA, 0),
        lambda: SignedIntent(LEAF, 7, MESSAGES_SIGNED[7], (SIGNATURE,)),
        lambda: SignedIntent(LEAF, 7, MESSAGES_SIGNED[8], (SIGNATURE,), extra=order(BUYER, 1)),
        lambda: SignedIntent(LEAF, 7, MESSAGES_SIGNED[8], (SIGNATURE, SIGNATURE)),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()
