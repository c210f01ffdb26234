"""A policy dated into decisions already made is refused by the log itself, and a void verdict decides nothing."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from attestation.bodies.objections import DecideObjection, RaiseObjection
from attestation.bodies.policies import Corrects
from attestation.instants import parse_instant
from attestation.statements import Policy
from ledger.db.base import Database
from ledger.deadlines import dues_of_year
from ledger.log import Accepted, Refused
from ledger.policy_views import PolicyReader
from tests.ledger.case_desk import STEEL, YEAR, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK

DAY = 86_400


@pytest.fixture
def desk(database: Database) -> Desk:
    """The verdict was accepted on 2024-03-04 in China."""
    return Desk.open(database)


def rules(version: str, since: str = "2023-01-01", year: int = YEAR) -> Policy:
    return Policy(policy="rules", id="park", version=version, effective_from=since, document={"year": year})


def factors(version: str, since: str) -> Policy:
    document = {**STEEL.document(), "version": version}
    corrects = Corrects(version=STEEL.version, reason="mistyped")
    return Policy(
        policy="factor-set", id=STEEL.id, version=version, effective_from=since, document=document, corrects=corrects
    )


def rule_of(desk: Desk, policy: Policy) -> str | None:
    (outcome,) = desk.log().submit([desk.signed("policy", policy, PARK)]).outcomes
    return outcome.error.rule if isinstance(outcome, Refused) else None


def decided(desk: Desk) -> Accepted:
    report = desk.report()
    desk.appoint()
    return desk.verify(report)


def test_what_a_verdict_used_is_not_changed_under_it(desk: Desk) -> None:
    assert rule_of(desk, rules("before")) is None
    decided(desk)
    assert rule_of(desk, rules("after")) == "policy.decided"
    assert rule_of(desk, rules("next-year", year=YEAR + 1)) is None
    assert rule_of(desk, factors("2", "2024-03-04")) == "policy.decided"
    assert rule_of(desk, factors("2", "2024-03-05")) is None


@pytest.mark.parametrize("days", [0, 250])
def test_domain_44_a_running_objection_window_keeps_the_terms_of_its_verdict(desk: Desk, days: int) -> None:
    """Terms that were published before, to begin the day after: 0 days would let nobody object any more."""
    document = {"year": YEAR, "objection_days": days}
    ahead = msgspec.structs.replace(rules("ahead", since="2024-03-05"), document=document)
    assert rule_of(desk, ahead) is None
    verdict = decided(desk)
    desk.clock.now += 2 * DAY
    with desk.database.read() as session:
        found = dues_of_year(session, desk.parameters, YEAR, int(desk.clock.now))
    (due,) = [each for each in found.dues if each.name == "objection"]
    # Seven working days after Monday 2024-03-04, the whole of the last one, in China.
    assert due.at == parse_instant("2024-03-13T16:00:00Z")
    shown = PolicyReader(desk.database).published(date(2024, 3, 6), policy="rules")
    assert [each.in_force for each in shown] == [False]
    objection = RaiseObjection(verification=verdict.ref.statement_id.hex(), grounds="too much")
    desk.accept("objection", objection, ENTERPRISE)


def test_a_void_verdict_decides_nothing(desk: Desk) -> None:
    verdict = decided(desk)
    raised = desk.accept(
        "objection", RaiseObjection(verification=verdict.ref.statement_id.hex(), grounds="too much"), ENTERPRISE
    )
    assert rule_of(desk, rules("contested")) == "policy.decided"
    decision = DecideObjection(objection=raised.ref.statement_id.hex(), upheld=True, reason="a delivery was missed")
    desk.accept("objection", decision, PARK)
    assert rule_of(desk, rules("void")) is None
    assert rule_of(desk, factors("2", "2024-03-04")) is None
