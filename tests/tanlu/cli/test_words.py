"""What two persons read before they sign: every member in words, of every kind of act (DOMAIN 23)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from attestation.bodies import (
    Allocation,
    AllocationShare,
    BindBankAccount,
    CancelUnits,
    CarryIn,
    ClockWindow,
    DepositCash,
    EnterOffsets,
    FreezeUnits,
    HaltDay,
    IssueUnits,
    MarketHours,
    ReleaseUnits,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    SetPrice,
    SetTerms,
    SettleWithdrawal,
    SuspendAccount,
    TransferUnits,
)
from attestation.bodies.holdings import Monitoring
from tanlu.cli.member_words import NAMES
from tanlu.cli.words import said
from tanlu.proposals import AskedWithdrawal, Proposal

OP, HASH, ACCOUNT = "01" * 32, "0c" * 32, "88.608.5288/A"
GROUNDS: dict[str, Any] = {"op_id": OP, "document_hash": HASH, "reason": "final", "approvals": ()}
UNITS = GROUNDS | {"account": ACCOUNT, "asset": "quota-2025", "tonnes": 5}
HOURS = MarketHours(
    listed=(ClockWindow(start="09:30", until="11:30"), ClockWindow(start="13:00", until="15:00")),
    block=(ClockWindow(start="13:00", until="15:00"),),
)
TERMS = SetMarketTerms(
    op_id=OP, mode="agreement", band_bps=1_000, block_band_bps=3_000, block_threshold=1_000, lock_days=5, fee_bps=7,
    fee_account=ACCOUNT, minimum_volume=1, minimum_groups=2, maximum_holders=0, release_delay_s=604_800, hours=HOURS,
    document_hash=HASH, approvals=(),
)  # fmt: skip
PAYOUT = SettleWithdrawal(op_id=OP, withdrawal="0f" * 32, paid=True, bank_reference="B-2", approvals=())
ACTS = {
    "holding": (
        IssueUnits(account=ACCOUNT, vintage=2025, tonnes=9, **GROUNDS),
        TransferUnits(
            sender=ACCOUNT, receiver="88.608.5288/B", asset="ccer", tonnes=1, cause="succession", freeze=OP, **GROUNDS
        ),
        CancelUnits(**UNITS),
        FreezeUnits(**UNITS),
        ReleaseUnits(freeze=OP, tonnes=1, **GROUNDS),
        SuspendAccount(account=ACCOUNT, suspended=True, **GROUNDS),
        CarryIn(**UNITS),
        EnterOffsets(
            beneficiary=ACCOUNT, project="wind", methodology="CCER-01", project_start="2021-05-01",
            monitoring=Monitoring(start="2023-01-01", end="2024-06-30"), claimed="2024-12-02", registered="2025-03-12",
            cancelled="2026-09-15", series="S", first_serial=1, last_serial=5, tonnes=5, cancellation="CN-1", **GROUNDS,
        ),
    ),
    "compliance": (
        SetTerms(
            year=2025, offset_cap_bps=500, surrender_deadline="2026-12-31T16:00:00Z", amendment_seconds=2_592_000,
            carry_over_until="2027-01-31T16:00:00Z", closes_at="2027-01-31T16:00:00Z", carry_base_bps=500,
            carry_multiple_bps=15_000, charge_multiple_bps=50_000, earlier_vintages=False, **GROUNDS,
        ),
        SetPrice(year=2025, fen_per_tonne=6_230, **GROUNDS),
    ),
    "allocation": (
        Allocation(
            op_id=OP, year=2025, round="final", reserve=ACCOUNT, document={}, input_root=HASH, tonnes=1,
            table=(AllocationShare(identifier=ACCOUNT, granted=1, owes=0, settles=0),),
            return_due="2026-12-31T16:00:00Z", approvals=(),
        ),
    ),
    "market": (
        TERMS,
        msgspec.structs.replace(TERMS, hours=None),
        SetMarketReference(asset="quota-2025", price_fen=6_000, **GROUNDS),
        HaltDay(asset="quota-2025", day=2026_01_05, **GROUNDS),
        ResumeDay(asset="quota-2025", day=2026_01_05, **GROUNDS),
    ),
    "cash": (
        BindBankAccount(op_id=OP, account=ACCOUNT, bank_account=HASH, document_hash=HASH, approvals=()),
        DepositCash(op_id=OP, account=ACCOUNT, fen=5_000_000, bank_reference="B-1", reverses="0e" * 32, approvals=()),
        PAYOUT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("zh", [False, True], ids=["en", "zh"])
@pytest.mark.parametrize(
    ("type_", "body"),
    [(type_, body) for type_, bodies in ACTS.items() for body in bodies],
    ids=[f"{type_}-{number}" for type_, bodies in ACTS.items() for number, _ in enumerate(bodies)],
)
def test_every_member_is_named_and_nothing_of_the_program_shows(type_: str, body: Any, zh: bool) -> None:
    text = said(Proposal(type_, body), zh=zh)
    for name in msgspec.to_builtins(body):
        if name not in {"action", "approvals", "table", "document"}:
            assert name in NAMES, name
            assert NAMES[name][zh] in text
            assert "_" not in NAMES[name][0]
    for raw in ("None", "True", "False", "{", "}", "[", "_bps", "_fen"):
        assert raw not in text


def test_money_shares_and_instants_are_written_for_people() -> None:
    """DOMAIN 7, 20: yuan with two decimals, per cent, China's clock."""
    assert "amount: CNY 50000.00" in said(Proposal("cash", ACTS["cash"][1]), zh=False)
    assert "金额：50000.00 元" in said(Proposal("cash", ACTS["cash"][1]), zh=True)
    year = said(Proposal("compliance", ACTS["compliance"][0]), zh=False)
    assert "surrender before: 2027-01-01T00:00:00+08:00" in year
    assert "charge, of the price: 5 times" in year
    assert "carry-over, of net sales: 150 %" in year
    market = said(Proposal("market", TERMS), zh=False)
    assert "fee of each side: 0.07 %" in market
    assert "out without the market after: 7 days" in market
    assert "hours: listed 09:30 to 11:30 and 13:00 to 15:00; block 13:00 to 15:00" in market
    assert "at most, holders: no limit" in market
    assert "理由：final" in said(Proposal("market", ACTS["market"][2]), zh=True), "as somebody wrote it"


def test_a_payout_says_whom_the_bank_pays_how_much_and_where_to() -> None:
    """DOMAIN 21: not a member of the payout, but of the entry that its proposal carries."""
    asked = AskedWithdrawal(7, "…", ACCOUNT, 4_375_000, HASH)
    text = said(Proposal("cash", PAYOUT, withdrawal=asked), zh=False)
    for part in (f"payee: {ACCOUNT}", "CNY 43750.00", HASH, "entry 7", "0f" * 32):
        assert part in text
    assert "is not in the file" in said(Proposal("cash", PAYOUT), zh=False)
