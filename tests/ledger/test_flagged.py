"""What a compromised key puts in doubt, to the end: verdicts, registrations and labels that rest on it."""

from __future__ import annotations

import msgspec
import pytest

from attestation.admission_codes import code_hash
from attestation.bodies import ApproveApplication, ReviewApplication
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.proofs import prove_key
from ledger.db.base import Database
from tests.applying import CREDIT_CODE
from tests.ledger.case_desk import VERIFIER, Desk
from tests.ledger.log.conftest import ENTERPRISE, ORIGIN, PARK

REVIEWER, APPROVER = "88.608.100/li", "88.608.100/wang"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.open(database)


def flagged(desk: Desk, thumbprint: str, **options: int) -> list[tuple[int, str, str]]:
    found = desk.view().flagged(thumbprint, **({"after": -1, "limit": 100} | options))
    return [(each.index, each.type, each.why.value) for each in found]


def test_what_rests_on_a_report_in_doubt_is_listed(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    registered, shown = desk.register(verdict), desk.label(report)
    desk.label(None)
    thumbprint = desk.compromise(ENTERPRISE, report.ref.index)
    assert flagged(desk, thumbprint) == [
        (report.ref.index, "report", "direct"),
        (verdict.ref.index, "verification", "resting"),
        (registered, "registration", "resting"),
        (shown, "label", "resting"),
    ]


def test_what_was_registered_by_a_verdict_in_doubt_is_listed(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    registered = desk.register(verdict)
    thumbprint = desk.compromise(VERIFIER, verdict.ref.index)
    # The registration is the stolen key's own as well: of several reasons the first counts.
    assert flagged(desk, thumbprint) == [
        (verdict.ref.index, "verification", "direct"),
        (registered, "registration", "direct"),
    ]


def test_before_the_position_nothing_is_in_doubt_and_nothing_rests_on_it(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    desk.register(desk.verify(report))
    thumbprint = desk.compromise(ENTERPRISE, report.ref.index + 1)
    assert flagged(desk, thumbprint) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_end_and_nothing_comes_twice(desk: Desk, limit: int) -> None:
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    desk.register(verdict)
    desk.label(report)
    thumbprint = desk.compromise(ENTERPRISE, report.ref.index)
    whole, found, after = flagged(desk, thumbprint), [], -1
    while page := flagged(desk, thumbprint, after=after, limit=limit):
        assert len(page) <= limit
        found += page
        after = page[-1][0]
    assert found == whole
    assert len(whole) == 4


def test_a_report_that_was_judged_by_a_policy_in_doubt_is_listed(desk: Desk) -> None:
    good, spare = desk.registrar, desk.spare()
    desk.publish("rules", {"year": 2022, "objection_days": 1}, "another-year")
    desk.holders[PARK] = spare
    published = desk.publish("rules", {"year": 2023, "objection_days": 1})
    desk.holders[PARK] = good
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    thumbprint = desk.compromise(PARK, published.ref.index, key=spare)
    assert flagged(desk, thumbprint) == [
        (published.ref.index, "policy", "direct"),
        (report.ref.index, "report", "resting"),
        (verdict.ref.index, "verification", "resting"),
    ]


@pytest.mark.parametrize("stolen", [REVIEWER, APPROVER])
def test_who_was_let_in_by_a_review_or_approval_in_doubt_is_listed(desk: Desk, stolen: str) -> None:
    """DOMAIN 23, 47: two persons let somebody in; what one of them is said to have said, a thief may have."""
    for person in (REVIEWER, APPROVER):
        key = desk.holders[person] = PrivateKey.generate(Algorithm.ED25519)
        desk.log().submit([desk.key(person, Kind.PERSON, key, Purpose.ADMINISTRATION, PARK)])
    reviews = [desk.accept("admission", review(number), REVIEWER) for number in (1, 2)]
    named = [one.ref.statement_id.hex() for one in reviews]
    approvals = [
        desk.accept("admission", ApproveApplication(review=name, code_hash=code_hash(f"{place:032x}")), APPROVER)
        for place, name in enumerate(named)
    ]
    body = prove_key(
        log=ORIGIN,
        identifier="88.608.7000/works-1",
        kind=Kind.ENTERPRISE,
        key=PrivateKey.generate(Algorithm.ED25519),
        purposes=Purpose.STATEMENT,
        iat=int(desk.clock.now),
        domain=None,
    )
    admission = approvals[0].ref.statement_id.hex()
    desk._say_of_keys(msgspec.structs.replace(body, admission=admission, code="0" * 32))
    enrolled = desk.view().size() - 1
    first = {REVIEWER: reviews, APPROVER: approvals}[stolen]
    thumbprint = desk.compromise(stolen, first[0].ref.index)
    expected = [(one.ref.index, "admission", "direct") for one in first]
    if stolen == REVIEWER:
        expected += [(one.ref.index, "admission", "resting") for one in approvals]
    assert flagged(desk, thumbprint) == [*expected, (enrolled, "key", "resting")]


def review(number: int) -> ReviewApplication:
    return ReviewApplication(
        application=f"{number:064x}",
        identifier=f"88.608.7000/works-{number}",
        kind="enterprise",
        credit_code=CREDIT_CODE,
        recommended=True,
        reason="seen",
    )
