"""What a compromised key puts in doubt, to the end: verdicts, registrations and labels that rest on it."""

from __future__ import annotations

import pytest

from ledger.db.base import Database
from tests.ledger.case_desk import VERIFIER, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK


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
