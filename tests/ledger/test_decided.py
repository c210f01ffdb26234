"""A policy dated into decisions already made is refused by the log itself, and a void verdict decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.bodies.objections import DecideObjection, RaiseObjection
from attestation.bodies.policies import Corrects
from attestation.statements import Policy
from ledger.log import Accepted, Refused
from tests.ledger.case_desk import STEEL, YEAR, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK

DAY = 86_400


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The verdict was accepted on 2024-03-04 in China."""
    desk = Desk.open(tmp_path)
    yield desk
    desk.database.close()


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
