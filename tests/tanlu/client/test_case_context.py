"""Before a step of a case is signed: what its entries tell is judged, what no service tells is left to the log."""

from __future__ import annotations

import msgspec
import pytest

from attestation.bodies import EndAssignment
from attestation.errors import AttestationError
from attestation.policies import default_calendar
from ledger.trust import Trust
from tanlu.client import Client
from tanlu.client.case_context import CaseContext
from tanlu.client.cases import CaseFigure, CaseFile, CaseStep
from tanlu.client.saying import Saying
from tanlu.client.service_context import Untold
from tanlu.client.sign_in import Credentials
from tanlu.errors import PromiseBroken
from tanlu.trustfile import load_trust

from ..conftest import ENTERPRISE, PARK, World


@pytest.fixture
def trust(trust_file) -> Trust:
    return load_trust(trust_file)


@pytest.fixture
def empty(client: Client, trust: Trust) -> CaseContext:
    return CaseContext(client, trust, ENTERPRISE, 2018, None)


def file_of(client: Client, **lies: str) -> CaseFile:
    entry = client.entry(0)
    members = {"statement_id": entry.statement_id, "leaf_hash": entry.leaf_hash} | lies
    step = CaseStep(index=0, kind="plan", issuer=PARK, accepted_at=entry.accepted_at, **members)
    return CaseFile(
        enterprise=ENTERPRISE, year=2018, state="open", verifier=None, figure=None, now=entry.accepted_at, report=None,
        assignment=None, draw=None, verdict=None, open_nonconformities=(), steps=(step,), deadlines=(),
    )  # fmt: skip


def test_what_no_service_tells_is_untold(empty: CaseContext) -> None:
    with pytest.raises(Untold):
        empty.factor_set("cets-steel", "1")
    with pytest.raises(Untold):
        empty.reports_of(ENTERPRISE, 2019)
    assert empty.reports_of(ENTERPRISE, 2018) == ()


def test_without_a_policy_the_days_are_those_of_domain_44(empty: CaseContext) -> None:
    assert empty.calendar(2018) == default_calendar(2018)
    assert empty.rules(2018).objection_days == 7


def test_the_case_is_judged_as_of_the_services_clock(client: Client, trust: Trust) -> None:
    file = file_of(client)
    assert CaseContext(client, trust, ENTERPRISE, 2018, file).now == file.now


def test_a_figure_that_the_service_counts_no_more_was_refused_by_the_contract(client: Client, trust: Trust) -> None:
    file = file_of(client)
    assert CaseContext(client, trust, ENTERPRISE, 2018, file).figure_refused(0)
    figure = CaseFigure(index=5, revision=1, tonnes=9, determined=False, on_chain=True)
    counted = CaseContext(client, trust, ENTERPRISE, 2018, msgspec.structs.replace(file, figure=figure))
    assert [counted.figure_refused(index) for index in (4, 5, 6)] == [False, False, True]


@pytest.mark.parametrize("member", ["statement_id", "leaf_hash"])
def test_a_step_that_names_another_entry_is_a_broken_promise(client: Client, trust: Trust, member: str) -> None:
    with pytest.raises(PromiseBroken) as caught:
        CaseContext(client, trust, ENTERPRISE, 2018, file_of(client, **{member: "ab" * 32}))
    assert caught.value.rule == "answer.case"


@pytest.mark.parametrize(
    ("assignment", "reason", "rule"),
    [("ab" * 32, "over", "assignment.absent"), ("ab" * 32, "", "body.reason"), ("ab", "over", "statement_id.format")],
)
def test_what_is_certain_to_be_refused_takes_no_place(
    client: Client, trust: Trust, world: World, empty: CaseContext, assignment: str, reason: str, rule: str
) -> None:
    before = client.stream(PARK, "cases").last_seq
    saying = Saying(client, Credentials(PARK, world.registrar), trust, "cases", None)
    with pytest.raises(AttestationError) as caught:
        saying.prepare("assignment", EndAssignment(assignment=assignment, reason=reason), empty)
    assert caught.value.rule == rule
    assert client.stream(PARK, "cases").last_seq == before
