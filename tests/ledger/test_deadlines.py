"""What is due when, of years and of cases, and what was done in time (DOMAIN 11, 44)."""

from __future__ import annotations

import pytest

from attestation.bodies.objections import DecideObjection, RaiseObjection
from attestation.instants import format_instant, parse_instant
from ledger.db.base import Database
from ledger.deadlines import Due, DueState
from tests.ledger.case_desk import BEGIN, YEAR, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK

OTHER = "88.608.7000/B"
DAY = 86_400


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.open(database)


def dues(desk: Desk, *, enterprise: str | None = ENTERPRISE) -> dict[str, tuple[str, str]]:
    """By name: when, and how it stands."""
    now = int(desk.clock.now)
    found = desk.view().deadlines.of_year(YEAR, now).dues
    return {
        due.name: (format_instant(due.at), due.state(now).value)
        for due in found
        if due.enterprise == enterprise and due.month is None
    }


def test_a_year_without_a_case_has_its_own_dates_alone(desk: Desk) -> None:
    assert dues(desk) == {}
    assert dues(desk, enterprise=None) == {
        "allocation": ("2024-09-30T16:00:00Z", "open"),
        "surrender": ("2024-12-31T16:00:00Z", "open"),
        "carry_over": ("2025-01-31T16:00:00Z", "open"),
        "close": ("2025-01-31T16:00:00Z", "open"),
    }
    assert desk.view().deadlines.years() == []


def test_who_is_obliged_has_to_report_and_to_register(desk: Desk) -> None:
    entries = [{"identifier": ENTERPRISE, "obliged": True}, {"identifier": OTHER, "obliged": False}]
    desk.publish("coverage-list", {"year": YEAR, "entries": entries})
    assert desk.view().deadlines.years() == [YEAR]
    expected = {"report": ("2024-03-31T16:00:00Z", "open"), "registration": ("2024-06-30T16:00:00Z", "open")}
    assert dues(desk) == expected
    assert dues(desk, enterprise=OTHER) == {}
    desk.clock.now = parse_instant("2024-03-31T16:00:00Z")
    assert dues(desk)["report"][1] == "missed"


def test_a_report_meets_its_deadline_to_the_second(desk: Desk) -> None:
    desk.clock.now = parse_instant("2024-03-31T15:59:59Z")
    desk.report()
    assert dues(desk)["report"][1] == "met"


def test_a_report_after_its_deadline_is_late(desk: Desk) -> None:
    desk.clock.now = parse_instant("2024-03-31T16:00:00Z")
    desk.report()
    assert dues(desk)["report"][1] == "late"


def test_findings_are_corrected_within_five_working_days(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    desk.find(report, "observation")
    assert "correction" not in dues(desk), "an observation asks for nothing"
    desk.find(report)
    # From Monday 4 March: through Monday 11 March.
    assert dues(desk)["correction"] == ("2024-03-11T16:00:00Z", "open")
    desk.clock.now += 2 * DAY
    desk.report("9.00", supersedes=report.ref.statement_id.hex(), reason="counted twice")
    assert dues(desk)["correction"][1] == "met"


def test_objection_and_decision_have_terms_of_their_own(desk: Desk) -> None:
    desk.publish("rules", {"year": YEAR, "decision_days": 3})
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    # Seven working days from Monday 4 March.
    assert dues(desk)["objection"] == ("2024-03-13T16:00:00Z", "open")
    desk.clock.now += DAY
    raised = desk.accept(
        "objection", RaiseObjection(verification=verdict.ref.statement_id.hex(), grounds="too much"), ENTERPRISE
    )
    found = dues(desk)
    assert found["objection"][1] == "met"
    assert found["decision"] == ("2024-03-08T16:00:00Z", "open")
    desk.clock.now = parse_instant("2024-03-09T00:00:00Z")
    assert dues(desk)["decision"][1] == "missed"
    decision = DecideObjection(objection=raised.ref.statement_id.hex(), upheld=False, reason="it was right")
    desk.accept("objection", decision, PARK)
    assert dues(desk)["decision"][1] == "late"


def test_nobody_misses_an_objection(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    desk.clock.now += 30 * DAY
    assert dues(desk)["objection"][1] == "over"
    desk.register(verdict)
    assert dues(desk)["registration"][1] == "met"


def test_a_deadline_stands_from_its_instant_on() -> None:
    due = Due(YEAR, ENTERPRISE, "report", BEGIN)
    assert (due.state(BEGIN - 1), due.state(BEGIN)) == (DueState.OPEN, DueState.MISSED)
    assert Due(YEAR, None, "surrender", BEGIN).state(BEGIN) is DueState.OVER
