"""A case is put together from its entries: what each of them does to the ones before (DOMAIN 8, 44)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies import (
    Appoint,
    Body,
    Contribute,
    DecideObjection,
    Determination,
    DrawVerifier,
    EndAssignment,
    Finding,
    OpenDraw,
    RaiseObjection,
    Registration,
    Report,
)
from attestation.bodies.findings import FindingItem
from attestation.examination import examine
from attestation.keys import Algorithm, PrivateKey
from attestation.statements import build
from tanlu import casework
from tanlu.client.told_cases import LoggedStep, ToldCase

from ..conftest import ENTERPRISE, ORIGIN, PARK

VERIFIER = "88.608.2001/V"
KEY = PrivateKey.generate(Algorithm.ED25519)
DAYS = {"start": "2026-01-01", "end": "2026-04-01"}
SIGNATURE = "0x" + "00" * 64


class Logged:
    """Entries as a log would hold them, one after the other."""

    def __init__(self) -> None:
        self.steps: list[LoggedStep] = []

    def say(self, issuer: str, type_: str, body: Body) -> str:
        place = len(self.steps) + 1
        entry = build(type_, log=ORIGIN, iss=issuer, key=KEY, iat=1_000 + place, stream="cases", seq=place, body=body)
        statement = examine(entry, ORIGIN)
        self.steps.append(LoggedStep(place + 10, 1_000 + place, statement))
        return statement.statement_id.hex()

    def told(self) -> ToldCase:
        return ToldCase(ENTERPRISE, 2018, self.steps)

    def report(self, **members: Any) -> tuple[str, Report]:
        built = build_report(
            year=2018,
            period_from="2018-01-01T00:00:00+08:00",
            period_to="2019-01-01T00:00:00+08:00",
            activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(100), "t")],
            factor_set=load_bundled("cets-steel", "03.01-v01-2024"),
            obligation_base="direct",
            **members,
        )
        body = msgspec.convert(built.body, Report)
        return self.say(ENTERPRISE, "report", body), body

    def verdict(self) -> str:
        report, body = self.report()
        examined = casework.Examined(report, report, "the works", "G", "none")
        return self.say(VERIFIER, "verification", casework.approve(body, examined))


@pytest.fixture
def logged() -> Logged:
    return Logged()


def test_a_report_stands_until_another_one_supersedes_it(logged: Logged) -> None:
    first, _ = logged.report()
    second, _ = logged.report(supersedes=first, reason="a line was missing")
    standing = logged.told().standing_report
    assert standing is not None
    assert standing.statement_id.hex() == second
    assert [one.superseded for one in logged.told().reports.values()] == [True, False]


def test_an_appointment_holds_until_it_is_ended(logged: Logged) -> None:
    appointed = logged.say(PARK, "assignment", Appoint(enterprise=ENTERPRISE, year=2018, verifier=VERIFIER, **DAYS))
    (before,) = logged.told().assignments.values()
    logged.say(PARK, "assignment", EndAssignment(assignment=appointed, reason="handed over"))
    (after,) = logged.told().assignments.values()
    assert (before.verifier, before.ended_index, after.ended_index) == (VERIFIER, None, 12)


def test_a_draw_knows_what_was_contributed_and_begins_an_assignment(logged: Logged) -> None:
    opened, secret = casework.open_draw(
        ENTERPRISE, 2018, [VERIFIER, "88.608.2002/W"], ("2026-01-01", "2026-04-01"), "2026-01-02T00:00:00Z"
    )
    assert isinstance(opened, OpenDraw)
    draw = logged.say(PARK, "assignment", opened)
    logged.say(ENTERPRISE, "assignment", Contribute(draw=draw, value="07" * 32))
    drawn = casework.draw(opened, draw, secret, b"\x07" * 32)
    assert isinstance(drawn, DrawVerifier)
    logged.say(PARK, "assignment", drawn)
    (record,) = logged.told().draws.values()
    (assigned,) = logged.told().assignments.values()
    assert (record.contribution, record.drawn_index) == (b"\x07" * 32, 13)
    assert (assigned.verifier, assigned.start, assigned.until) == (drawn.verifier, record.start, record.until)


@pytest.mark.parametrize("upheld", [True, False])
def test_only_an_upheld_objection_voids_the_verdict_and_ends_the_assignment(logged: Logged, upheld: bool) -> None:
    logged.say(PARK, "assignment", Appoint(enterprise=ENTERPRISE, year=2018, verifier=VERIFIER, **DAYS))
    verdict = logged.verdict()
    objection = logged.say(ENTERPRISE, "objection", RaiseObjection(verification=verdict, grounds="it is not so"))
    undecided = logged.told().objection_to(bytes.fromhex(verdict))
    assert undecided is not None
    assert undecided.upheld is None
    logged.say(PARK, "objection", DecideObjection(objection=objection, upheld=upheld, reason="decided"))
    told = logged.told()
    (assigned,) = told.assignments.values()
    assert told.verdicts[bytes.fromhex(verdict)].void is upheld
    assert (assigned.ended_index is not None) is upheld
    assert told.objections[bytes.fromhex(objection)].upheld is upheld


def test_a_finding_keeps_its_items_and_when_it_came(logged: Logged) -> None:
    report, _ = logged.report()
    item = FindingItem(id="coal-1", stage="site", kind="nonconformity", line="coal", rule="5.2", text="twice")
    logged.say(VERIFIER, "finding", Finding(report=report, items=(item,)))
    (found,) = logged.told().findings.values()
    assert (found.verifier, found.at, found.items[0].line, found.report.hex()) == (VERIFIER, 1_002, "coal", report)


def test_figures_are_registered_or_determined(logged: Logged) -> None:
    verdict = logged.verdict()
    figure = {"enterprise": ENTERPRISE, "year": 2018, "tonnes": 9}
    logged.say(VERIFIER, "registration", Registration(verification=verdict, revision=1, signature=SIGNATURE, **figure))
    logged.say(
        PARK,
        "determination",
        Determination(
            revision=2, cause="no-report", method="m", document_hash="ab" * 32, reason="r", approvals=(), **figure
        ),
    )
    first, second = logged.told().registrations.values()
    assert (first.verdict, first.revision) == (bytes.fromhex(verdict), 1)
    assert (second.verdict, second.revision) == (None, 2)


def test_a_figure_that_was_registered_anew_is_the_one_of_its_revision(logged: Logged) -> None:
    verdict = logged.verdict()
    figure = {"enterprise": ENTERPRISE, "year": 2018, "tonnes": 9, "verification": verdict, "signature": SIGNATURE}
    for revision in (1, 2):
        logged.say(VERIFIER, "registration", Registration(revision=revision, **figure))
    again = logged.say(VERIFIER, "registration", Registration(revision=1, **figure))
    assert [one.hex() for one in logged.told().registrations] == [again]
