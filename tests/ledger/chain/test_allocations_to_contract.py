"""Allocations and scores from what is signed to the contracts: the worked year to the tonne (DOMAIN 26 to 31, 49)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from attestation.assets import quota_of
from attestation.bodies import PublishScore, WithdrawScore
from attestation.facts.assets import HoldingRecord, OwedRecord
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, Purpose
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.contracts import CARBON_LEDGER, CREDIT_SCORES
from ledger.chain.credit_scores import CreditScores
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.context import LedgerContext
from ledger.db.assets import AssetRepository
from ledger.db.entries import EntryRepository
from ledger.effects.scores import formula_hash
from ledger.score_views import FactsView, ScoreReader
from ledger.scores import Moment
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    BaseYear,
    GrandfatheringInputs,
    Method,
    inputs_to_document,
    pre_inputs_to_document,
)
from quota.scoring import score, score_bytes, score_to_document
from tanlu.client.scores import ScoreFacts
from tanlu.scoring import build_proposal
from tests.ledger.mirrored import memory

from ..chained_units import STEEL, TILES, YEAR, Chained

pytestmark = pytest.mark.chain

MEANS = {"A": 40_123, "B": 28_004, "C": 18_007, "D": 9_001, "E": 4_999}
WORKED = {"A": 36_062, "B": 25_170, "C": 16_185, "D": 8_090, "E": 4_493}
QUOTA = quota_of(YEAR)


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


def grandfathered(means: dict[str, int], cap: int, reserve: int, **owed: int) -> dict[str, object]:
    inputs = [
        AllocationInput(
            name,
            Method.GRANDFATHERING,
            GrandfatheringInputs((BaseYear(YEAR - 1, Decimal(mean)),), Decimal("0.95")),
            owed=owed.get(name, 0),
        )
        for name, mean in means.items()
    ]
    return inputs_to_document(AllocationRules(YEAR, cap, reserve), inputs)


def test_the_worked_year_is_allocated_on_chain_to_the_tonne(chained: Chained) -> None:
    """Cap 92,000 t, reserve 2,000 t, factor 0.95; law 3 holds: allocated and reserve are what was issued."""
    units, works = chained.units, {f"88.608.54{place:02}/{name}": name for place, name in enumerate(MEANS)}
    for identifier in works:
        purposes = Purpose.STATEMENT | Purpose.ASSET
        units.park.enrol(identifier, Kind.ENTERPRISE, purposes, parent=memory.PARK, algorithm=Algorithm.ES256K)
    units.hold(units.signed(units.issue(92_000)))
    chained.settle()
    means = {identifier: MEANS[name] for identifier, name in works.items()}
    body = units.allocation(grandfathered(means, 92_000, 2_000))
    units.allocate(body)
    chained.settle()
    assert {name: chained.holds(identifier, QUOTA)[0] for identifier, name in works.items()} == WORKED
    assert chained.holds(memory.PARK, QUOTA) == (2_000, 0, 0)
    contract = CarbonLedger(chained.world.rpc, chained.world.deploy().addresses[CARBON_LEDGER])
    reserve, vintage, tonnes, granted, _, done, parts = contract.view("runOf", bytes.fromhex(body.op_id))
    assert (reserve, vintage, tonnes, granted) == (account_id(memory.PARK), YEAR, 90_000, 90_000)
    assert done == parts == 1
    with chained.world.database.read() as session:
        (run,) = AssetRepository(session).runs()
    assert (run.run.hex(), run.granted) == (body.op_id, 90_000)
    assert not chained.world.counts()[State.REFUSED]


def test_more_enterprises_than_one_call_takes_are_told_in_parts(chained: Chained) -> None:
    units = chained.units
    names = [f"88.608.6{place:03}/works" for place in range(66)]
    for identifier in names:
        units.park.enrol(identifier, Kind.ENTERPRISE, Purpose.STATEMENT, parent=memory.PARK)
    units.hold(units.signed(units.issue(2_000)))
    body = units.allocation(grandfathered(dict.fromkeys(names, 30), 2_000, 0))
    units.allocate(body)
    chained.settle()
    contract = CarbonLedger(chained.world.rpc, chained.world.deploy().addresses[CARBON_LEDGER])
    *_, done, parts = contract.view("runOf", bytes.fromhex(body.op_id))
    assert done == parts == 2
    assert {chained.holds(identifier, QUOTA)[0] for identifier in names} == {28}
    assert chained.holds(memory.PARK, QUOTA) == (2_000 - 66 * 28, 0, 0)


def test_ahead_then_finally_is_owed_back_and_settled_the_year_after(chained: Chained) -> None:
    """DOMAIN 31."""
    units, year = chained.units, YEAR + 1
    chained.memory.held[memory.PARK, QUOTA] = HoldingRecord()
    units.obliged(1_000)
    units.hold(units.signed(units.issue(2_000, vintage=year)))
    chained.settle()
    rules = AllocationRules(year, 2_000, 0)
    units.allocate(units.allocation(pre_inputs_to_document(rules, {STEEL: 1_000}), "pre"))
    chained.settle()
    assert chained.holds(STEEL, quota_of(year)) == (700, 0, 0)
    final = grandfathered({STEEL: 500, TILES: 100}, 2_000, 0) | {"rules": None}
    final["rules"] = pre_inputs_to_document(rules, {})["rules"]
    units.allocate(units.allocation(final))
    chained.settle()
    with chained.world.database.read() as session:
        owed = AssetRepository(session).owed(account_id(STEEL)).tonnes
    assert (owed, chained.holds(TILES, quota_of(year))[0]) == (700 - 475, 95)
    chained.memory.debts[STEEL] = OwedRecord(owed, 0, chained.memory.now + 30 * 86_400)
    units.hold(units.signed(units.issue(1_000, vintage=year + 1)))
    rules = AllocationRules(year + 1, 1_000, 0)
    later = grandfathered({STEEL: 500}, 1_000, 0, **{STEEL: owed})
    later["rules"] = pre_inputs_to_document(rules, {})["rules"]
    units.allocate(units.allocation(later))
    chained.settle()
    assert chained.holds(STEEL, quota_of(year + 1)) == (475 - owed, 0, 0)
    with chained.world.database.read() as session:
        assert AssetRepository(session).owed(account_id(STEEL)).tonnes == 0
    assert not chained.world.counts()[State.REFUSED]


def told(facts: FactsView) -> ScoreFacts:
    """As a service tells them."""
    return ScoreFacts(facts.moment.size, facts.moment.block, score_to_document(score(facts.inputs)), (), ())


def test_a_score_from_the_ledgers_facts_is_published_on_chain_and_recomputes(chained: Chained) -> None:
    """DOMAIN 49: from facts as of a block; the same bytes again after the year went on."""
    units = chained.opened().units
    units.say(units.surrender(900))
    chained.settle()
    chained.pass_time(86_400)
    chained.settle()
    reader = ScoreReader(chained.world.database, chained.parameters)
    facts = reader.facts(STEEL, YEAR)
    assert facts is not None
    assert facts.inputs.compliance is None, "the deadline is over, but no entry says so yet"
    before = facts
    units.hold(units.signed(units.freeze(1)))
    chained.settle()
    facts = reader.facts(STEEL, YEAR)
    assert facts is not None
    assert facts.inputs.compliance is not None
    assert (facts.inputs.compliance.obligation, facts.inputs.compliance.in_time) == (1_000, 900)
    assert facts.inputs.accuracy is not None
    assert facts.inputs.accuracy.determined
    computed = score(facts.inputs)
    until = chained.memory.calendar(YEAR).after_working_days(chained.memory.now, 10)
    body = build_proposal(told(facts), until)
    for wrong, rule in (
        (build_proposal(told(before), until), "score.outdated"),
        (replace(body, points_bps=10_000), "score.points"),
        (replace(body, input_root="ab" * 32), "score.root"),
        (replace(body, as_of=replace(body.as_of, block=None)), "score.as_of"),
        (replace(body, as_of=replace(body.as_of, block=body.as_of.block + 1_000)), "score.as_of"),
    ):
        with memory.refused(rule, 12):
            chained.tables_only(wrong, "score")
    with chained.world.database.read() as session:
        context = LedgerContext(session, chained.parameters, EntryRepository(session).state(), chained.memory.now)
        figure = context.recompute_score(STEEL, YEAR, None)
    assert figure is not None
    chained.memory.figures[STEEL, YEAR] = figure
    statement = units.rate(body).statement_id.hex()
    chained.settle()
    chained.pass_time(until - chained.memory.now + 1)
    units.rate(PublishScore(score=statement))
    chained.settle()
    contract = CreditScores(chained.world.rpc, chained.world.deploy().addresses[CREDIT_SCORES])
    published, revision, at = contract.view("scoreOf", account_id(STEEL), YEAR)
    root = bytes.fromhex(body.input_root)
    assert computed.points_bps is not None
    assert tuple(published) == (
        *(account_id(STEEL), YEAR, computed.points_bps, computed.grade.code, formula_hash(body.formula), root),
    )
    assert revision == 1
    assert at
    again = reader.facts(STEEL, YEAR, Moment(body.as_of.size, body.as_of.block))
    assert again is not None
    assert score_bytes(score(again.inputs)) == score_bytes(computed)
    (view,) = reader.of_year(STEEL, YEAR)
    assert (view.state, view.body.input_root) == ("published", body.input_root)
    units.rate(WithdrawScore(score=statement, reason="the year is amended"))
    chained.settle()
    assert contract.view("scoreOf", account_id(STEEL), YEAR)[2] == 0
    assert reader.facts(STEEL, YEAR, Moment(10_000, body.as_of.block)) is None
    assert not chained.world.counts()[State.REFUSED]
    assert format_instant(until) == body.comments_until
