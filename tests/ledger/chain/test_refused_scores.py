"""A score that its contract finally refused is none: nobody holds a certificate of it, and it is proposed anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestation.bodies import ProposeScore, PublishScore, WithdrawScore
from attestation.identifiers import account_id
from ledger.chain.contracts import CREDIT_SCORES
from ledger.chain.credit_scores import CreditScores
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.context import LedgerContext
from ledger.db.entries import EntryRepository
from ledger.score_views import ScoreReader
from tanlu.scoring import build_proposal
from tests.ledger.mirrored import memory

from ..chained_units import STEEL, YEAR, Chained
from .test_allocations_to_contract import told

pytestmark = pytest.mark.chain


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


def proposal(chained: Chained) -> ProposeScore:
    facts = ScoreReader(chained.world.database, chained.parameters).facts(STEEL, YEAR)
    assert facts is not None
    with chained.world.database.read() as session:
        context = LedgerContext(session, chained.parameters, EntryRepository(session).state(), chained.memory.now)
        figure = context.recompute_score(STEEL, YEAR, None)
    assert figure is not None
    chained.memory.figures[STEEL, YEAR] = figure
    return build_proposal(told(facts), chained.memory.calendar(YEAR).after_working_days(chained.memory.now, 10))


def test_a_score_that_reached_the_chain_too_late_is_refused_and_proposed_anew(chained: Chained) -> None:
    """DOMAIN 49: a relayer that was away for the whole comment time; the log is not left with a score of its own."""
    units, reader = chained.opened().units, ScoreReader(chained.world.database, chained.parameters)
    chained.settle()
    late = proposal(chained)
    first = units.rate(late).statement_id.hex()
    chained.pass_time(chained.memory.score(bytes.fromhex(first)).comments_until - chained.memory.now + 1)
    chained.settle()
    assert chained.world.counts()[State.REFUSED] == 1
    assert [view.state for view in reader.of_year(STEEL, YEAR)] == ["refused"]
    with memory.refused("score.settled", 11, "refused"):
        chained.tables_only(PublishScore(score=first), "score")
    with memory.refused("score.standing", 11, "refused"):
        chained.tables_only(WithdrawScore(score=first, reason="never on chain"), "score")
    second = units.rate(proposal(chained)).statement_id.hex()
    chained.settle()
    chained.pass_time(chained.memory.score(bytes.fromhex(second)).comments_until - chained.memory.now + 1)
    units.rate(PublishScore(score=second))
    chained.settle()
    assert [view.state for view in reader.of_year(STEEL, YEAR)] == ["published", "refused"]
    contract = CreditScores(chained.world.rpc, chained.world.deploy().addresses[CREDIT_SCORES])
    assert contract.view("scoreOf", account_id(STEEL), YEAR)[1] == 1
    assert chained.world.counts()[State.REFUSED] == 1
