"""In which order the exchange may hear of a market, whatever waits: judged without a chain, over made-up rounds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from attestation.assets import quota_of
from attestation.market_messages import CancelAll, CancelOrder, Deposit, Order, TradingMove
from attestation.typed_data import Domain, sign_compact_digest
from ledger.chain.answer import Call, Wait
from ledger.chain.asset_intents import AssetIntent, SignedIntent
from ledger.chain.market_intents import CloseDayIntent, HaltDayIntent, OpenDayIntent, ReconcileIntent, SettleIntent
from ledger.chain.party_order import PartyOrder, SigningDomains
from ledger.db.chain_models import OutboxRow

from ..registry_life import key

DOMAINS = SigningDomains(*(Domain(31337, bytes([seed]) * 20, b"\x5a" * 32) for seed in (1, 2, 3, 4)))
LEAF, SIGNATURE = b"\x03" * 32, b"\x77" * 64
A, B, C, D = (bytes([seed]) * 32 for seed in (11, 12, 13, 14))
QUOTA, CASH, DAY = quota_of(2025), 0x0003_0000, 20_251_103
CALL, WAIT = Call(b"\x13" * 20, b"", 1), Wait("not yet")


def row(place: int, intent: AssetIntent) -> OutboxRow:
    return OutboxRow(id=place, kind=intent.kind, payload=json.dumps(intent.to_payload()), position=place)


def fill(buyer: bytes, seller: bytes) -> SettleIntent:
    assert DOMAINS.exchange is not None
    buy, sell = (Order(who, QUOTA, side, 5, 6_000, 1, C, 1, 0, 99, 0, LEAF) for side, who in ((1, buyer), (2, seller)))
    signatures = [
        sign_compact_digest(order.digest(DOMAINS.exchange), key(seed)) for order, seed in ((buy, 2), (sell, 6))
    ]
    return SettleIntent(LEAF, 7, 0, DAY, 5, 6_000, 0, 0, LEAF, LEAF, buy, sell, *signatures)


OPENED, CLOSED = OpenDayIntent(LEAF, 7, QUOTA, DAY, 99), CloseDayIntent(LEAF, 7, QUOTA, DAY, 2, LEAF)
HALTED = HaltDayIntent(LEAF, 7, QUOTA, DAY, halted=True, op_id=b"\x0a" * 32)
COMPARED = ReconcileIntent(LEAF, 7, DAY, 5)
DEPOSITED = SignedIntent(LEAF, 7, Deposit(LEAF, A, 5, LEAF), (SIGNATURE, SIGNATURE))
MOVED = SignedIntent(LEAF, 7, TradingMove(LEAF, A, CASH, 5, True, 99), (SIGNATURE,))


def after(*seen: tuple[AssetIntent, Any]) -> PartyOrder:
    """Of a round in which these came first, with what was decided of them."""
    order = PartyOrder((), DOMAINS)
    for place, (intent, judged) in enumerate(seen, 1):
        told = row(place, intent)
        if not order.holds(told):
            order.saw(told, judged)
    return order


def held(order: PartyOrder, intent: AssetIntent) -> bool:
    return order.holds(row(99, intent))


def test_a_fill_waits_for_its_opening_its_accounts_and_no_other_fill() -> None:
    assert held(after((OPENED, WAIT)), fill(A, B))
    assert held(after((MOVED, WAIT)), fill(A, B))
    assert held(after((fill(A, B), WAIT)), fill(C, B))
    assert not held(after((fill(A, B), WAIT)), fill(C, D))


def test_a_day_closes_after_its_fills() -> None:
    """DOMAIN 15: the close is of all of them."""
    assert held(after((fill(A, B), WAIT)), CLOSED)
    # What is on its way may come back without effect, because of the fill before it, and is told again.
    assert held(after((fill(A, B), CALL)), CLOSED)
    assert held(after((fill(A, B), CALL)), HALTED)
    assert not held(after((MOVED, CALL)), CLOSED)
    assert not held(after((fill(A, B), CALL)), CloseDayIntent(LEAF, 7, QUOTA - 1, DAY, 2, LEAF))
    assert not after((fill(A, B), CALL)).alone(row(99, CLOSED)), "a refusal may mean that a fill comes first"


def test_a_holder_ends_its_orders_after_its_fills() -> None:
    """DOMAIN 18: what was matched before is settled, also where it is told a second time."""
    assert DOMAINS.exchange is not None
    ended = SignedIntent(LEAF, 7, CancelAll(LEAF, A, 1, 99), (SIGNATURE,))
    for word in (ended, MOVED):
        assert held(after((fill(A, B), CALL)), word)
        assert not held(after((fill(B, C), CALL)), word)
    assert not held(after((ended, CALL)), fill(A, B)), "no fill waits for what is only on its way"


def test_the_end_of_an_order_waits_for_that_orders_fills_and_holds_up_nothing() -> None:
    """DOMAIN 18: of an order that was ended nothing is matched any more; the account's other orders are filled."""
    matched = fill(A, B)
    ended, other = (
        SignedIntent(LEAF, 7, CancelOrder(LEAF, A, LEAF, 99), (SIGNATURE,), extra=order)
        for order in (matched.buy, replace(matched.buy, salt=b"\x04" * 32))
    )
    for judged in (CALL, WAIT):
        assert held(after((matched, judged)), ended)
        assert not held(after((matched, judged)), other)
        assert not held(after((other, judged)), matched)
    assert held(PartyOrder((row(1, matched),), DOMAINS), ended), "on its way since an earlier round"
    stranger = replace(matched.buy, account=C)
    assert not held(after((matched, CALL)), replace(ended, extra=stranger)), "whoever takes the salt of another"
    order = after((matched, CALL))
    assert held(order, ended)
    assert not order.holds(row(100, fill(A, C))), "nor while it waits"


def test_what_waits_for_the_banks_balance_never_keeps_it_from_being_compared() -> None:
    """DOMAIN 21: a fill that found cash halted, and the account's next deposit, which the bank has."""
    order = after((fill(A, B), WAIT), (DEPOSITED, CALL))
    assert not held(order, COMPARED)
    assert held(order, MOVED)


def test_both_traders_keep_their_keys_until_the_fill_is_told() -> None:
    """An order is good as long as its key is: a chain that forgot blocks would hear of the key's end first."""
    assert after((fill(A, B), WAIT)).signers == {key(2).public.kid_name, key(6).public.kid_name}
    assert after((fill(A, B), CALL)).signers == set()
