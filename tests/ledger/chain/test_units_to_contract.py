"""Units from the first signature to the contracts: what was signed for the log is what they take, or finally refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestation.assets import CCER, quota_of
from attestation.facts.assets import HoldingRecord, OwedRecord
from attestation.instants import format_instant
from attestation.keys import Algorithm, Purpose
from attestation.statements import approve_recovery, complete_recovery, prove_recovery
from attestation.typed_data import Domain
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from tests.ledger.mirrored import memory

from ..chained_units import STEEL, TILES, YEAR, Chained

pytestmark = pytest.mark.chain


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


def test_a_year_is_met_on_chain(chained: Chained) -> None:
    """DOMAIN 3, 4, 22, 23: carried in, frozen, released, moved, surrendered; the log knows what the contracts hold."""
    units, quota = chained.opened().units, quota_of(YEAR)
    chained.settle()
    assert chained.holds(memory.PARK, quota) == (5_000, 0, 0)
    assert chained.holds(STEEL, CCER) == (200, 0, 0)
    assert chained.due(STEEL) == 1_000
    taken, emergency = units.signed(units.freeze(300)), units.freeze(50, approvals=None)
    units.hold(taken)
    units.hold(emergency)
    units.hold(units.confirm(emergency))
    units.hold(units.signed(units.release(taken, 100)))
    units.hold(units.signed(units.transfer(120, freeze=taken.op_id, cause="enforcement")))
    units.say(units.surrender(50, asset="ccer"))
    units.say(units.surrender(600))
    units.say(units.cancel_own(7))
    chained.settle()
    assert chained.holds(STEEL, quota) == (2_000 - 350 + 100 - 600 - 7, 0, 130)
    assert chained.holds(TILES, quota) == (120, 0, 0)
    assert chained.holds(STEEL, CCER) == (150, 0, 0)
    assert chained.due(STEEL) == 350
    units.say(units.surrender(350))
    units.obliged(900)
    units.settle(units.credit())
    chained.settle()
    assert chained.due(STEEL) == 0
    assert not chained.world.counts()[State.REFUSED]


def test_a_year_ends_on_chain(chained: Chained) -> None:
    """DOMAIN 6, 7, 11: what is missing is charged, what is left is carried over in time, the rest is cancelled."""
    units, quota = chained.opened().units, quota_of(YEAR)
    units.hold(units.signed(units.carry_in(150, account=TILES)))
    units.case.determine(enterprise=TILES, tonnes=100, revision=1)
    units.settle(units.signed(units.price(9_501)))
    units.say(units.surrender(900))
    units.say(units.surrender(100), iss=TILES)
    chained.settle()
    chained.pass_time(86_400)
    units.settle(units.assess())
    units.say(units.carry_over(5), iss=TILES)
    chained.settle()
    assert chained.due(STEEL) == 100
    assert chained.position(STEEL).missed == 100
    assert chained.position(STEEL).charge_fen == 100 * 9_501 * 5
    assert chained.holds(TILES, quota) == (45, 0, 0)
    assert chained.holds(TILES, quota_of(YEAR + 1)) == (5, 0, 0)
    with memory.refused("price.fixed", 11):
        chained.tables_only(units.signed(units.price(1)), "compliance")
    with memory.refused("surrender.late", 11):
        units.say(units.surrender(1))
    chained.pass_time(2 * 86_400)
    units.settle(units.close(STEEL, TILES))
    chained.settle()
    assert chained.holds(STEEL, quota) == chained.holds(TILES, quota) == (0, 0, 0)
    assert chained.holds(TILES, quota_of(YEAR + 1)) == (5, 0, 0)
    assert not chained.world.counts()[State.REFUSED]


def test_what_is_owed_comes_back(chained: Chained) -> None:
    """DOMAIN 31: an allocation that found a debt; part of it is returned by the holder, the rest collected when due."""
    units, quota = chained.units, quota_of(YEAR)
    units.hold(units.signed(units.issue(1_000)))
    chained.settle()
    due_at = chained.memory.now + 3_600
    chained.allocate({STEEL: (500, 30), TILES: (400, 0)}, due_at)
    chained.settle()
    assert chained.holds(STEEL, quota) == (500, 0, 0)
    chained.memory.held[STEEL, quota] = HoldingRecord(500)
    chained.memory.debts[STEEL] = OwedRecord(30, 0, due_at)
    with memory.refused("owed.exceeded", 11, "31 t"):
        units.say(units.give_back(31))
    units.say(units.give_back(20))
    with memory.refused("owed.early", 11):
        units.hold(units.collect())
    chained.settle()
    assert chained.holds(STEEL, quota) == (480, 0, 0)
    chained.pass_time(3_600)
    units.hold(units.collect())
    chained.settle()
    assert chained.holds(STEEL, quota) == (470, 0, 0)
    assert chained.holds(memory.PARK, quota) == (130, 0, 0)
    with memory.refused("owed.none", 11):
        chained.tables_only(units.collect(), "holding")
    assert not chained.world.counts()[State.REFUSED]


def test_what_the_log_would_not_take_the_contract_refuses_for_good(chained: Chained) -> None:
    """Law 4 and the rest of the door's rules once more, by the contract alone: each with its own error and values."""
    units = chained.opened().units
    chained.settle()
    before = chained.holds(STEEL, quota_of(YEAR)), chained.holds(STEEL, CCER), chained.due(STEEL)
    elsewhere = Domain(
        chained.world.engine.chain_id, chained.world.compliance_domain.verifying_contract, bytes([1]) * 32
    )
    late = format_instant(chained.memory.now - 10)
    tries = {
        "OffsetCapExceeded": units.surrender(51, asset="ccer"),
        "ObligationExceeded": units.surrender(1_001),
        "VintageNotAccepted": units.surrender(1, asset="quota-2022"),
        "IntentExpired": units.surrender(1, deadline=late),
        "BalanceInsufficient": units.cancel_own(2_001),
        "OwedExceeded": units.give_back(1),
        "EmissionsUnknown": units.surrender(1),
        "HolderSignatureInvalid": units.surrender(1),
    }
    told = {
        error: chained.past_the_door(
            body,
            holder=TILES if error == "EmissionsUnknown" else STEEL,
            domain=elsewhere if error == "HolderSignatureInvalid" else None,
        )
        for error, body in tries.items()
    }
    chained.settle()
    for error, op_id in told.items():
        state, said = chained.outcome(op_id)
        assert (state, error in (said or "")) == (State.REFUSED.value, True), (error, state, said)
    assert (chained.holds(STEEL, quota_of(YEAR)), chained.holds(STEEL, CCER), chained.due(STEEL)) == before


def test_an_entry_that_the_contract_refuses_took_nothing_and_is_said_again(chained: Chained) -> None:
    """The chain's clock went on: the holder's word was good for the log, and too late for the contract."""
    units = chained.opened().units
    chained.settle()
    body = units.surrender(1_000, deadline=format_instant(chained.memory.now + 600))
    units.say(body)
    index = chained.memory.next_index - 1
    chained.world.pass_time(3_600)
    chained.settle()
    state, said = chained.outcome(bytes.fromhex(body.op_id))
    assert (state, "IntentExpired" in (said or "")) == ("refused", True), (state, said)
    assert chained.due(STEEL) == 1_000
    chained.memory.refused |= {index}
    with memory.refused("operation.used", 11):
        units.say(body)
    units.say(units.surrender(1_000, deadline=format_instant(chained.memory.now + 86_400)))
    chained.settle()
    assert chained.due(STEEL) == 0
    assert chained.holds(STEEL, quota_of(YEAR)) == (1_000, 0, 0)


def test_a_recovered_asset_key_finds_the_account_as_it_was(chained: Chained) -> None:
    """STORY's lost key: two persons, the delay, and balances belong to the identifier (DOMAIN 22, 23)."""
    units, park = chained.opened().units, chained.units.park
    chained.settle()
    before, quota = chained.holds(STEEL, quota_of(YEAR)), quota_of(YEAR)
    old, new = park.keys[STEEL], memory.seeded(Algorithm.ES256K, 4_000)
    said = {"subject": STEEL, "replaces": old.public.kid_name, "purposes": Purpose.STATEMENT | Purpose.ASSET}
    said |= {"domain": chained.world.registry_domain, "reason": "the safe burned"}
    approvals = [
        approve_recovery(identifier=person, by=park.keys[person], key=new.public, **said) for person in units.persons
    ]
    proposed = prove_recovery(log=memory.ORIGIN, key=new, iat=chained.memory.now, approvals=approvals, **said)
    park.accept_key(proposed)
    proposal = park.log.entries[-1].statement.statement_id
    chained.settle()
    chained.pass_time(memory.WAIT)
    chained.settle()
    park.accept_key(complete_recovery(proposal, proposed))
    chained.settle()
    assert chained.holds(STEEL, quota) == before
    with memory.refused("key.revoked", 7):
        units.say(units.cancel_own(1))
    by_the_thief = chained.past_the_door(units.cancel_own(1))
    park.keys[STEEL] = new
    units.say(units.cancel_own(10))
    chained.settle()
    assert chained.outcome(by_the_thief)[0] == State.REFUSED.value
    assert chained.holds(STEEL, quota) == (before[0] - 10, 0, 0)
