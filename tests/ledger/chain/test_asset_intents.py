from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from attestation.asset_messages import (
    MESSAGES,
    AllocationRun,
    AssetMessage,
    Cancel,
    CancelByOrder,
    CarryOver,
    Freeze,
    Issue,
    OffsetEntry,
    OpeningBalance,
    ReferencePrice,
    Release,
    Return,
    Surrender,
    Suspension,
    Transfer,
    YearTerms,
)
from attestation.assets import CCER, quota_of
from ledger.chain import outbox
from ledger.chain.asset_intents import (
    AllocatePartIntent,
    AllocationItem,
    AssessIntent,
    AssetIntent,
    CloseIntent,
    CollectIntent,
    CreditIntent,
    LapseFreezeIntent,
    ProposeScoreIntent,
    PublishScoreIntent,
    SignedIntent,
    WithdrawScoreIntent,
    asset_intent,
)
from ledger.chain.operations import ASSET_KINDS, MARKET_KINDS, Kind
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow

DEPLOYMENT = b"\x0d" * 32
LEAF = b"\x11" * 32
DOCUMENT = b"\x22" * 32
PARK, WORKS, OTHER = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
FREEZE = b"\x44" * 32
NONE = bytes(32)
QUOTA = quota_of(2025)
SIGNATURE = b"\x77" * 64


def op(number: int) -> bytes:
    return number.to_bytes(32)


APPROVED: tuple[AssetMessage, ...] = (
    Issue(op(1), PARK, 2025, 100, DOCUMENT),
    AllocationRun(op(2), PARK, 2025, 90, DOCUMENT, DOCUMENT, 1_800_000_000),
    Transfer(op(3), WORKS, OTHER, QUOTA, 5, 2, FREEZE, DOCUMENT),
    CancelByOrder(op(4), WORKS, QUOTA, 5, DOCUMENT),
    Freeze(op(5), WORKS, QUOTA, 5, DOCUMENT),
    Release(op(6), FREEZE, 5, DOCUMENT),
    Suspension(op(7), WORKS, True, DOCUMENT),
    OpeningBalance(op(8), WORKS, QUOTA, 5, DOCUMENT),
    OffsetEntry(op(9), WORKS, 5, DOCUMENT, 1, 5, DOCUMENT, DOCUMENT),
    YearTerms(op(10), 2025, 500, 1, 2, 3, 500, 15_000, 50_000, 2_592_000, False, DOCUMENT),
    ReferencePrice(op(11), 2025, 6_200, DOCUMENT),
)
HELD: tuple[AssetMessage, ...] = (
    Cancel(op(12), WORKS, QUOTA, 5, 9),
    Return(op(13), WORKS, 2025, 5, 9),
    Surrender(op(14), WORKS, 2025, CCER, 5, 9),
    CarryOver(op(15), WORKS, 2025, 5, 9),
)


def signed(message: AssetMessage) -> SignedIntent:
    approvals = 1 if message in HELD else 2
    return SignedIntent(
        LEAF,
        7,
        message,
        (SIGNATURE,) * approvals,
        account=WORKS if isinstance(message, Release) else None,
        net_sold=12 if isinstance(message, CarryOver) else 0,
    )


AT_ONCE = SignedIntent(LEAF, 7, Freeze(op(16), WORKS, QUOTA, 5, DOCUMENT), ())
CONFIRMED = SignedIntent(OTHER, 8, AT_ONCE.message, (SIGNATURE, SIGNATURE), confirms=True)
INTENTS: tuple[AssetIntent, ...] = (
    *(signed(message) for message in (*APPROVED, *HELD)),
    AT_ONCE,
    CONFIRMED,
    AllocatePartIntent(LEAF, 7, op(2), (DOCUMENT, LEAF), 1, (AllocationItem(WORKS, 5, 1, 2), AllocationItem(OTHER, 6))),
    CollectIntent(LEAF, 7, WORKS, 2025),
    LapseFreezeIntent(LEAF, 7, op(16), WORKS),
    AssessIntent(LEAF, 7, WORKS, 2025),
    CreditIntent(LEAF, 7, WORKS, 2025),
    CloseIntent(LEAF, 7, 2025, (WORKS, OTHER)),
    ProposeScoreIntent(LEAF, 7, WORKS, 2025, 8_700, 2, DOCUMENT, LEAF, 1_800_000_000),
    PublishScoreIntent(LEAF, 7, WORKS, 2025, 8_700, 2, DOCUMENT, LEAF),
    WithdrawScoreIntent(LEAF, 7, WORKS, 2025),
)


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.kind)
def test_an_intent_survives_storage(database: Database, intent: AssetIntent) -> None:
    with database.write() as session:
        for _ in range(2):
            outbox.enqueue_asset(session, DEPLOYMENT, intent, now=1)
        row = session.scalars(select(OutboxRow)).one()
        stored = asset_intent(Kind(row.kind), json.loads(row.payload))
    assert stored == intent
    assert (row.op_id, row.position) == (intent.operation_id(DEPLOYMENT), intent.position)


def test_every_kind_has_an_intent_and_every_message_too() -> None:
    assert {intent.kind for intent in INTENTS} == set(ASSET_KINDS) - set(MARKET_KINDS)
    assert {type(intent.message) for intent in INTENTS if isinstance(intent, SignedIntent)} == set(MESSAGES)


def test_the_operation_of_a_signed_message_is_its_own_and_of_others_their_entrys() -> None:
    for intent in INTENTS:
        if isinstance(intent, SignedIntent) and not intent.confirms:
            assert intent.operation_id(DEPLOYMENT) == intent.message.op_id
    assert len({intent.operation_id(DEPLOYMENT) for intent in INTENTS}) == len(INTENTS)


def test_a_confirmation_has_an_operation_of_its_own_since_the_freezes_was_used_up() -> None:
    """DOMAIN 23."""
    assert CONFIRMED.operation_id(DEPLOYMENT) != AT_ONCE.operation_id(DEPLOYMENT)
    again = replace(CONFIRMED, leaf_hash=DOCUMENT)
    assert again.operation_id(DEPLOYMENT) != CONFIRMED.operation_id(DEPLOYMENT)


def test_parts_of_a_run_and_of_a_close_have_operations_of_their_own() -> None:
    part = AllocatePartIntent(LEAF, 7, op(2), (DOCUMENT, LEAF), 0, (AllocationItem(WORKS, 5),))
    close = CloseIntent(LEAF, 7, 2025, (WORKS,))
    assert part.operation_id(DEPLOYMENT) != replace(part, part=1).operation_id(DEPLOYMENT)
    assert close.operation_id(DEPLOYMENT) != replace(close, part=1).operation_id(DEPLOYMENT)


def test_what_is_about_one_account_shares_it_as_a_party() -> None:
    apart = {Kind.ISSUE, Kind.APPROVE_RUN, Kind.TERMS, Kind.PRICE}
    scores = {Kind.PROPOSE_SCORE, Kind.PUBLISH_SCORE, Kind.WITHDRAW_SCORE}
    for intent in INTENTS:
        assert (WORKS.hex() in intent.parties) == (intent.kind not in apart | scores), intent.kind
        assert intent.parties <= intent.rests_on


def test_what_follows_from_a_years_terms_rests_on_them_without_holding_others_up() -> None:
    """DOMAIN 3, 6, 7: cap, deadlines and charge are the year's."""
    resting = {Kind.SURRENDER, Kind.CARRY_OVER, Kind.ASSESS, Kind.CREDIT, Kind.CLOSE_YEAR}
    for intent in INTENTS:
        assert ("year-2025" in intent.rests_on - intent.parties) == (intent.kind in resting), intent.kind


@pytest.mark.parametrize(
    ("message", "signatures", "members"),
    [
        (APPROVED[0], (SIGNATURE,), {}),
        (APPROVED[0], (SIGNATURE, SIGNATURE[:-1]), {}),
        (APPROVED[0], (), {}),
        (HELD[2], (SIGNATURE, SIGNATURE), {}),
        (HELD[2], (SIGNATURE,), {"net_sold": 1}),
        (HELD[3], (SIGNATURE,), {"net_sold": -1}),
        (HELD[2], (SIGNATURE,), {"account": WORKS}),
        (HELD[2], (SIGNATURE,), {"confirms": True}),
        (APPROVED[5], (SIGNATURE, SIGNATURE), {}),
        (APPROVED[5], (SIGNATURE, SIGNATURE), {"account": WORKS[:-1]}),
        (AT_ONCE.message, (), {"confirms": True}),
        (replace(HELD[2], op_id=NONE), (SIGNATURE,), {}),
    ],
)
def test_what_no_contract_would_take_is_no_intent(
    message: AssetMessage, signatures: tuple[bytes, ...], members: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        SignedIntent(LEAF, 7, message, signatures, **members)  # type: ignore[arg-type]  # bad values on purpose


def test_a_part_beyond_the_parts_and_an_empty_or_oversized_one_are_refused() -> None:
    item = AllocationItem(WORKS, 5)
    for part, items in ((1, (item,)), (-1, (item,)), (0, ()), (0, (item,) * 65)):
        with pytest.raises(ValueError, match="part"):
            AllocatePartIntent(LEAF, 7, op(2), (DOCUMENT,), part, items)
    with pytest.raises(ValueError, match="accounts"):
        CloseIntent(LEAF, 7, 2025, (WORKS,) * 65)
