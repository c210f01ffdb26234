"""A case has one course, whoever is quicker: two services over one store are told what excludes each other at once, and
one of them logs it (DOMAIN 2, 10, 44, 47). Nothing is left of what the other one refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from attestation.admission_codes import code_hash
from attestation.bodies import ApproveApplication, DeclareTie, ReviewApplication
from attestation.errors import AttestationError
from attestation.judging.cases import objection_until
from attestation.keys import Algorithm, Kind, Purpose
from ledger.db.base import Database
from ledger.log import Accepted, Refused
from tests.ledger.mirrored import Mirror, casework, memory
from tests.ledger.rivals import Rivals, assert_refused_alike, sign

ROUNDS = 4
PERSONS = ("88.608.100/li", "88.608.100/wang")


@pytest.fixture
def rivals(database: Database) -> Iterator[Rivals]:
    made = Rivals(Mirror(database))
    yield made
    made.close()


def test_of_two_verdicts_on_one_revision_one_is_logged(rivals: Rivals) -> None:
    case = rivals.mirror.case
    case.appoint()
    case.report()
    for turn in range(ROUNDS):
        words = [case.verdict(), case.verdict(**case.adjusted(f"{70 - turn}.00"))]
        entries = [sign(rivals, "verification", body, casework.V1, f"way-{turn}-{n}") for n, body in enumerate(words)]
        entered, refused = rivals.one_enters(entries)
        assert (refused.step, refused.rule) == (11, "verification.repeated")
        assert_refused_alike(rivals, refused, entries[1 - entered])
        case.resubmit(f"{90 - turn}.00")
    rivals.whole()


def test_the_same_verdict_at_once_is_one_entry_that_both_answer(rivals: Rivals) -> None:
    case = rivals.mirror.case
    case.appoint()
    case.report()
    entry = sign(rivals, "verification", case.verdict(), casework.V1, "verifications")
    outcomes = rivals.at_once([entry, entry])
    assert [outcome.ref for outcome in outcomes if isinstance(outcome, Accepted)] == [
        *[rivals.mirror.log.submit([entry]).outcomes[0].ref] * 2  # type: ignore[union-attr]  # it is logged
    ]
    assert sorted(outcome.repeated for outcome in outcomes if isinstance(outcome, Accepted)) == [False, True]
    rivals.mirror.catch_up()
    rivals.whole()


def test_of_two_verdicts_at_one_place_one_is_logged_and_the_other_is_kept_as_evidence(rivals: Rivals) -> None:
    case = rivals.mirror.case
    case.appoint()
    case.report()
    words = [case.verdict(), case.verdict(**case.adjusted("70.00"))]
    entries = [sign(rivals, "verification", body, casework.V1, "verifications") for body in words]
    outcomes = rivals.at_once(entries)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Accepted", "Refused"]
    (refused,) = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
    assert refused.rule == "sequence.equivocation"
    with rivals.mirror.database.read() as session:
        kept = session.scalars(text("SELECT entry FROM equivocations")).all()
    assert [bytes(entry) for entry in kept] == [
        entry for entry, outcome in zip(entries, outcomes, strict=True) if isinstance(outcome, Refused)
    ]
    rivals.mirror.catch_up()
    rivals.mirror.compare_facts()
    assert rivals.mirror.replay_faults() == []


def test_of_two_registrations_of_one_verdict_one_is_logged(rivals: Rivals) -> None:
    """The verifier and the registrar, who may both register (DOMAIN 44), do so at once."""
    case = rivals.mirror.case
    case.appoint()
    case.report()
    for turn in range(ROUNDS):
        verdict = case.verify()
        case.at(20 * (turn + 1))
        body = case.registration(verdict)
        entries = [sign(rivals, "registration", body, iss, f"way-{turn}") for iss in (casework.V1, memory.PARK)]
        entered, refused = rivals.one_enters(entries)
        assert (refused.step, refused.rule) == (11, "registration.repeated")
        assert_refused_alike(rivals, refused, entries[1 - entered])
        assert [one.revision for one in rivals.mirror.memory.registrations_of(case.works, casework.YEAR)] == [
            *range(1, turn + 2)
        ]
        case.resubmit(f"{90 - turn}.00")
    rivals.whole()


def test_of_two_determinations_of_one_revision_one_is_logged(rivals: Rivals) -> None:
    """Two persons agreed on one figure, then on another; both come in at once (DOMAIN 10)."""
    case = rivals.mirror.case
    rivals.mirror.memory.now = 1_711_900_800  # 31 March 2024 is over in UTC+8 (DOMAIN 11)
    for turn in range(ROUNDS):
        words = [case.determination(tonnes=900 + turn), case.determination(tonnes=1_900 + turn)]
        entries = [sign(rivals, "determination", body, memory.PARK, f"way-{turn}-{n}") for n, body in enumerate(words)]
        entered, refused = rivals.one_enters(entries)
        # The revision that both claim is the winner's now.
        assert (refused.step, refused.rule, refused.value) == (11, "registration.content", str(turn + 1))
        assert_refused_alike(rivals, refused, entries[1 - entered])
        found = rivals.mirror.memory.registrations_of(case.works, casework.YEAR)[-1]
        assert (found.revision, found.tonnes) == (turn + 1, words[entered].tonnes)
    rivals.whole()


LAST, FIRST = -1, 0
"""Seconds from the end of the objection window: the last in which it is open, the first in which it is not."""


@pytest.mark.parametrize(
    ("objects_at", "registers_at", "rules"),
    [
        (LAST, LAST, {"objection": {"registration.objection", "registration.early"}}),
        (FIRST, FIRST, {"registration": {"objection.late"}}),
        # One machine's clock is a second behind the other's: the second in which both look admissible.
        (LAST, FIRST, {"objection": {"registration.objection"}, "registration": {"objection.late"}}),
    ],
    ids=["last-second", "first-second-after", "clocks-apart"],
)
def test_of_an_objection_and_a_registration_at_the_windows_end_one_is_logged(
    rivals: Rivals, objects_at: int, registers_at: int, rules: dict[str, set[str]]
) -> None:
    case, log = rivals.mirror.case, rivals.mirror.memory
    case.appoint()
    case.report()
    for turn in range(ROUNDS):
        verdict = case.verify()
        until = objection_until(log.verdict(verdict.statement_id), log)
        log.now = until + min(objects_at, registers_at)
        objection = casework.RaiseObjection(verification=verdict.statement_id.hex(), grounds="a ticket was overlooked")
        entries = [
            sign(rivals, "objection", objection, case.works, f"way-{turn}"),
            sign(rivals, "registration", case.registration(verdict), memory.PARK, f"way-{turn}"),
        ]
        entered, refused = rivals.one_enters(entries, [until + objects_at, until + registers_at])
        assert refused.step == 11
        assert refused.rule in rules[("objection", "registration")[entered]], (entered, refused)
        log.now = until + 1
        if entered == 0:
            case.decide(log.entries[-1].statement, upheld=False)
        case.resubmit(f"{90 - turn}.00")
    rivals.whole()


def test_a_registered_verdict_is_not_objected_to_by_whose_clock_is_behind(rivals: Rivals) -> None:
    """In this order, whatever the threads do: else an upheld objection would void a figure that stands on chain."""
    case, log = rivals.mirror.case, rivals.mirror.memory
    case.appoint()
    case.report()
    verdict = case.verify()
    until = objection_until(log.verdict(verdict.statement_id), log)
    log.now = until
    case.register(verdict)
    index = log.next_index - 1
    log.now = until - 1
    with pytest.raises(AttestationError) as refused:
        case.object(verdict)
    assert (refused.value.rule, refused.value.value) == (
        "objection.late",
        f"{verdict.statement_id.hex()}, registered by entry {index}",
    )
    rivals.whole()


def resubmission(rivals: Rivals, case: Any) -> bytes:
    standing = case.log.standing_report(case.works, casework.YEAR)
    changed = {"supersedes": standing.statement_id.hex(), "reason": "weighed again"}
    return sign(rivals, "report", case.report_body("60.00", **changed), case.works, "other-way")


def handover(rivals: Rivals, case: Any) -> bytes:
    assignment = case.log.assignments_of(case.works, casework.YEAR)[-1].statement_id.hex()
    body = casework.EndAssignment(assignment=assignment, reason="handed over")
    return sign(rivals, "assignment", body, memory.PARK, "other-way")


def tie(rivals: Rivals, case: Any) -> bytes:
    body = DeclareTie(a=case.works, b=casework.V1, reason="one owner")
    return sign(rivals, "admission", body, casework.OFFICER, "other-way")


@pytest.mark.parametrize("other", [resubmission, handover, tie])
@pytest.mark.parametrize("step", ["verdict", "registration"])
def test_a_step_and_what_takes_its_ground_away_at_once_are_as_if_one_came_after_the_other(
    rivals: Rivals, step: str, other: Callable[[Rivals, Any], bytes]
) -> None:
    """Both are logged where the step was quicker; else the step is refused for what was (DOMAIN 8, 44)."""
    case, log = rivals.mirror.case, rivals.mirror.memory
    case.appoint()
    case.report()
    if step == "verdict":
        first = sign(rivals, "verification", case.verdict(), casework.V1, "way")
    else:
        verdict = case.verify()
        case.at(20)
        first = sign(rivals, "registration", case.registration(verdict), memory.PARK, "way")
    second = other(rivals, case)
    outcomes = rivals.at_once([first, second])
    assert isinstance(outcomes[1], Accepted), outcomes[1]
    rivals.mirror.catch_up()
    rivals.whole()
    logged = [one.statement.entry for one in log.entries]
    if isinstance(outcomes[0], Accepted):
        assert logged[-2:] == [first, second]
    else:
        assert logged[-1] == second
        assert_refused_alike(rivals, outcomes[0].error, first)


def enrolments(rivals: Rivals, turn: int) -> list[bytes]:
    """Two keys that claim one admission with its code, for one enterprise (DOMAIN 47)."""
    case = rivals.mirror.case
    name, code = f"88.608.70{turn:02}/glass", f"{turn:032x}"
    review = ReviewApplication(
        application="0a" * 32,
        identifier=name,
        kind="enterprise",
        credit_code="91110000600037341L",
        recommended=True,
        reason="seen",
    )
    reviewed = case.accept("admission", review, iss=PERSONS[0]).statement_id.hex()
    approval = ApproveApplication(review=reviewed, code_hash=code_hash(code))
    admission = case.accept("admission", approval, iss=PERSONS[1]).statement_id.hex()
    return [
        sign(
            rivals,
            "key",
            msgspec.structs.replace(
                case.park.key_body(
                    name,
                    Kind.ENTERPRISE,
                    Purpose.STATEMENT,
                    parent=memory.PARK,
                    key=memory.seeded(Algorithm.ED25519, n),
                ),
                admission=admission,
                code=code,
            ),
            memory.PARK,
            f"way-{turn}-{n}",
        )
        for n in (200 + 2 * turn, 201 + 2 * turn)
    ]


def test_a_one_time_code_that_is_shown_twice_at_once_enrols_one_key(rivals: Rivals) -> None:
    for person in PERSONS:
        rivals.mirror.case.park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=memory.PARK)
    for turn in range(ROUNDS):
        entries = enrolments(rivals, turn)
        entered, refused = rivals.one_enters(entries)
        assert (refused.step, refused.rule) == (11, "admission.code_used")
        assert_refused_alike(rivals, refused, entries[1 - entered])
    rivals.whole()
