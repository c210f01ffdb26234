"""DOMAIN 2, 10, 45: whose word on a case counts."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from attestation.bodies import FactorSetRef, Report, ReportPeriod, Totals
from attestation.facts.cases import RegistrationRecord, ReportRecord, VerdictRecord
from attestation.judging.case_figure import CaseFigure, case_figure

WORKS, YEAR = "88.608.5288/works", 2023
FIRST, SECOND, VERDICT, OTHER = (bytes([number]) * 32 for number in range(1, 5))


def report(statement_id: bytes, tonnes: int, *, superseded: bool = False) -> ReportRecord:
    totals = Totals(scope1=f"{tonnes}.00", scope2="0.00", obligation_base="direct", obligation_tonnes=tonnes)
    body = Report(
        year=YEAR,
        period=ReportPeriod(start="2023-01-01T00:00:00Z", end="2024-01-01T00:00:00Z"),
        factor_set=FactorSetRef(id="f", version="1"),
        lines=(),
        totals=totals,
    )
    return ReportRecord(statement_id, 1, b"", WORKS, YEAR, 0, 1, superseded, body)


def verdict(statement_id: bytes, of: bytes, tonnes: int | None, *, void: bool = False) -> VerdictRecord:
    conclusion = "rejected" if tonnes is None else "corrected"
    return VerdictRecord(statement_id, 2, b"", WORKS, YEAR, of, "88.608.700/v", conclusion, tonnes, 0, (), void)


@dataclass
class Case:
    """The records of one case, as a log gives them."""

    reports: list[ReportRecord] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    registrations: list[RegistrationRecord] = field(default_factory=list)

    def registrations_of(self, enterprise: str, year: int) -> list[RegistrationRecord]:
        return self.registrations if (enterprise, year) == (WORKS, YEAR) else []

    def figure_refused(self, index: int) -> bool:
        return False

    def verdict(self, statement_id: bytes) -> VerdictRecord | None:
        return next((one for one in self.verdicts if one.statement_id == statement_id), None)

    def report(self, statement_id: bytes) -> ReportRecord | None:
        return next((one for one in self.reports if one.statement_id == statement_id), None)

    def standing_report(self, enterprise: str, year: int) -> ReportRecord | None:
        found = [one for one in self.reports if not one.superseded and (one.enterprise, one.year) == (enterprise, year)]
        return found[-1] if found else None

    def verdicts_of(self, enterprise: str, year: int) -> list[VerdictRecord]:
        return [one for one in self.verdicts if (one.enterprise, one.year) == (enterprise, year)]

    def figure(self) -> CaseFigure | None:
        return case_figure(WORKS, YEAR, self)


ONE = report(FIRST, 39_105)


def test_a_case_without_anything_has_no_figure() -> None:
    assert Case().figure() is None


def test_before_a_verdict_the_report_speaks() -> None:
    assert Case([ONE]).figure() == CaseFigure("reported", 39_105, ONE)


def test_a_verdict_goes_before_the_report_domain_45() -> None:
    assert Case([ONE], [verdict(VERDICT, FIRST, 38_942)]).figure() == CaseFigure("verified", 38_942, ONE)


@pytest.mark.parametrize(
    "no_word",
    [verdict(VERDICT, FIRST, None), verdict(VERDICT, FIRST, 38_942, void=True), verdict(VERDICT, OTHER, 38_942)],
)
def test_a_rejection_a_void_verdict_and_one_on_another_revision_say_no_figure(no_word: VerdictRecord) -> None:
    assert Case([ONE], [no_word]).figure() == CaseFigure("reported", 39_105, ONE)


def test_what_is_registered_goes_before_everything_domain_2() -> None:
    registered = RegistrationRecord(b"", 3, 1, 38_942, VERDICT)
    case = Case([ONE], [verdict(VERDICT, FIRST, 38_942)], [registered])
    assert case.figure() == CaseFigure("registered", 38_942, ONE)


def test_until_an_amendment_is_registered_the_registered_figure_and_its_report_count_domain_2() -> None:
    old, new = report(FIRST, 39_105, superseded=True), report(SECOND, 40_000)
    registered = RegistrationRecord(b"", 3, 1, 38_942, VERDICT)
    case = Case([old, new], [verdict(VERDICT, FIRST, 38_942), verdict(OTHER, SECOND, 40_000)], [registered])
    assert case.figure() == CaseFigure("registered", 38_942, old)
    case.registrations.append(RegistrationRecord(b"", 5, 2, 40_000, OTHER))
    assert case.figure() == CaseFigure("registered", 40_000, new)


def test_a_determination_has_no_report_and_a_later_verification_amends_it_domain_10() -> None:
    determined = RegistrationRecord(b"", 3, 1, 45_000, None)
    case = Case([ONE], [], [determined])
    assert case.figure() == CaseFigure("determined", 45_000, None)
    case.verdicts.append(verdict(VERDICT, FIRST, 38_942))
    assert case.figure() == CaseFigure("determined", 45_000, None)
    case.registrations.append(RegistrationRecord(b"", 5, 2, 38_942, VERDICT))
    assert case.figure() == CaseFigure("registered", 38_942, ONE)
