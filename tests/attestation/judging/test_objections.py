"""Objections within the window, and what an upheld one voids (DOMAIN 44)."""

from __future__ import annotations

import pytest

from attestation.keys import Kind, Purpose

# The verdict falls on Wednesday, 2023-11-15 in UTC+8: the seventh working day after it is the 24th, and it is whole.
WINDOW_ENDS = 1_700_841_600


@pytest.fixture
def judged(case):
    """A case with an approving verdict."""
    case.report()
    case.appoint()
    case.verdict_entry = case.verify()
    return case


def test_the_enterprise_objects_once_within_seven_working_days(world, judged) -> None:
    judged.log.now = WINDOW_ENDS
    with world.refused("objection.late", 11):
        judged.object(judged.verdict_entry)
    judged.log.now = WINDOW_ENDS - 1
    judged.object(judged.verdict_entry)
    with world.refused("objection.repeated", 11):
        judged.object(judged.verdict_entry)


def test_a_registered_verdict_is_not_objected_to_whatever_the_clock_says(world, judged) -> None:
    """The machine that registered may be ahead of the one that hears the objection."""
    judged.log.now = WINDOW_ENDS
    judged.register(judged.verdict_entry)
    registration = judged.log.entries[-1]
    judged.log.now = WINDOW_ENDS - 1
    named = judged.verdict_entry.statement_id.hex()
    with world.refused("objection.late", 11, f"{named}, registered by entry {registration.index}"):
        judged.object(judged.verdict_entry)


def test_holidays_lengthen_the_window(world, case, cases) -> None:
    deadlines = {"evidence_days": 40, "report": "03-31", "registration": "06-30", "allocation": "09-30"}
    deadlines |= {"surrender": "12-31", "carry_over": "01-31", "close": "01-31"}
    document = {"year": cases.YEAR, "offset": "+08:00", "holidays": ["2023-11-23"], "workdays": []}
    case.policy("calendar", "c", "1", document | {"deadlines": deadlines})
    case.report()
    case.appoint()
    verdict = case.verify()
    case.log.now = WINDOW_ENDS + 3 * cases.DAY - 1
    case.object(verdict)


def test_another_enterprise_does_not_object(world, judged) -> None:
    other = "88.608.6000/works"
    judged.park.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    with world.refused("objection.party", 11, other):
        judged.object(judged.verdict_entry, iss=other)


def test_an_objection_is_to_a_verdict_and_a_decision_on_an_objection(world, judged) -> None:
    report = judged.log.entries[-3].statement
    with world.refused("verdict.unknown", 11):
        judged.object(report)
    with world.refused("objection.unknown", 11):
        judged.decide(report, upheld=True)


def test_the_registrar_alone_decides_and_once(world, judged, cases) -> None:
    objection = judged.object(judged.verdict_entry)
    decision = judged.decide(objection, upheld=False).body
    with world.refused("objection.decided", 11, "not upheld"):
        judged.decide(objection, upheld=True)
    with world.refused("purpose.registrar", 8, judged.works):
        judged.accept("objection", decision, iss=judged.works)


def test_what_was_not_upheld_changes_nothing(world, judged, cases) -> None:
    judged.decide(judged.object(judged.verdict_entry), upheld=False)
    assert not judged.log.verdicts_of(judged.works, cases.YEAR)[-1].void
    with world.refused("verification.repeated", 11):
        judged.verify()


def test_an_upheld_objection_voids_the_verdict_and_orders_another_verifier(world, judged, cases) -> None:
    judged.decide(judged.object(judged.verdict_entry), upheld=True)
    assert judged.log.verdicts_of(judged.works, cases.YEAR)[-1].void
    assert judged.log.assignments_of(judged.works, cases.YEAR)[-1].ended_index is not None
    with world.refused("case.replaced", 11, cases.V1):
        judged.verify()
    with world.refused("eligibility.voided", 11, cases.V1):
        judged.appoint(cases.V1)
    with world.refused("eligibility.voided", 11, cases.V1):
        judged.open_draw()
    judged.appoint(cases.V2)
    judged.verify(verifier=cases.V2)


def test_a_voided_verdict_closes_nothing(world, case, cases) -> None:
    case.report()
    case.appoint()
    finding = case.find()
    answer = case.resolve(finding, resolution="explained")
    verdict = case.verify(nonconformities=(answer,))
    case.decide(case.object(verdict), upheld=True)
    case.appoint(cases.V2)
    with world.refused("verification.unresolved", 11):
        case.verify(verifier=cases.V2)
    case.verify(verifier=cases.V2, nonconformities=(answer,))


def test_objections_have_words(world, judged) -> None:
    body = judged.object(judged.verdict_entry).body
    import msgspec

    for changed, rule in (({"grounds": ""}, "body.words"), ({"verification": "1"}, "statement_id.format")):
        with world.refused(rule, 9):
            judged.accept("objection", msgspec.structs.replace(body, **changed), iss=judged.works)
