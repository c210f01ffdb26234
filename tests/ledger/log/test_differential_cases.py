"""Cases over tables are judged as cases in a list: random steps by random hands at random times (DOMAIN 8, 44)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attestation.bodies import (
    Appoint,
    DecideObjection,
    DeclareTie,
    Determination,
    DrawVerifier,
    EndAssignment,
    RaiseObjection,
    Registration,
    Report,
)
from attestation.errors import AttestationError
from tests.ledger.mirrored import Mirror, casework

VERIFIERS = (casework.V1, casework.V2, casework.V3)
DAYS = (0, 1, 2, 3, 9, 12, 30, 150, 240)


def _open_items(case: Any) -> list[tuple[bytes, str]]:
    findings = case.log.findings_of(case.works, casework.YEAR)
    return [(one.statement_id, item.id) for one in findings for item in one.items if item.kind == "nonconformity"]


def _verify(case: Any, who: int, how: int) -> None:
    members: dict[str, Any] = ({}, case.adjusted("90.00"), {"conclusion": "rejected", "verified": None})[how % 3]
    if how >= 3:
        basis = casework.Resolution(finding="", item="", resolution="explained")
        answers = [
            casework.msgspec.structs.replace(basis, finding=finding.hex(), item=item)
            for finding, item in _open_items(case)[-1:]
        ]
        members = members | {"nonconformities": tuple(answers)}
    case.verify(verifier=VERIFIERS[who], **members)


def _latest(case: Any, type_: str) -> Any:
    return next((one.statement for one in reversed(case.log.entries) if one.statement.type == type_), None)


def _of(case: Any, type_: str, act: Callable[[Any], Any]) -> None:
    found = _latest(case, type_)
    if found is not None:
        act(found)


def _draw_of(case: Any) -> Any:
    body = "OpenDraw"
    found = [one.statement for one in case.log.entries if type(one.statement.content).__name__ == body]
    return found[-1] if found else None


STEPS: tuple[Callable[[Any, int, int], Any], ...] = (
    lambda case, who, how: case.appoint(VERIFIERS[who], first=-1 if how else 1),
    lambda case, who, how: case.end(),
    lambda case, who, how: case.open_draw(*VERIFIERS[: 2 + how % 2], until=1 + how),
    lambda case, who, how: case.contribute(_draw_of(case), bytes([how]) * 32),
    lambda case, who, how: case.draw(_draw_of(case)),
    lambda case, who, how: case.report(compiled_by=VERIFIERS[who] if how == 5 else None),
    lambda case, who, how: case.resubmit("80.00", reason="corrected" if how % 2 else None),
    lambda case, who, how: case.find(
        case.item(kind=("nonconformity", "observation")[how % 2]), verifier=VERIFIERS[who]
    ),
    _verify,
    lambda case, who, how: _of(case, "verification", case.object),
    lambda case, who, how: _of(case, "objection", lambda one: case.decide(one, upheld=bool(how % 2))),
    lambda case, who, how: _of(case, "verification", case.register),
    lambda case, who, how: case.determine(cause=("no-report", "undelivered-verification")[how % 2]),
    lambda case, who, how: case.at((case.log.now - case.began) / casework.DAY + DAYS[how]),
    lambda case, who, how: case.accept(
        "admission", DeclareTie(a=case.works, b=VERIFIERS[who], reason="bought shares"), iss=casework.OFFICER
    ),
    lambda case, who, how: case.tell_plan(version=str(how)),
)
APPOINT, END, OPEN, CONTRIBUTE, DRAW, REPORT, RESUBMIT, FIND, VERIFY, OBJECT, DECIDE, REGISTER, DETERMINE, WAIT = range(
    14
)

NEEDS = {END: "assignments_of", CONTRIBUTE: "draws_of", DRAW: "draws_of"}
NEEDS |= dict.fromkeys((RESUBMIT, FIND, VERIFY), "reports_of")
"""What a step is about, which must be there."""

operations = st.lists(
    st.tuples(st.sampled_from([*range(len(STEPS)), VERIFY, VERIFY, WAIT]), st.integers(0, 2), st.integers(0, 5)),
    min_size=4,
    max_size=24,
)
numbers = itertools.count()


def run(mirror: Mirror, steps: list[tuple[int, int, int]]) -> list[str]:
    """Take the steps; the rules that refused some of them."""
    refused = []
    for step, who, how in steps:
        about = NEEDS.get(step)
        if about is not None and not getattr(mirror.memory, about)(mirror.case.works, casework.YEAR):
            continue
        try:
            STEPS[step](mirror.case, who, how)
        except AttestationError as error:
            refused.append(error.rule)
    return refused


REPORT_DUE = 1_711_900_800
"""2024-04-01 in UTC+8: the first moment at which anything is determined (DOMAIN 10, 11)."""


def check_laws(log: Any, works: str) -> None:
    """What was registered had every right to be, read off the entries before it and by no answer of the log."""
    for entry in log.entries:
        body, before = entry.statement.body, log.entries[: entry.index]
        said = [(one.statement, one.statement.body, one.accepted_at) for one in before]
        figures = [one for _, one, _ in said if isinstance(one, Registration | Determination)]
        if isinstance(body, Determination):
            assert entry.accepted_at >= REPORT_DUE
            assert len({one.identifier for one in body.approvals}) == 2
            assert not any(isinstance(one, Registration) for one in figures)
        if isinstance(body, Registration | Determination):
            assert body.revision == len(figures) + 1
        if not isinstance(body, Registration):
            continue
        verdict, judged, at = next(one for one in said if one[0].statement_id.hex() == body.verification)
        assert judged.conclusion != "rejected"
        assert body.tonnes == judged.verified.obligation_tonnes
        assert entry.accepted_at >= at + 7 * casework.DAY
        raised = [(one, b) for one, b, _ in said if isinstance(b, RaiseObjection)]
        objections = {one.statement_id.hex() for one, b in raised if b.verification == body.verification}
        decided = {b.objection: b.upheld for _, b, _ in said if isinstance(b, DecideObjection)}
        assert all(decided.get(one) is False for one in objections)
        assert judged.report not in {b.supersedes for _, b, _ in said if isinstance(b, Report)}
        reports = {one.verification for one in figures if isinstance(one, Registration)}
        assert judged.report not in {b.report for one, b, _ in said if one.statement_id.hex() in reports}
        steps = [b for _, b, _ in said if isinstance(b, Appoint | DrawVerifier | EndAssignment)]
        assert isinstance(steps[-1], Appoint | DrawVerifier)
        assert steps[-1].verifier == verdict.iss
        assert not any(isinstance(b, DeclareTie) and {b.a, b.b} == {works, verdict.iss} for _, b, _ in said)
        assert not any(isinstance(b, Report) and b.compiled_by == verdict.iss for _, b, _ in said)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=operations)
@example(
    steps=[
        *((APPOINT, 0, 1), (REPORT, 0, 0), (FIND, 0, 0), (RESUBMIT, 0, 1), (VERIFY, 0, 3), (OBJECT, 0, 0)),
        *(
            (DECIDE, 0, 0),
            (WAIT, 0, 5),
            (REGISTER, 0, 0),
            (RESUBMIT, 0, 1),
            (VERIFY, 0, 1),
            (WAIT, 0, 5),
            (REGISTER, 0, 0),
        ),
    ]
)
@example(
    steps=[
        *(
            (OPEN, 0, 1),
            (CONTRIBUTE, 0, 1),
            (DRAW, 0, 0),
            (REPORT, 0, 0),
            (VERIFY, 0, 1),
            (VERIFY, 1, 1),
            (OBJECT, 0, 0),
        ),
        *((DECIDE, 0, 1), (VERIFY, 0, 0), (APPOINT, 0, 1), (APPOINT, 1, 1), (VERIFY, 0, 1), (VERIFY, 1, 1)),
    ]
)
@example(
    steps=[
        *((APPOINT, 0, 1), (REPORT, 0, 0), (VERIFY, 0, 0), (END, 0, 0), (APPOINT, 1, 1), (VERIFY, 1, 1)),
        *((WAIT, 0, 5), (REGISTER, 0, 0), (END, 0, 0), (APPOINT, 0, 1), (REGISTER, 0, 0), (WAIT, 0, 8)),
        (DETERMINE, 0, 1),
    ]
)
@example(steps=[(WAIT, 0, 8), (DETERMINE, 0, 0), (REPORT, 0, 0), (APPOINT, 0, 1), (VERIFY, 0, 0)])
def test_tables_and_list_judge_cases_alike(tmp_path: Path, steps: list[tuple[int, int, int]]) -> None:
    mirror = Mirror(tmp_path, next(numbers))
    run(mirror, steps)
    mirror.compare_facts()
    check_laws(mirror.memory, mirror.case.works)
    assert mirror.replay_faults() == []
    mirror.database.close()


def test_the_examples_reach_what_they_are_for(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path, next(numbers))
    refused = run(
        mirror,
        [
            (APPOINT, 0, 1),
            (REPORT, 0, 0),
            (VERIFY, 1, 0),
            (VERIFY, 0, 0),
            (REGISTER, 0, 0),
            (WAIT, 0, 5),
            (REGISTER, 0, 0),
        ],
    )
    assert refused == ["case.unassigned", "registration.early"]
    assert len(mirror.memory.registrations_of(mirror.case.works, casework.YEAR)) == 1
    check_laws(mirror.memory, mirror.case.works)
    mirror.database.close()
