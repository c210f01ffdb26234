"""DOMAIN 2, 10, 45, 48: a label follows its case from the report to the registered figure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.accounting.efficiency import efficiency_code
from attestation.bodies import Activity, Label, Sector
from attestation.decimals import format_decimal

WINDOW_ENDS = 1_700_841_600
"""As in the tests of registrations."""
REPORT_DUE = 1_711_900_800


def label(case, cases, basis: str, tonnes: int, report: bytes | None, **more: object) -> Label:
    code = efficiency_code(
        Decimal(tonnes),
        activity=Decimal(100),
        activity_unit="t",
        sector_intensity=Decimal(2),
        value_added=Decimal(300),
    )
    return Label(
        enterprise=case.works,
        year=cases.YEAR,
        basis=basis,
        report=None if report is None else report.hex(),
        obligation_base=case.log.obligation_base(cases.YEAR),
        tonnes=tonnes,
        activity=Activity(product="tiles", quantity="100", unit="t"),
        sector=Sector(name="ceramics", intensity="2", source="park bulletin"),
        value_added="300",
        intensity=format_decimal(code.intensity.value),
        k=format_decimal(code.k),
        level=code.level,
        value_intensity=format_decimal(code.value_intensity.value),
        grade=code.grade.value,
        **more,
    )


@pytest.fixture
def send(case, world):
    """Log a label as the registrar; its statement id."""

    def accept(body: Label) -> str:
        case.accept("label", body, iss=world.PARK, stream="labels")
        return case.log.entries[-1].statement.statement_id.hex()

    return accept


def test_each_stronger_word_replaces_the_figure_before_it(world, case, cases, send) -> None:
    report = case.report().statement_id
    reported = case.report_body().totals.obligation_tonnes
    first = send(label(case, cases, "reported", reported, report))
    case.appoint()
    verdict = case.verify(**case.adjusted("90.00"))
    verified = case.report_body("90.00").totals.obligation_tonnes
    assert verified < reported
    because = {"supersedes": first, "reason": "verified"}
    with world.refused("label.basis", 12, "reported"):
        send(label(case, cases, "reported", reported, report, **because))
    with world.refused("label.tonnes", 12, str(reported)):
        send(label(case, cases, "verified", reported, report, **because))
    second = send(label(case, cases, "verified", verified, report, **because))
    case.log.now = WINDOW_ENDS
    case.register(verdict)
    because = {"supersedes": second, "reason": "registered"}
    with world.refused("label.basis", 12, "verified"):
        send(label(case, cases, "verified", verified, report, **because))
    send(label(case, cases, "registered", verified, report, **because))


def test_a_label_of_a_determination_names_no_report_domain_10(world, case, cases, send) -> None:
    case.log.now = REPORT_DUE
    case.determine()
    (determined,) = case.log.registrations_of(case.works, cases.YEAR)
    with world.refused("label.report", 12, "ab" * 32):
        send(label(case, cases, "determined", determined.tonnes, b"\xab" * 32))
    send(label(case, cases, "determined", determined.tonnes, None))
