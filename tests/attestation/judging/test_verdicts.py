"""Findings and verdicts: by the current verifier, on the standing revision, once, with totals that follow
(DOMAIN 8, 44, 45)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, Weighed
from attestation.bodies import Accredit, DeclareTie
from attestation.bodies.report_lines import Analysis, Certificate
from attestation.keys import Kind, Purpose
from attestation.statements import Adjustment


@pytest.fixture
def reported(case):
    """A case with a report and its verifier."""
    case.report()
    case.appoint()
    return case


# --- who speaks ---------------------------------------------------------------------------------------------------


def speak(case, what: str, verifier: str):
    return case.find(verifier=verifier) if what == "finding" else case.verify(verifier=verifier)


SPOKEN = pytest.mark.parametrize("what", ["finding", "verification"])


@SPOKEN
def test_who_is_not_assigned_has_no_say(world, reported, cases, what: str) -> None:
    with world.refused("case.unassigned", 11, cases.V2):
        speak(reported, what, cases.V2)


@SPOKEN
def test_who_was_replaced_has_no_say(world, reported, cases, what: str) -> None:
    reported.end()
    with world.refused("case.replaced", 11, cases.V1):
        speak(reported, what, cases.V1)
    reported.appoint(cases.V2)
    with world.refused("case.replaced", 11, cases.V1):
        speak(reported, what, cases.V1)
    speak(reported, what, cases.V2)


@SPOKEN
def test_outside_its_days_an_assignment_gives_no_say(world, case, cases, what: str) -> None:
    case.report()
    case.appoint(first=5, last=10)
    with world.refused("case.expired", 11, cases.V1):
        speak(case, what, cases.V1)
    case.at(10)
    with world.refused("case.expired", 11, cases.V1):
        speak(case, what, cases.V1)
    case.at(6)
    speak(case, what, cases.V1)


@SPOKEN
def test_who_lost_its_accreditation_or_independence_has_no_say(world, reported, cases, what: str) -> None:
    tie = DeclareTie(a=reported.works, b=cases.V1, reason="a contract for the plant")
    reported.accept("admission", tie, iss=cases.OFFICER)
    with world.refused("eligibility.tie", 11, cases.V1):
        speak(reported, what, cases.V1)


def test_an_enterprise_is_not_rid_of_its_verifier_by_naming_it_as_compiler(world, reported, cases) -> None:
    """DOMAIN 8; what the enterprise alone says does not end an assignment: the registrar does."""
    standing = reported.log.standing_report(reported.works, cases.YEAR)
    clerk = "88.608.701/clerk"
    reported.park.enrol(clerk, Kind.PERSON, Purpose.STATEMENT, parent=cases.V1)
    for compiler in (cases.V1, clerk):
        with world.refused("report.compiled", 11, compiler):
            reported.report("90.00", supersedes=standing.statement_id.hex(), compiled_by=compiler)
    reported.end()
    reported.report("90.00", supersedes=standing.statement_id.hex(), compiled_by=clerk)
    with world.refused("eligibility.compiled", 11, cases.V1):
        reported.appoint()


def test_an_enterprise_does_not_name_a_candidate_of_its_draw_as_compiler(world, case, cases) -> None:
    case.open_draw(cases.V1, cases.V2)
    with world.refused("report.compiled", 11, cases.V2):
        case.report(compiled_by=cases.V2)
    case.report(compiled_by=cases.V3)


def test_an_accreditation_that_ends_ends_the_say(world, reported, cases) -> None:
    accredit = Accredit(verifier=cases.V1, number="A-1", until=reported.date(10), document_hash="ab" * 32)
    reported.accept("admission", accredit, iss=cases.OFFICER)
    reported.at(12)
    with world.refused("eligibility.accreditation", 11, cases.V1):
        reported.verify()


@pytest.mark.parametrize("type_", ["finding", "verification"])
def test_verifiers_alone_sign(world, reported, type_: str) -> None:
    body = reported.verdict()
    if type_ == "finding":
        body = reported.find().body
    with world.refused("purpose.kind", 8, "enterprise"):
        reported.accept(type_, body, iss=reported.works)


# --- findings -----------------------------------------------------------------------------------------------------


def test_a_finding_is_about_the_standing_report(world, reported) -> None:
    first = reported.log.entries[-2].statement.statement_id.hex()
    reported.resubmit(reason=None)
    with world.refused("case.outdated", 11, first):
        reported.find(report=first)
    with world.refused("case.report", 11, "ab" * 32):
        reported.find(report="ab" * 32)


def test_items_have_ids_lines_and_words(world, reported) -> None:
    with world.refused("finding.items", 9, "1 twice"):
        reported.find(reported.item(), reported.item())
    with world.refused("finding.line", 11, "gas"):
        reported.find(reported.item(line="gas"))
    for changed, rule in (
        ({"stage": "office"}, "body.choice"),
        ({"kind": "error"}, "body.choice"),
        ({"text": ""}, "body.words"),
        ({"rule": ""}, "body.name"),
    ):
        with world.refused(rule, 9):
            reported.find(reported.item(**changed))


def test_after_the_verdict_nothing_is_found_in_that_revision(world, reported) -> None:
    reported.verify()
    with world.refused("finding.judged", 11):
        reported.find()


# --- verdicts -----------------------------------------------------------------------------------------------------


def test_an_approval_repeats_the_totals(world, reported, cases) -> None:
    other = reported.report_body("99.00").totals
    with world.refused("verification.totals", 12):
        reported.verify(verified=other)
    reported.verify()
    (found,) = reported.log.verdicts_of(reported.works, cases.YEAR)
    assert (found.conclusion, found.tonnes) == ("approved", reported.report_body().totals.obligation_tonnes)


def test_a_correction_states_the_totals_that_its_adjustments_give(world, reported) -> None:
    good = reported.adjusted("90.00")
    with world.refused("totals.scope1", 12) as caught:
        reported.verify(**good | {"verified": reported.report_body("89.00").totals})
    assert caught.value.expected == reported.report_body("90.00").totals.scope1
    wrong = msgspec.structs.replace(good["adjustments"][0].replacement, emissions="1.00")
    with world.refused("line.emissions", 12, "1.00"):
        reported.verify(**good | {"adjustments": (msgspec.structs.replace(good["adjustments"][0], replacement=wrong),)})
    reported.verify(**good)


def test_a_line_is_left_out_or_added(world, reported, cases) -> None:
    without = reported.report_body(lines=reported.activities("100.00")[1:]).totals
    drop = Adjustment(line="coal", reason="another's coal", basis="evidence")
    unknown = msgspec.structs.replace(drop, line="gas")
    with world.refused("verification.line", 12, "gas"):
        reported.verify(conclusion="corrected", adjustments=(unknown,), verified=without)
    more = reported.report_body("1.00").lines[0]
    added = Adjustment(
        line="coal-2", replacement=msgspec.structs.replace(more, id="coal-2"), reason="x", basis="evidence"
    )
    lines = [*reported.activities("100.00")[1:], replace(reported.activities("1.00")[0], id="coal-2")]
    totals = reported.report_body(lines=lines).totals
    reported.verify(conclusion="corrected", adjustments=(drop, added), verified=totals)
    assert reported.log.verdicts_of(reported.works, cases.YEAR)[-1].tonnes == totals.obligation_tonnes


@pytest.mark.parametrize("conclusion", ["approved", "corrected", "rejected"])
def test_a_conclusion_comes_with_what_it_needs(world, reported, conclusion: str) -> None:
    good = reported.adjusted("90.00")
    needs = {"verified": conclusion != "rejected", "adjustments": conclusion == "corrected"}
    for verified in (True, False):
        for adjusted in (True, False):
            if needs == {"verified": verified, "adjustments": adjusted}:
                continue
            members = {
                "conclusion": conclusion,
                "verified": good["verified"] if verified else None,
                "adjustments": good["adjustments"] if adjusted else (),
            }
            with world.refused("verification.conclusion", 9, conclusion):
                reported.verify(**members)


def test_a_verdict_is_on_the_standing_revision_and_there_is_one(world, reported) -> None:
    old = reported.verdict()
    reported.resubmit(reason=None)
    with world.refused("case.outdated", 11, old.report):
        reported.accept("verification", old, iss="88.608.701/verifier")
    reported.verify()
    with world.refused("verification.repeated", 11):
        reported.verify()


def test_a_verdict_names_the_first_report_of_the_case(world, reported) -> None:
    first = reported.verdict().report
    revision = reported.resubmit(reason=None).statement_id.hex()
    with world.refused("verification.initial", 11, revision):
        reported.verify(initial_report=revision)
    reported.verify(initial_report=first)


def test_a_rejected_report_is_resubmitted_with_a_reason(world, reported, cases) -> None:
    reported.verify(conclusion="rejected", verified=None)
    with world.refused("report.reason", 11):
        reported.resubmit(reason=None)
    reported.resubmit(reason="the oil was missing")
    reported.verify()
    assert [v.conclusion for v in reported.log.verdicts_of(reported.works, cases.YEAR)] == ["rejected", "approved"]


def test_after_a_finding_a_revision_says_why(world, reported) -> None:
    reported.find()
    with world.refused("report.reason", 11):
        reported.resubmit(reason=None)
    with world.refused("body.reason", 9):
        reported.resubmit(reason=" ")
    reported.resubmit()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"boundary": ""}, "body.words"),
        ({"guideline": ""}, "body.name"),
        ({"uncovered": ""}, "body.words"),
        ({"conclusion": "unsure"}, "body.choice"),
        ({"report": "AB" * 32}, "statement_id.format"),
        ({"initial_report": "1"}, "statement_id.format"),
    ],
)
def test_other_verdicts_are_refused(world, reported, changed: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        reported.verify(**changed)


def test_a_line_is_adjusted_once_and_under_its_own_id(world, reported) -> None:
    good = reported.adjusted("90.00")
    with world.refused("verification.adjustments", 9, "coal twice"):
        reported.verify(**good | {"adjustments": good["adjustments"] * 2})
    renamed = msgspec.structs.replace(good["adjustments"][0], line="oil")
    with world.refused("verification.adjustments", 9, "coal"):
        reported.verify(**good | {"adjustments": (renamed,)})
    for member, value, rule in (("reason", "", "body.reason"), ("basis", "guess", "body.choice")):
        wrong = msgspec.structs.replace(good["adjustments"][0], **{member: value})
        with world.refused(rule, 9):
            reported.verify(**good | {"adjustments": (wrong,)})


def test_the_names_of_a_replacement_are_names_as_a_reports_are(world, reported) -> None:
    bell = "a\a"
    measured = Activity(
        "coal",
        LineKind.COMBUSTION_MEASURED,
        "bituminous",
        weighings=(Weighed(bell, Decimal(90)),),
        laboratory=(Analysis(batch=bell, carbon="0.6"),),
    )
    body = reported.report_body(lines=[measured, reported.activities("1.00")[1]])
    spoilt = Adjustment(line="coal", replacement=body.lines[0], reason="as measured", basis="evidence")
    with world.refused("body.name", 9, "x07"):
        reported.verify(conclusion="corrected", adjustments=(spoilt,), verified=body.totals)


# --- non-conformities (DOMAIN 44) ---------------------------------------------------------------------------------


def test_every_open_nonconformity_is_answered(world, reported) -> None:
    finding = reported.find(reported.item("1"), reported.item("2", kind="observation"))
    good = reported.adjusted("90.00")
    with world.refused("verification.unresolved", 11, f"{finding.statement_id.hex()} 1"):
        reported.verify(**good)
    with world.refused("verification.nonconformity", 11, "2"):
        reported.verify(**good, nonconformities=(reported.resolve(finding, "1"), reported.resolve(finding, "2")))
    with world.refused("verification.twice", 9, finding.statement_id.hex()):
        reported.verify(**good, nonconformities=(reported.resolve(finding),) * 2)
    reported.verify(**good, nonconformities=(reported.resolve(finding),))


def test_a_new_verifier_answers_for_what_the_old_one_found(world, reported, cases) -> None:
    finding = reported.find()
    reported.end()
    reported.appoint(cases.V2)
    with world.refused("verification.unresolved", 11):
        reported.verify(verifier=cases.V2)
    answer = reported.resolve(finding, resolution="explained")
    reported.verify(verifier=cases.V2, nonconformities=(answer,))


def test_what_was_rejected_stays_open_until_it_is_answered(world, reported) -> None:
    finding = reported.find()
    reported.verify(conclusion="rejected", verified=None)
    reported.resubmit()
    with world.refused("verification.unresolved", 11):
        reported.verify()
    reported.verify(nonconformities=(reported.resolve(finding),))


def test_corrected_needs_a_revision_or_an_adjustment_of_the_line(world, reported) -> None:
    finding = reported.find(reported.item(line="oil"))
    with world.refused("verification.resolution", 11, "corrected"):
        reported.verify(**reported.adjusted("90.00"), nonconformities=(reported.resolve(finding),))
    reported.resubmit()
    reported.verify(nonconformities=(reported.resolve(finding),))


def test_conservative_estimates_wait_for_the_enterprise_s_five_days(world, reported, cases) -> None:
    finding = reported.find()
    answer = (reported.resolve(finding, resolution="conservative"),)
    with world.refused("verification.resolution", 11, "conservative"):
        reported.verify(**reported.adjusted("110.00"), nonconformities=answer)
    estimate = reported.adjusted("110.00", basis="conservative")
    # Found on Wednesday, 2023-11-15 in UTC+8: the fifth working day after it is the 22nd, and the day is whole.
    ends = 1_700_668_800
    reported.log.now = ends - 1
    with world.refused("verification.early", 11):
        reported.verify(**estimate, nonconformities=answer)
    reported.log.now = ends
    reported.verify(**estimate, nonconformities=answer)


def test_a_compressed_calendar_shortens_the_days(world, reported, cases) -> None:
    case = reported
    names = {"report": 1, "registration": 2, "allocation": 3, "surrender": 4, "carry_over": 5, "close": 6}
    moments = {name: f"2023-11-{14 + days}T00:00:00Z" for name, days in names.items()}
    document = {
        "year": cases.YEAR,
        "offset": "+08:00",
        "holidays": [],
        "workdays": [],
        "deadlines": {"evidence_days": 0, **moments},
        "day_seconds": 60,
    }
    case.policy("calendar", "rehearsal", "1", document)
    finding = case.find()
    answer = (case.resolve(finding, resolution="conservative"),)
    estimate = case.adjusted("110.00", basis="conservative")
    case.log.now += 299
    with world.refused("verification.early", 11):
        case.verify(**estimate, nonconformities=answer)
    case.log.now += 1
    case.verify(**estimate, nonconformities=answer)


# --- green certificates (DOMAIN 40) -------------------------------------------------------------------------------


def test_a_green_certificate_is_of_one_case_for_ever(world, case, cases) -> None:
    name = next(iter(cases.STEEL.electricity))

    used = (Certificate(serial="GEC-1", mwh="1.000"),)

    def with_certificate(year: int, **changed: object):
        grid = Activity("grid", LineKind.ELECTRICITY, name, Decimal("10.000"), "MWh", certificates=used)
        return case.report(year=year, lines=[grid], **changed)

    first = with_certificate(cases.YEAR)
    assert case.log.certificate("GEC-1") == (case.works, cases.YEAR)
    # A revision of the same case names its own again.
    with_certificate(cases.YEAR, supersedes=first.statement_id.hex())
    with world.refused("certificate.used", 11, "GEC-1"):
        with_certificate(2022)
