"""Allocations and scores in the tables: judged as in memory, kept, asked of the contracts, replayed (DOMAIN 31, 49)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from attestation.bodies import CommentScore, PublishScore, WithdrawScore
from attestation.errors import AttestationError
from ledger.allocation_views import AllocationReader
from ledger.chain.asset_intents import AllocatePartIntent, ProposeScoreIntent, SignedIntent, asset_intent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.context import LedgerContext
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.quota_models import ScoreRow
from ledger.score_views import ScoreReader
from ledger.subjects import about
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    BaseYear,
    GrandfatheringInputs,
    Method,
    inputs_to_document,
)
from quota.scoring import score, score_to_document
from tanlu.client.scores import ScoreFacts
from tanlu.errors import InputRefused
from tanlu.scoring import build_proposal, recompute
from tests.ledger.mirrored import Mirror, casework, unitwork

STEEL, TILES = unitwork.STEEL, unitwork.TILES
YEAR = casework.YEAR


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    yield made
    made.database.close()


def document(tonnes: int = 1_000) -> dict[str, object]:
    base = GrandfatheringInputs((BaseYear(YEAR - 1, Decimal(tonnes)),), Decimal("0.95"))
    one = AllocationInput(STEEL, Method.GRANDFATHERING, base)
    return inputs_to_document(AllocationRules(YEAR, 2_000, 100), [one])


def intents(mirror: Mirror, *kinds: Kind) -> list[Any]:
    with mirror.database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind.in_(kinds)).order_by(OutboxRow.id)).all()
        return [asset_intent(Kind(row.kind), json.loads(row.payload)) for row in rows]


def test_an_allocation_asks_for_its_run_and_its_parts(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.issue(2_000)))
    body = units.allocation(document())
    units.allocate(body)
    run, part = intents(mirror, Kind.APPROVE_RUN, Kind.ALLOCATE)
    assert isinstance(run, SignedIntent)
    assert (run.message.op_id.hex(), run.message.tonnes) == (body.op_id, 950)
    assert isinstance(part, AllocatePartIntent)
    assert (part.run, part.part, [item.granted for item in part.items]) == (run.message.op_id, 0, [950])
    (view,) = AllocationReader(mirror.database).page(year=YEAR, before=None, limit=10)
    assert (view.tonnes, view.accounts, view.state, len(view.operations)) == (950, 1, State.PENDING, 2)
    assert mirror.replay_faults() == []


def test_an_allocation_that_the_contract_refused_may_be_said_again(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.issue(2_000)))
    units.allocate(units.allocation(document()))
    index = mirror.memory.next_index - 1
    with pytest.raises(AttestationError) as caught:
        units.allocate(units.allocation(document()))
    assert caught.value.rule == "allocation.repeated"
    with mirror.database.write() as session:
        refused = update(OutboxRow).where(OutboxRow.position == index)
        session.execute(refused.values(state=State.REFUSED.value, doubt_number=9, doubt_hash=bytes(32)))
    mirror.memory.refused |= {index}
    units.allocate(units.allocation(document(900)))
    assert mirror.replay_faults() == []


def proposed(mirror: Mirror, units: Any) -> Any:
    """What the tables' own facts give, told to both logs."""
    parameters = mirror.log.parameters
    with mirror.database.read() as session:
        context = LedgerContext(session, parameters, EntryRepository(session).state(), mirror.memory.now)
        figure = context.recompute_score(STEEL, YEAR, None)
    mirror.memory.figures[STEEL, YEAR] = figure
    until = mirror.memory.calendar(YEAR).after_working_days(mirror.memory.now, 10)
    return build_proposal(facts(mirror, parameters), until)


def facts(mirror: Mirror, parameters: Any) -> ScoreFacts:
    found = ScoreReader(mirror.database, parameters).facts(STEEL, YEAR)
    assert found is not None
    return ScoreFacts(found.moment.size, found.moment.block, score_to_document(score(found.inputs)), (), ())


def test_a_score_from_its_proposal_to_its_end(mirror: Mirror) -> None:
    units = mirror.units()
    body = proposed(mirror, units)
    first = units.rate(body).statement_id.hex()
    units.rate(CommentScore(score=first, text="no report was asked for"), iss=STEEL)
    second_body = proposed(mirror, units)
    second = units.rate(second_body).statement_id.hex()
    mirror.memory.now = mirror.memory.score(bytes.fromhex(second)).comments_until
    units.rate(PublishScore(score=second))
    for kind in (Kind.PROPOSE_SCORE, Kind.PUBLISH_SCORE):
        last = intents(mirror, kind)[-1]
        assert (last.year, last.points_bps, last.grade) == (YEAR, 0, 0)
    assert isinstance(intents(mirror, Kind.PROPOSE_SCORE)[0], ProposeScoreIntent)
    reader = ScoreReader(mirror.database, mirror.log.parameters)
    states = [(view.statement_id.hex(), view.state, len(view.comments)) for view in reader.of_year(STEEL, YEAR)]
    assert states == [(second, "published", 0), (first, "replaced", 1)]
    with mirror.database.read() as session:
        row = session.scalars(select(ScoreRow).where(ScoreRow.statement_id == bytes.fromhex(second))).one()
        assert about(session, "score", row.entry_index) == (STEEL,)
        assert row.published_index is not None
        assert about(session, "score", row.published_index) == (STEEL,)
    units.rate(WithdrawScore(score=second, reason="to be amended"))
    assert reader.of_year(STEEL, YEAR)[0].state == "withdrawn"
    assert mirror.replay_faults() == []


def test_a_proposal_that_is_altered_does_not_recompute(mirror: Mirror) -> None:
    """`tanlu score recompute` fails with the rule that says what differs."""
    units = mirror.units()
    body = proposed(mirror, units)
    units.rate(body)
    found = facts(mirror, mirror.log.parameters)
    as_of = ScoreFacts(body.as_of.size, body.as_of.block, found.document, (), ())
    computed, told = recompute(body, as_of)
    assert computed.grade.value == "unrated"
    assert json.loads(told)["inputs_root"] == body.input_root
    for changed, rule in (
        ({"input_root": "ab" * 32}, "score.root"),
        ({"grade": "A", "points_bps": 8_000}, "score.points"),
        ({"formula": "tanlu-score@9"}, "score.formula"),
        ({"inputs": body.inputs | {"backing": {"device": "1", "total": "1"}}}, "score.inputs"),
        ({"enterprise": TILES}, "score.inputs"),
    ):
        with pytest.raises(InputRefused) as caught:
            recompute(type(body)(**({name: getattr(body, name) for name in body.__struct_fields__} | changed)), as_of)
        assert caught.value.rule == rule
    with pytest.raises(InputRefused) as caught:
        recompute(body, ScoreFacts(body.as_of.size + 1, None, found.document, (), ()))
    assert caught.value.rule == "score.as_of"


def test_a_row_of_a_score_that_no_entry_establishes_is_found(mirror: Mirror) -> None:
    units = mirror.units()
    units.rate(proposed(mirror, units))
    with mirror.database.write() as session:
        session.execute(update(ScoreRow).values(grade="A+"))
    (fault,) = mirror.replay_faults()
    assert (fault.table, fault.column) == ("scores", "grade")
