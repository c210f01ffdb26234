"""The file of a case says where it stands, and holds every entry of it in log order (DOMAIN 44)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from attestation.refusals import RULES
from ledger.cases import CaseFile, CaseReader, CaseState
from ledger.db.base import Database
from tests.ledger.mirrored import Mirror, casework


@pytest.fixture
def mirror(database: Database) -> Mirror:
    return Mirror(database)


def file_of(mirror: Mirror) -> CaseFile | None:
    reader = CaseReader(mirror.database, mirror.parameters)
    return reader.case(mirror.case.works, casework.YEAR, mirror.memory.now)


def state_of(mirror: Mirror) -> CaseState | None:
    found = file_of(mirror)
    return None if found is None else found.summary.state


def test_a_case_goes_from_state_to_state(mirror: Mirror) -> None:
    case = mirror.case
    assert state_of(mirror) is None
    opened = case.open_draw()
    assert state_of(mirror) is CaseState.DRAWING
    case.contribute(opened)
    verifier = case.draw(opened).body.verifier
    assert state_of(mirror) is CaseState.ASSIGNED
    case.report()
    assert state_of(mirror) is CaseState.IN_VERIFICATION
    finding = case.find(verifier=verifier)
    assert state_of(mirror) is CaseState.CORRECTING
    case.verify(verifier=verifier, conclusion="rejected", verified=None)
    assert state_of(mirror) is CaseState.REJECTED
    case.resubmit()
    verdict = case.verify(verifier=verifier, nonconformities=(case.resolve(finding),))
    assert state_of(mirror) is CaseState.VERIFIED
    objection = case.object(verdict)
    assert state_of(mirror) is CaseState.OBJECTED
    case.decide(objection, upheld=False)
    assert state_of(mirror) is CaseState.VERIFIED
    case.at(20)
    assert state_of(mirror) is CaseState.REGISTRABLE
    case.register(verdict)
    assert state_of(mirror) is CaseState.REGISTERED
    case.resubmit("80.00")
    assert state_of(mirror) is CaseState.IN_VERIFICATION
    case.end()
    assert state_of(mirror) is CaseState.REPORTED


def test_domain_44_before_its_verifiers_first_day_a_reported_case_is_assigned(mirror: Mirror) -> None:
    case = mirror.case
    case.appoint(first=3)
    case.report()
    assert state_of(mirror) is CaseState.ASSIGNED
    case.at(4)
    assert state_of(mirror) is CaseState.IN_VERIFICATION


def test_a_determined_case_says_so(mirror: Mirror) -> None:
    mirror.memory.now = 1_711_900_800  # 31 March 2024 is over in UTC+8 (DOMAIN 11)
    mirror.case.determine()
    found = file_of(mirror)
    assert found is not None
    assert found.summary.state is CaseState.DETERMINED
    assert found.summary.figure is not None
    assert (found.summary.figure.tonnes, found.summary.figure_on_chain) == (999, False)


def test_the_history_is_every_entry_of_the_case_with_its_leaf(mirror: Mirror) -> None:
    case = mirror.case
    began = len(mirror.memory.entries)
    plan = case.tell_plan()
    case.appoint()
    case.appoint(casework.V2, year=2022)
    case.report(plan=plan.statement_id.hex())
    finding = case.find()
    verdict = case.verify(nonconformities=(case.resolve(finding, resolution="explained"),))
    case.decide(case.object(verdict), upheld=True)
    found = file_of(mirror)
    assert found is not None
    assert [step.kind for step in found.steps] == [
        *("plan", "appoint", "report", "finding", "verification", "object", "decide")
    ]
    expected = [one for one in mirror.memory.entries[began:] if getattr(one.statement.body, "year", None) != 2022]
    assert [(s.index, s.statement_id, s.leaf_hash, s.issuer) for s in found.steps] == [
        (one.index, one.statement.statement_id, one.statement.leaf_hash, one.statement.iss) for one in expected
    ]
    # The objection voided the verdict: its assignment is over, and what was found is open again.
    assert (found.verdict, found.assignment) == (None, None)
    assert found.open_items == ((finding.statement_id, "1"),)


def test_deadlines_of_the_case_are_in_its_file(mirror: Mirror) -> None:
    case = mirror.case
    case.report()
    case.appoint()
    verdict = case.verify()
    found = file_of(mirror)
    assert found is not None
    due = {one.name: one.at for one in found.dues}
    # Seven working days after Wednesday, 2023-11-15 in UTC+8 (DOMAIN 44).
    assert (found.registrable_from, due["objection"]) == (1_700_841_600, 1_700_841_600)
    assert set(due) == {"report", "registration", "objection"}
    assert {one.enterprise for one in found.dues} == {case.works}
    assert found.verdict is not None
    assert found.verdict.statement_id == verdict.statement_id


def test_cases_are_listed_in_pages(mirror: Mirror) -> None:
    case, reader = mirror.case, CaseReader(mirror.database, mirror.parameters)
    for year in (2024, 2022, 2023):
        case.appoint(year=year)
    now = mirror.memory.now
    listed = reader.listed(now, limit=2)
    assert [(one.enterprise, one.year, one.verifier) for one in listed] == [
        (case.works, 2022, casework.V1),
        (case.works, 2023, casework.V1),
    ]
    last = (listed[-1].enterprise, listed[-1].year)
    assert [one.year for one in reader.listed(now, after=last)] == [2024]
    assert [one.year for one in reader.listed(now, year=2023)] == [2023]
    assert reader.listed(now, enterprises={"88.608.9/other"}) == []


PAGE = Path(__file__).parents[2] / "docs" / "verification.md"


def test_the_page_names_every_state() -> None:
    table = PAGE.read_text("utf-8").partition("| `state` |")[2]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == [state.value for state in CaseState]


def test_the_page_names_rules_that_there_are() -> None:
    # Rules of answers are the SDK's, those of access the service's; neither is a statement's.
    named = re.findall(r"`((?!answer\.|access\.)[a-z_]+\.(?!(?:pem|key)`)[a-z_*]+)`", PAGE.read_text("utf-8"))
    assert named
    for one in named:
        prefix = one.removesuffix("*")
        assert one in RULES or (one != prefix and any(code.startswith(prefix) for code in RULES)), one
