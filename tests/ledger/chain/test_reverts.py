"""What a contract's refusal means: there already, too early, not now, or never."""

from __future__ import annotations

import pytest

from ledger.chain.answer import Call, Impossible, Wait
from ledger.chain.contracts import NAMES, load_artifact
from ledger.chain.errors import ContractRefused
from ledger.chain.operations import Kind
from ledger.chain.reverts import _NOT_READY, judge_revert, lacks_role

CALL = Call(b"\x13" * 20, b"", 1)
CONTRACTS = NAMES[1:]


def refused(name: str, **arguments: int) -> ContractRefused:
    return ContractRefused(name, arguments, b"")


@pytest.mark.parametrize(("name", "since"), _NOT_READY.items())
def test_what_is_too_early_waits_and_goes_out_when_it_is_due_by_the_clock(name: str, since: str) -> None:
    """The last block of a quiet chain may be long past."""
    early = judge_revert(Kind.ASSESS, CALL, refused(name, **{since: 100}), alone=True, now=99)
    assert isinstance(early, Wait)
    assert early.not_ready
    assert judge_revert(Kind.ASSESS, CALL, refused(name, **{since: 100}), alone=True, now=100) is CALL


def test_the_errors_that_are_about_time_are_those_of_the_contracts_and_name_it() -> None:
    """A renamed error would be taken for a refusal for good."""
    named = {
        entry["name"]: {item["name"] for item in entry["inputs"]}
        for contract in CONTRACTS
        for entry in load_artifact(contract).abi.errors()
    }
    for name, since in _NOT_READY.items():
        assert since in named.get(name, set()), name


def test_what_is_done_is_read_back_and_not_sent_again() -> None:
    for name in ("OpAlreadyApplied", "SizeAlreadyKnown"):
        assert judge_revert(Kind.SURRENDER, CALL, refused(name), alone=True, now=0) == Wait("")


def test_a_refusal_is_for_good_only_where_nothing_is_on_its_way_that_the_intent_builds_on() -> None:
    short = refused("BalanceInsufficient", requested=5, available=4)
    assert isinstance(judge_revert(Kind.SURRENDER, CALL, short, alone=True, now=0), Impossible)
    waits = judge_revert(Kind.SURRENDER, CALL, short, alone=False, now=0)
    assert isinstance(waits, Wait)
    assert not waits.not_ready


def test_a_fill_follows_the_one_before_it_without_waiting_for_a_block() -> None:
    """Its order was filled so far only when that one is mined; a fill that came before is not sent behind itself. Nor
    is it given up because the one before it was refused just now (DOMAIN 18)."""
    next_one, done = refused("FillOutOfOrder", said=300, filled=0), refused("FillOutOfOrder", said=0, filled=300)
    assert judge_revert(Kind.SETTLE, CALL, next_one, alone=False, now=0) is CALL
    assert isinstance(judge_revert(Kind.SETTLE, CALL, next_one, alone=True, now=0), Wait)
    assert isinstance(judge_revert(Kind.SETTLE, CALL, done, alone=False, now=0), Wait)
    assert isinstance(judge_revert(Kind.SETTLE, CALL, done, alone=True, now=0), Impossible)


@pytest.mark.parametrize("kind", [Kind.MOVE, Kind.WITHDRAW, Kind.SETTLE])
def test_what_finds_cash_halted_waits_and_a_fill_keeps_its_place(kind: Kind) -> None:
    """DOMAIN 21; a day does not close without a fill that was matched."""
    waits = judge_revert(kind, CALL, refused("CashHalted"), alone=True, now=0)
    assert isinstance(waits, Wait)
    assert waits.not_ready == (kind is not Kind.SETTLE)


def test_a_part_of_an_approved_run_waits_for_the_reserve() -> None:
    """DOMAIN 30: a run sets nothing aside."""
    short = refused("BalanceInsufficient", requested=5, available=4)
    waits = judge_revert(Kind.ALLOCATE, CALL, short, alone=True, now=0)
    assert isinstance(waits, Wait)
    assert waits.not_ready
    assert isinstance(judge_revert(Kind.ALLOCATE, CALL, refused("RunUnknown"), alone=True, now=0), Impossible)


def test_for_want_of_a_role_nothing_is_refused_for_good() -> None:
    refusal = refused("AccessManagedUnauthorized")
    assert lacks_role(refusal)
    assert isinstance(judge_revert(Kind.SURRENDER, CALL, refusal, alone=True, now=0), Wait)
